/** Measures the renderer beside its peers and prints one table; `--quick` for a first impression. */
import { parseArgs } from "node:util";
import { makeFolder } from "../test/support/folder.ts";
import { type Bench, fileRows, startRow } from "./files.ts";
import { requireTime } from "./measure.ts";
import { buildDrop, machineText } from "./program.ts";
import { filterRow, prometheusRows, tagRows } from "./sources.ts";
import { type Row, tableText } from "./table.ts";

const { values } = parseArgs({ options: { quick: { type: "boolean", default: false } } });

await requireTime();
const folder = await makeFolder("bench");
const bench: Bench = {
  folder: folder.path,
  program: await buildDrop(),
  rounds: values.quick ? 3 : 5,
  quick: values.quick,
};
try {
  const rows: Row[] = [];
  for (const part of [startRow, fileRows, tagRows, filterRow, prometheusRows]) {
    process.stderr.write(`${part.name} …\n`);
    rows.push(...[await part(bench)].flat());
  }
  process.stdout.write(`${tableText(rows)}\n${machineText()}\n`);
} finally {
  await folder.remove();
}
