/** Run before the tests: gets every program that they talk to, so that no test waits for a build; `--e2e` for the end-to-end ones. */

import { versionOf } from "./tool-sources.ts";
import { type ToolName, toolsOf } from "./tool-table.ts";
import { findTool, forgetFailure, MissingTool } from "./tools.ts";

interface Row {
  readonly name: ToolName;
  readonly version: string;
  readonly from: string;
  readonly missing?: string;
}

async function prepare(name: ToolName): Promise<Row> {
  await forgetFailure(name);
  try {
    const { path, from } = await findTool(name);
    return { name, version: await versionOf(name, path), from };
  } catch (error) {
    if (!(error instanceof MissingTool)) throw error;
    return { name, version: "MISSING", from: "see below", missing: error.message };
  }
}

const rows: Row[] = [];
// One after the other: each build already takes every core.
const layer = process.argv.includes("--e2e") ? "e2e" : "test";
for (const name of toolsOf(layer)) rows.push(await prepare(name));

for (const { name, version, from } of rows) {
  process.stdout.write(`${name.padEnd(23)} ${version.padEnd(24)} ${from}\n`);
}
const missing = rows.flatMap((row) => row.missing ?? []);
for (const message of missing) process.stderr.write(`\nMISSING: ${message}\n`);
if (missing.length > 0 && process.env["CI"] === "true") process.exitCode = 1;
