/** Measures the webhook beside its peers and prints one table; `--quick` for a first impression. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { makeFolder } from "../test/support/folder.ts";
import { makePair, writePair } from "../test/webhook/certificates.ts";
import { buildDrop, machineText } from "./program.ts";
import { type Row, tableText } from "./table.ts";
import { contestants } from "./webhook/contestants.ts";
import { KINDS, measureLoad, measureRest, type Plan, startAll } from "./webhook/rounds.ts";
import { loadRows, restRows } from "./webhook/rows.ts";
import { worstRows } from "./webhook/worst.ts";

const { values } = parseArgs({ options: { quick: { type: "boolean", default: false } } });

const plan: Plan = values.quick
  ? { rounds: 2, floodSeconds: 2, pacedSeconds: 3, warmUpSeconds: 3, idleSeconds: 2 }
  : { rounds: 5, floodSeconds: 5, pacedSeconds: 8, warmUpSeconds: 6, idleSeconds: 4 };
const say = (text: string) => process.stderr.write(`${text} …\n`);

const { path, remove } = await makeFolder("bench-webhook");
try {
  const folders = { folder: path, certificates: path };
  const pair = await makePair();
  await writePair(path, pair);
  await writeFile(join(path, "ca.crt"), pair.caPem);
  say("building");
  await buildDrop();
  const all = await contestants(path);
  say("starting each by itself");
  const rest = await measureRest(all, plan, folders);
  say("loading");
  const servings = await startAll(all, folders);
  const rows: Row[] = [];
  for (const kind of KINDS) {
    rows.push(...loadRows(kind, await measureLoad(servings, kind, { plan, folders })));
  }
  rows.push(
    ...restRows(
      rest,
      servings.map((serving) => serving.memory().peakMiB),
    ),
  );
  for (const serving of servings) await serving.end();
  say("the worst patterns and objects");
  rows.push(...(await worstRows(plan.rounds)));
  process.stdout.write(`${tableText(rows)}\n${machineText()}\n`);
} finally {
  await remove();
}
