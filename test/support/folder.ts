import { rmSync } from "node:fs";
import { mkdtemp, rm, statfs } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { atExit } from "./at-exit.ts";

/** A folder of its own for one test, gone after `remove()` and at the latest when the process ends. */
export interface Folder {
  readonly path: string;
  remove(): Promise<void>;
}

/** A server just killed may still be writing its last file. */
const patiently = { recursive: true, force: true, maxRetries: 5, retryDelay: 20 } as const;

/** Makes an empty folder under the system's temporary one. */
export function makeFolder(purpose: string): Promise<Folder> {
  return makeFolderIn(tmpdir(), purpose);
}

/** Makes an empty folder in memory where there is room, for servers that sync every small file to disk. */
export async function makeFastFolder(purpose: string): Promise<Folder> {
  return makeFolderIn((await roomIn(memory)) >= enoughBytes ? memory : tmpdir(), purpose);
}

const memory = "/dev/shm";
/** Containers often have 64 MiB there, which ten thousand tags would fill. */
const enoughBytes = 1024 ** 3;

async function roomIn(path: string): Promise<number> {
  return statfs(path).then(
    ({ bavail, bsize }) => bavail * bsize,
    () => 0,
  );
}

async function makeFolderIn(parent: string, purpose: string): Promise<Folder> {
  const path = await mkdtemp(join(parent, `drop-test-${purpose}-${process.pid}-`));
  const forget = removeAtExit(path);
  return {
    path,
    async remove() {
      await rm(path, patiently);
      forget();
    },
  };
}

/** Removes a folder that something else made when the process ends; gives what takes it back. */
export function removeAtExit(path: string): () => void {
  return atExit(() => rmSync(path, patiently));
}
