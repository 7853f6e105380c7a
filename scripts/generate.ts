/** Writes what follows from crds/: types, schemas, defaults and docs/reference.md. `--check` only compares. */
import { readFileSync, writeFileSync } from "node:fs";
import { readKinds } from "./generate/crd.ts";
import { generatedFiles } from "./generate/files.ts";

const root = new URL("../", import.meta.url);
const checkOnly = process.argv.includes("--check");
const stale: string[] = [];
for (const [path, text] of generatedFiles(readKinds(new URL("crds", root).pathname))) {
  if (read(path) === text) continue;
  stale.push(path);
  if (!checkOnly) writeFileSync(new URL(path, root), text);
}
if (checkOnly && stale.length > 0) {
  console.error(`stale: ${stale.join(", ")}; run npm run generate`);
  process.exitCode = 1;
}

function read(path: string): string | undefined {
  try {
    return readFileSync(new URL(path, root), "utf8");
  } catch {
    return undefined;
  }
}
