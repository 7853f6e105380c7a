/** Measures the renderer beside its peers and prints one table; `--quick` for a first impression. */
import { cpus } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { run } from "../test/support/child.ts";
import { projectFolder } from "../test/support/drop.ts";
import { makeFolder } from "../test/support/folder.ts";
import { type Bench, fileRows, startRow } from "./files.ts";
import { requireTime } from "./measure.ts";
import { filterRow, prometheusRows, tagRows } from "./sources.ts";
import { type Row, tableText } from "./table.ts";

const { values } = parseArgs({ options: { quick: { type: "boolean", default: false } } });

await requireTime();
await build();
const folder = await makeFolder("bench");
const bench: Bench = {
  folder: folder.path,
  program: join(projectFolder, "dist", "drop.js"),
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

async function build(): Promise<void> {
  const script = join(projectFolder, "scripts", "build.ts");
  const { code, stderr } = await run(process.execPath, [script]);
  if (code !== 0) throw new Error(`the build failed: ${stderr}`);
}

function machineText(): string {
  const cores = cpus();
  const model = cores[0]?.model.trim() ?? "an unknown processor";
  return `${cores.length} cores of ${model}, Node.js ${process.versions.node}, ${process.platform}`;
}
