import { constants, type Dirent, lstatSync, readdirSync, type Stats } from "node:fs";
import { join, sep } from "node:path";
import { setImmediate } from "node:timers/promises";
import { byCodeUnit } from "../canonical.ts";
import {
  isLeftover,
  isOwnName,
  isSetName,
  KUSTOMIZATION_NAME,
  LOCK_NAME,
} from "../manifest/names.ts";
import { fileBytes } from "./file-bytes.ts";
import { attemptSync, codeOf, FolderError } from "./folder-error.ts";
import type { OutputTree, SetFolder, TreeEntry } from "./tree.ts";

/** Drop writes none that are larger; a lock of the largest set has about 1 MiB. In bytes. */
const MAX_FILE_SIZE = 8 * 1024 * 1024;
const MAX_NAMES = 100_000;

/** Folders looked at between two looks at signals. */
const STRETCH = 16;

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
  const inside = entriesOf(path, signal);
  const names = inside.map(({ name }) => name);
  const wantedSets = new Set(sets);
  const folders = new Map<string, SetFolder>();
  const obstacles = new Map<string, string>();
  const leftovers = names.filter(isLeftover);
  for (const [index, entry] of inside.filter(({ name }) => isSetName(name)).entries()) {
    if (index % STRETCH === STRETCH - 1) await setImmediate();
    signal.throwIfAborted();
    const { name } = entry;
    const wanted = wantedSets.has(name);
    const type = typeOf(entry);
    if (type !== "folder") {
      if (wanted) obstacles.set(name, described(type));
      continue;
    }
    if (!wanted && typeAt(join(path, name, LOCK_NAME)) === undefined) continue;
    const files = entriesOf(join(path, name), signal);
    const readable = wanted || others;
    if (readable) leftovers.push(...leftoversIn(name, files));
    folders.set(name, readFolder(join(path, name), files, readable));
  }
  const listing = inside.find(({ name }) => name === KUSTOMIZATION_NAME);
  const kustomization = listing && { kustomization: readEntry(path, listing) };
  return { names: new Set(names), sets: folders, obstacles, leftovers, ...kustomization };
}

function leftoversIn(folder: string, files: readonly Dirent[]): readonly string[] {
  return files.filter(({ name }) => isLeftover(name)).map(({ name }) => `${folder}/${name}`);
}

function readFolder(path: string, files: readonly Dirent[], readable: boolean): SetFolder {
  const entries = new Map<string, TreeEntry>();
  for (const file of files) {
    if (!isOwnName(file.name)) continue;
    entries.set(file.name, readable ? readEntry(path, file) : { type: "unread" });
  }
  return entries;
}

/** What is in a folder, sorted by name; nothing when it does not exist. */
function entriesOf(path: string, signal: AbortSignal): readonly Dirent[] {
  signal.throwIfAborted();
  const entries = attemptSync({ verb: "read the folder", path }, () => {
    try {
      return readdirSync(path, { withFileTypes: true });
    } catch (error) {
      if (codeOf(error) === "ENOENT") return [];
      throw error;
    }
  });
  if (entries.length <= MAX_NAMES) return entries.sort((a, b) => byCodeUnit(a.name, b.name));
  const tooMany = new Error(`it holds more than ${MAX_NAMES} files; choose another --output-dir`);
  throw new FolderError({ verb: "read the folder", path }, tooMany);
}

type PathType = "file" | "folder" | "link" | "special";

function typeAt(path: string): PathType | undefined {
  const found = attemptSync({ verb: "look at", path }, () =>
    lstatSync(path, { throwIfNoEntry: false }),
  );
  return found && typeOf(found);
}

function typeOf(found: Dirent | Stats): PathType {
  if (found.isSymbolicLink()) return "link";
  if (found.isDirectory()) return "folder";
  return found.isFile() ? "file" : "special";
}

/** Since the folder was listed the file may have become a link, which must not be followed, or a pipe. */
const READING = {
  flags: constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK,
  maxBytes: MAX_FILE_SIZE,
} as const;

const UTF8 = new TextDecoder("utf-8", { fatal: true });

function readEntry(folder: string, entry: Dirent): TreeEntry {
  const type = typeOf(entry);
  if (type !== "file") return { type: "other", what: described(type) };
  const path = `${folder}${sep}${entry.name}`;
  const bytes = attemptSync({ verb: "read", path }, () => fileBytes(path, READING));
  if (typeof bytes === "number") {
    return { type: "other", what: `larger than ${MAX_FILE_SIZE} bytes` };
  }
  try {
    return { type: "file", text: UTF8.decode(bytes) };
  } catch {
    return { type: "other", what: "not UTF-8 text" };
  }
}

function described(type: PathType): string {
  if (type === "link") return "a symbolic link";
  if (type === "special") return "no ordinary file";
  return `a ${type}`;
}
