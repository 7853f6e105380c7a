import type { Fault } from "../../api/parsed.ts";
import type { Steps } from "./steps.ts";

/** The largest file that is read. Ten thousand CachedImages are about 4 MiB. */
export const MAX_FILE_BYTES = 16 * 1024 * 1024;
const MAX_LINES = 1_000_000;

/** Commas, brackets, keys, aliases and quoted texts: each costs the parser about as much as a line. */
const MAX_ENTRIES = 1_000_000;
/** Far beyond what people write, and near where the parser's recursion would overflow the stack. */
const MAX_DEPTH = 1_000;
/** Indicators of one sort with nothing but white space between them, over which the parser takes quadratic time. */
const MAX_RUN = 100;

/** Why a text is not given to the YAML parser at all: it would take too long. Linear in the text. */
export function* limitSteps(text: string): Steps<Fault | undefined> {
  if (text.length > MAX_FILE_BYTES) return tooLarge(text.length);
  const counts = yield* measure(text);
  if (counts.lines > MAX_LINES) return tooMany(`${counts.lines} lines`, MAX_LINES);
  if (counts.entries > MAX_ENTRIES) return tooMany(`${counts.entries} entries`, MAX_ENTRIES);
  if (counts.depth > MAX_DEPTH) {
    return { what: "the text is nested too deeply to be read", fix: "write it with less nesting" };
  }
  const run = RUNS.find(([sort]) => counts[sort] >= MAX_RUN);
  return run && { what: `the file has a hundred ${run[1]} in a row`, fix: "remove them" };
}

const RUNS = [
  ["properties", "anchors or tags"],
  ["commas", "commas"],
  ["indicators", 'signs "-", "?" or ":"'],
] as const;

function tooMany(what: string, most: number): Fault {
  return { what: `the file has ${what}, and at most ${most} are read`, fix: "divide it" };
}

interface Measures {
  lines: number;
  entries: number;
  /** Brackets and braces open at once, the most, since the document began. */
  depth: number;
  /** The longest run of each sort. */
  properties: number;
  commas: number;
  indicators: number;
}

/** Words are what white space divides, as near to YAML's own tokens as is needed for a bound. */
const WORD = /\n---|\n|[^\s,[\]{}]+|[,[\]{}]/g;

/** Words counted between two pauses. */
const STRETCH = 1 << 15;

function* measure(text: string): Steps<Measures> {
  const counts = { lines: 1, entries: 0, depth: 0, properties: 0, commas: 0, indicators: 0 };
  const now = { ...counts };
  let words = 0;
  for (const [word] of text.matchAll(WORD)) {
    words += 1;
    if (words % STRETCH === 0) yield;
    if (word.startsWith("\n")) {
      counts.lines += 1;
      now.indicators = 0;
      if (word.length > 1) now.depth = 0;
      continue;
    }
    count(word, now);
    for (const sort of SORTS) counts[sort] = Math.max(counts[sort], now[sort]);
  }
  return counts;
}

function count(word: string, now: Measures): void {
  const opens = word === "[" || word === "{";
  if (opens) now.depth += 1;
  else if (word === "]" || word === "}") now.depth = Math.max(0, now.depth - 1);
  if (opens || word === "," || word.startsWith("*") || word.endsWith(":")) now.entries += 1;
  now.entries += Math.floor((word.match(/["']/g)?.length ?? 0) / 2);
  now.properties = /^[&!]/.test(word) ? now.properties + 1 : 0;
  now.commas = word === "," ? now.commas + 1 : 0;
  now.indicators = /^[-?:]$/.test(word) ? now.indicators + 1 : 0;
}

const SORTS = ["entries", "depth", "properties", "commas", "indicators"] as const;

/** The fault of a file with more bytes than are read. */
export function tooLarge(bytes: number): Fault {
  const size = Math.ceil(bytes / 1024 / 1024);
  return {
    what: `the file has ${size} MiB, and at most ${MAX_FILE_BYTES / 1024 / 1024} MiB are read`,
    fix: "divide it into several files",
  };
}
