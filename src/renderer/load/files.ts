import { createReadStream } from "node:fs";
import { lstat, opendir, realpath, stat } from "node:fs/promises";
import { isAbsolute, join, relative, resolve, sep } from "node:path";
import type { Readable } from "node:stream";
import { MAX_FILE_BYTES } from "./limits.ts";

/** A file to read: its path on disk and the name that problems show. */
export interface InputFile {
  readonly path: string;
  readonly shownAs: string;
  /** True when the user named the file itself, rather than a folder above it. */
  readonly named: boolean;
}

/** An input that cannot be read at all. `fix` is an instruction. */
export class InputError extends Error {
  override readonly name = "InputError";
  readonly fix: string;

  constructor(message: string, fix: string, options?: ErrorOptions) {
    super(message, options);
    this.fix = fix;
  }
}

const MANIFEST = /\.(ya?ml|json)$/i;
const SKIPPED_FOLDERS = new Set([".git", "node_modules"]);

/**
 * The YAML and JSON files that the paths name, folders searched at any depth, each file once, in a total order.
 * Symbolic links that lead out of their folder are not followed, nor is anything at or below `exclude` read.
 */
export async function listInputs(
  paths: readonly string[],
  exclude: readonly string[] = [],
): Promise<readonly InputFile[]> {
  const found = new Map<string, InputFile>();
  const excluded = await Promise.all(exclude.map(realPath));
  for (const path of paths) {
    const stats = await stat(path).catch((cause: unknown) => {
      throw unreadable(path, cause);
    });
    const files = stats.isDirectory()
      ? await filesBelow(path, excluded)
      : [{ path, shownAs: path, named: true }];
    for (const file of files) {
      const real = await realPath(file.path);
      if (!found.has(real) && !isExcluded(real, excluded)) found.set(real, file);
    }
  }
  return [...found.values()].sort((a, b) => (a.shownAs < b.shownAs ? -1 : 1));
}

async function filesBelow(
  root: string,
  excluded: readonly string[],
): Promise<readonly InputFile[]> {
  const files: InputFile[] = [];
  const realRoot = await realPath(root);
  const open = [root];
  const visited = new Set<string>();
  for (let folder = open.pop(); folder !== undefined; folder = open.pop()) {
    const real = await realPath(folder);
    if (visited.has(real) || isExcluded(real, excluded)) continue;
    visited.add(real);
    for await (const entry of await opendir(folder)) {
      const path = join(folder, entry.name);
      const type = entry.isSymbolicLink() ? await linkedType(path, realRoot) : entry;
      if (type?.isDirectory() && !SKIPPED_FOLDERS.has(entry.name)) open.push(path);
      else if (type?.isFile() && MANIFEST.test(entry.name))
        files.push({ path, shownAs: path, named: false });
    }
  }
  return files;
}

/** What a link leads to, unless it leads nowhere or out of the folder. */
async function linkedType(path: string, realRoot: string) {
  const target = await realpath(path).catch(() => undefined);
  if (target === undefined || !isWithin(target, realRoot)) return undefined;
  return lstat(target);
}

function isWithin(path: string, folder: string): boolean {
  const way = relative(folder, path);
  return way === "" || (!way.startsWith(`..${sep}`) && way !== ".." && !isAbsolute(way));
}

function isExcluded(path: string, excluded: readonly string[]): boolean {
  return excluded.some((folder) => isWithin(path, folder));
}

async function realPath(path: string): Promise<string> {
  return realpath(path).catch(() => resolve(path));
}

function unreadable(path: string, cause: unknown): InputError {
  const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
  if (code === "ENOENT") {
    return new InputError(`${path}: there is no such file or folder`, "correct the path", {
      cause,
    });
  }
  if (code === "EACCES" || code === "EPERM") {
    return new InputError(`${path}: may not be read`, "give this user the right to read it", {
      cause,
    });
  }
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new InputError(`${path}: ${reason}`, "check the path", { cause });
}

/** The text of a file, or its size in bytes where that is more than is read. */
export async function readInput(
  file: InputFile,
  signal: AbortSignal,
): Promise<{ readonly text: string } | { readonly bytes: number }> {
  const stats = await stat(file.path).catch((cause: unknown) => {
    throw unreadable(file.path, cause);
  });
  if (stats.isFile() && stats.size > MAX_FILE_BYTES) return { bytes: stats.size };
  const stream = createReadStream(file.path, { signal });
  return readStream(stream).catch((cause: unknown) => {
    signal.throwIfAborted();
    throw unreadable(file.path, cause);
  });
}

/** The text of a stream such as standard input, read no further than one file may be long. */
export async function readStream(
  stream: Readable,
): Promise<{ readonly text: string } | { readonly bytes: number }> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of stream) {
    const part: Uint8Array = typeof chunk === "string" ? Buffer.from(chunk) : chunk;
    bytes += part.length;
    if (bytes > MAX_FILE_BYTES) {
      stream.destroy();
      return { bytes };
    }
    chunks.push(part);
  }
  return { text: decodeText(Buffer.concat(chunks)) };
}

/** UTF-8, or UTF-16 where the byte order mark says so; the mark itself is dropped. */
function decodeText(bytes: Buffer): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder("utf-16le").decode(bytes);
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return new TextDecoder("utf-16be").decode(bytes);
  return new TextDecoder("utf-8").decode(bytes);
}
