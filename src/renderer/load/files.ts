import { isUtf8 } from "node:buffer";
import { constants, createReadStream, readdirSync } from "node:fs";
import { lstat, realpath, stat } from "node:fs/promises";
import { isAbsolute, join, relative, resolve, sep } from "node:path";
import type { Readable } from "node:stream";
import { printable } from "../../api/printable.ts";
import { fileBytes } from "../folder/file-bytes.ts";
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

/** In characters, as Linux has it: what is cut would name no file, and perhaps two the same. */
const LONGEST_PATH = 4_096;

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
      : new Map([
          [await realPath(path), { path, shownAs: printable(path, LONGEST_PATH), named: true }],
        ]);
    for (const [real, file] of files) {
      if (!found.has(real) && !isExcluded(real, excluded)) found.set(real, file);
    }
  }
  return [...found.values()].sort((a, b) => (a.shownAs < b.shownAs ? -1 : 1));
}

/** The files in a folder by their real paths. */
async function filesBelow(
  root: string,
  excluded: readonly string[],
): Promise<ReadonlyMap<string, InputFile>> {
  const files = new Map<string, InputFile>();
  const realRoot = await realPath(root);
  const open = [root];
  const visited = new Set<string>();
  for (let folder = open.pop(); folder !== undefined; folder = open.pop()) {
    const real = await realPath(folder);
    if (visited.has(real) || isExcluded(real, excluded)) continue;
    visited.add(real);
    for (const entry of entriesOf(folder)) {
      const path = join(folder, entry.name);
      const { type, target } = entry.isSymbolicLink()
        ? await linkedFrom(path, realRoot)
        : { type: entry, target: join(real, entry.name) };
      if (type?.isDirectory() && !SKIPPED_FOLDERS.has(entry.name)) open.push(path);
      else if (type?.isFile() && MANIFEST.test(entry.name) && !files.has(target))
        files.set(target, { path, shownAs: printable(path, LONGEST_PATH), named: false });
    }
  }
  return files;
}

function entriesOf(folder: string) {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch (cause) {
    throw unreadable(folder, cause);
  }
}

/** What a link leads to, unless it leads nowhere or out of the folder. */
async function linkedFrom(path: string, realRoot: string) {
  const target = await realPath(path);
  const type = isWithin(target, realRoot) ? await lstat(target).catch(() => undefined) : undefined;
  return { target, type };
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

function unreadable(location: string, cause: unknown): InputError {
  const path = printable(location);
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
  return new InputError(`${path}: ${printable(reason)}`, "check the path", { cause });
}

/** The text of a file, or its size in bytes where that is more than is read. */
export async function readInput(
  file: InputFile,
  signal: AbortSignal,
): Promise<{ readonly text: string } | { readonly bytes: number }> {
  if (!file.named) return readOrdinary(file.path);
  const stats = await stat(file.path).catch((cause: unknown) => {
    throw unreadable(file.path, cause);
  });
  if (stats.isFile()) return readOrdinary(file.path);
  const stream = createReadStream(file.path, { signal });
  return readStream(stream).catch((cause: unknown) => {
    signal.throwIfAborted();
    throw unreadable(file.path, cause);
  });
}

/** Without waiting, should the file have become a pipe since its folder was read. */
const READING = {
  flags: constants.O_RDONLY | constants.O_NONBLOCK,
  maxBytes: MAX_FILE_BYTES,
} as const;

function readOrdinary(path: string): { readonly text: string } | { readonly bytes: number } {
  try {
    const bytes = fileBytes(path, READING);
    return typeof bytes === "number" ? { bytes } : { text: decodeText(bytes) };
  } catch (cause) {
    throw unreadable(path, cause);
  }
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

const UTF8 = new TextDecoder("utf-8");

/**
 * UTF-8, or UTF-16 where the byte order mark says so; the mark itself is dropped. In bytes that are neither, each
 * replacement character becomes U+FFFE, which YAML allows nowhere, so that the place is reported.
 */
function decodeText(bytes: Uint8Array): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder("utf-16le").decode(bytes);
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return new TextDecoder("utf-16be").decode(bytes);
  const text = UTF8.decode(bytes);
  return isUtf8(bytes) ? text : text.replaceAll("\ufffd", "\ufffe");
}
