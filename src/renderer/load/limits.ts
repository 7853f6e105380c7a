import type { Fault } from "../../api/parsed.ts";

/** The largest file that is read. Ten thousand CachedImages are about 4 MiB. */
export const MAX_FILE_BYTES = 16 * 1024 * 1024;
const MAX_LINES = 1_000_000;

// The YAML parser takes quadratic time over these, and nothing that people write looks like them.
const RUNS: readonly (readonly [RegExp, string])[] = [
  [/(?:[&!][^\s]*[ \t]+){100}/, "a hundred anchors or tags in a row"],
  [/(?:,\s*){100}/, "a hundred commas in a row"],
];

/** Why a text is not given to the YAML parser at all: it would take too long. Linear in the text. */
export function limitFault(text: string): Fault | undefined {
  if (text.length > MAX_FILE_BYTES) return tooLarge(text.length);
  let lines = 1;
  for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", at + 1)) lines += 1;
  if (lines > MAX_LINES) {
    return {
      what: `the file has ${lines} lines, and at most ${MAX_LINES} are read`,
      fix: "divide it",
    };
  }
  const run = RUNS.find(([pattern]) => pattern.test(text));
  return run && { what: `the file has ${run[1]}`, fix: "remove them" };
}

/** The fault of a file with more bytes than are read. */
export function tooLarge(bytes: number): Fault {
  const size = Math.ceil(bytes / 1024 / 1024);
  return {
    what: `the file has ${size} MiB, and at most ${MAX_FILE_BYTES / 1024 / 1024} MiB are read`,
    fix: "divide it into several files",
  };
}
