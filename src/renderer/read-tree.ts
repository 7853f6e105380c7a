import { constants } from "node:fs";
import { type FileHandle, lstat, open, readdir } from "node:fs/promises";
import { join } from "node:path";
import { byCodeUnit } from "./canonical.ts";
import { attempt, codeOf } from "./folder-error.ts";
import { isLeftover, isOwnName, isSetName, KUSTOMIZATION_NAME, LOCK_NAME } from "./names.ts";
import type { OutputTree, SetFolder, TreeEntry } from "./tree.ts";

/** Drop writes none that are larger; a lock of the largest set has about 1 MiB. In bytes. */
const MAX_FILE_SIZE = 8 * 1024 * 1024;
const MAX_NAMES = 100_000;

export interface ReadTreeInput {
  /** The output folder; it need not exist. */
  readonly path: string;
  /** The sets whose folders are read. */
  readonly sets: readonly string[];
  /** Whether the folders of other sets are read too; else only their existence is noted. */
  readonly others: boolean;
}

/** Reads what Drop may have written in an output folder. Symbolic links below it are reported and never followed. */
export async function readTree(
  { path, sets, others }: ReadTreeInput,
  signal: AbortSignal,
): Promise<OutputTree> {
  const names = await namesIn(path, signal);
  const folders = new Map<string, SetFolder>();
  const obstacles = new Map<string, string>();
  const leftovers = names.filter(isLeftover);
  for (const name of names) {
    signal.throwIfAborted();
    const wanted = sets.includes(name);
    if (!isSetName(name)) continue;
    const type = await typeOf(join(path, name));
    if (type !== "folder") {
      if (wanted && type !== undefined) obstacles.set(name, described(type));
      continue;
    }
    const isLocked = wanted || (await typeOf(join(path, name, LOCK_NAME))) !== undefined;
    if (!isLocked) continue;
    const inside = await namesIn(join(path, name), signal);
    const readable = wanted || others;
    if (readable) leftovers.push(...inside.filter(isLeftover).map((file) => `${name}/${file}`));
    folders.set(name, await readFolder(join(path, name), inside.filter(isOwnName), readable));
  }
  const listing = names.includes(KUSTOMIZATION_NAME)
    ? await readEntry(join(path, KUSTOMIZATION_NAME))
    : undefined;
  const kustomization = listing && { kustomization: listing };
  return { names: new Set(names), sets: folders, obstacles, leftovers, ...kustomization };
}

async function readFolder(
  path: string,
  names: readonly string[],
  readable: boolean,
): Promise<SetFolder> {
  const entries = new Map<string, TreeEntry>();
  for (const name of names) {
    const entry = readable ? await readEntry(join(path, name)) : { type: "unread" as const };
    if (entry !== undefined) entries.set(name, entry);
  }
  return entries;
}

/** The names in a folder, sorted; none when it does not exist. */
async function namesIn(path: string, signal: AbortSignal): Promise<readonly string[]> {
  signal.throwIfAborted();
  const names = await attempt({ verb: "read the folder", path }, async () => {
    try {
      return await readdir(path);
    } catch (error) {
      if (codeOf(error) === "ENOENT") return [];
      throw error;
    }
  });
  if (names.length <= MAX_NAMES) return names.toSorted(byCodeUnit);
  const tooMany = new Error(`it holds more than ${MAX_NAMES} files; choose another --output-dir`);
  return attempt({ verb: "read the folder", path }, () => Promise.reject(tooMany));
}

type PathType = "file" | "folder" | "link" | "special";

async function typeOf(path: string): Promise<PathType | undefined> {
  return attempt({ verb: "look at", path }, async () => {
    try {
      const found = await lstat(path);
      if (found.isSymbolicLink()) return "link";
      if (found.isDirectory()) return "folder";
      return found.isFile() ? "file" : "special";
    } catch (error) {
      if (codeOf(error) === "ENOENT") return undefined;
      throw error;
    }
  });
}

async function readEntry(path: string): Promise<TreeEntry | undefined> {
  const type = await typeOf(path);
  if (type === undefined) return undefined;
  if (type !== "file") return { type: "other", what: described(type) };
  return attempt({ verb: "read", path }, async () => {
    // Between the look and the opening the file may have become a link, which must not be followed, or a pipe.
    const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
    const handle = await open(path, flags);
    try {
      return await readHandle(handle);
    } finally {
      await handle.close();
    }
  });
}

async function readHandle(handle: FileHandle): Promise<TreeEntry> {
  const { size } = await handle.stat();
  if (size > MAX_FILE_SIZE) return { type: "other", what: `larger than ${MAX_FILE_SIZE} bytes` };
  const bytes = await handle.readFile();
  try {
    return { type: "file", text: new TextDecoder("utf-8", { fatal: true }).decode(bytes) };
  } catch {
    return { type: "other", what: "not UTF-8 text" };
  }
}

function described(type: PathType): string {
  if (type === "link") return "a symbolic link";
  if (type === "special") return "no ordinary file";
  return `a ${type}`;
}
