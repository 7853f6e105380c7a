import assert from "node:assert/strict";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { byCodeUnit } from "../../src/renderer/canonical.ts";

const UPDATE = process.env["UPDATE_GOLDEN"] === "1";

/** The text of every file below a folder by its path there, sorted. */
export async function readFiles(folder: string): Promise<ReadonlyMap<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = new Map<string, string>();
  for (const entry of entries.filter((found) => found.isFile())) {
    const path = join(entry.parentPath, entry.name);
    files.set(path.slice(folder.length + 1), await readFile(path, "utf8"));
  }
  return new Map([...files].toSorted(([a], [b]) => byCodeUnit(a, b)));
}

/** Compares files with those of a golden folder, which UPDATE_GOLDEN=1 writes anew. */
export async function assertGolden(
  folder: string,
  files: ReadonlyMap<string, string>,
): Promise<void> {
  if (UPDATE) {
    await rm(folder, { recursive: true, force: true });
    for (const [path, text] of files) {
      await mkdir(dirname(join(folder, path)), { recursive: true });
      await writeFile(join(folder, path), text);
    }
  }
  const sorted = new Map([...files].toSorted(([a], [b]) => byCodeUnit(a, b)));
  assert.deepEqual(sorted, await readFiles(folder), "UPDATE_GOLDEN=1 writes the new ones");
}
