import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

const folder = join(import.meta.dirname, "..", "reconciler", "messages");

/** Holds what real servers say to what the tests of the classification know of them; UPDATE_GOLDEN=1 writes it down anew. */
export async function assertRecorded(file: string, now: readonly object[]): Promise<void> {
  const path = join(folder, file);
  if (process.env["UPDATE_GOLDEN"] === "1")
    await writeFile(path, `${JSON.stringify(now, null, 2)}\n`);
  assert.deepEqual(now, JSON.parse(await readFile(path, "utf8")));
}
