import { mkdir, open, rename, rmdir, stat, unlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { attempt, codeOf } from "./folder-error.ts";
import { LOCK_NAME, temporaryName } from "./names.ts";
import type { Action } from "./plan.ts";

export interface ApplyInput {
  /** The output folder; made when it does not exist. */
  readonly path: string;
  readonly actions: readonly Action[];
  /** What an interrupted run left half written, as paths in the output folder. */
  readonly leftovers: readonly string[];
}

/**
 * Carries out the actions one after the other, each file at once or not at all: written beside its place, synced to
 * disk, renamed. What stands before a lock in the order is on disk before the lock is, and the lock before what follows.
 * An abort stops between two actions; the next run repairs the rest.
 */
export async function applyActions(
  { path, actions, leftovers }: ApplyInput,
  signal: AbortSignal,
): Promise<void> {
  for (const leftover of leftovers) await remove(join(path, leftover));
  const touched = new Set<string>();
  for (const action of actions) {
    signal.throwIfAborted();
    const isLock = action.path.endsWith(`/${LOCK_NAME}`);
    if (isLock) await syncAll(touched);
    const file = join(path, action.path);
    if (action.type === "write") await write(file, action.text);
    else await remove(file);
    touched.add(dirname(file));
    if (isLock) await syncAll(touched);
    if (isLock && action.type === "remove") await removeEmpty(dirname(file));
  }
  await syncAll(touched);
}

async function write(file: string, text: string): Promise<void> {
  const folder = dirname(file);
  await attempt({ verb: "make the folder", path: folder }, () => makeFolder(folder));
  const temporary = join(folder, temporaryName(file.slice(folder.length + 1)));
  await remove(temporary);
  await attempt({ verb: "write", path: file }, async () => {
    try {
      await writeSynced(temporary, text);
      await rename(temporary, file);
    } catch (error) {
      // The disk may be full: what cannot be used should not take up room.
      await unlink(temporary).catch(() => undefined);
      throw error;
    }
  });
}

/** Node's own `recursive` never ends where the system answers ENOENT below a folder that exists, as /proc does. */
async function makeFolder(path: string): Promise<void> {
  const missing: string[] = [];
  let folder = path;
  while (!(await exists(folder))) {
    missing.push(folder);
    folder = dirname(folder);
  }
  for (const one of missing.reverse()) await mkdir(one);
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if (codeOf(error) === "ENOENT") return false;
    throw error;
  }
}

/** `wx` refuses whatever stands at the path, so that a link planted there is not written through. */
async function writeSynced(path: string, text: string): Promise<void> {
  const handle = await open(path, "wx", 0o644);
  try {
    await handle.writeFile(text, "utf8");
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function remove(path: string): Promise<void> {
  await attempt({ verb: "remove", path }, async () => {
    try {
      await unlink(path);
    } catch (error) {
      if (codeOf(error) !== "ENOENT") throw error;
    }
  });
}

/** A folder that still holds something of a person's stays. */
async function removeEmpty(folder: string): Promise<void> {
  await attempt({ verb: "remove the folder", path: folder }, async () => {
    try {
      await rmdir(folder);
    } catch (error) {
      const code = codeOf(error) ?? "";
      if (!["ENOTEMPTY", "EEXIST", "ENOENT"].includes(code)) throw error;
    }
  });
}

async function syncAll(folders: Set<string>): Promise<void> {
  for (const folder of folders) await syncFolder(folder);
  folders.clear();
}

/** Makes renames and removals in a folder last through a power failure, where the system can. */
async function syncFolder(path: string): Promise<void> {
  await attempt({ verb: "sync the folder", path }, async () => {
    try {
      const handle = await open(path, "r");
      await handle.sync().finally(() => handle.close());
    } catch (error) {
      // Some file systems, and Windows, do not sync folders; a folder just removed needs it no more.
      if (!["EINVAL", "EPERM", "EISDIR", "ENOENT"].includes(codeOf(error) ?? "")) throw error;
    }
  });
}
