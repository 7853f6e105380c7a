import { type Fault, faulty, type Parsed, parsed } from "../parsed.ts";
import { excerpt, matchAt } from "./excerpt.ts";

/** A repetition and how often it lets its subject stand at most: the count, and 1 for `?`, `*` and `+`. */
export interface Repeat {
  readonly kind: "repeat";
  readonly start: number;
  readonly end: number;
  readonly most: number;
}

const REPEAT = /(?:[*+?]|\{(0|[1-9][0-9]*)(,(0|[1-9][0-9]*)?)?\})\??/y;
/** Go's own limit on one count. */
const MAX_COUNT = 1000;

/** The repetition at this offset, the "?" that makes it lazy included. `{` that begins no count is a plain character. */
export function readRepeat(source: string, start: number): Parsed<Repeat> | undefined {
  const found = matchAt(REPEAT, source, start);
  if (found === undefined) return undefined;
  const end = start + found[0].length;
  const [, lowest, comma, highest] = found;
  if (lowest === undefined) return parsed({ kind: "repeat", start, end, most: 1 });
  const least = Number(lowest);
  const most = comma === undefined || highest === undefined ? least : Number(highest);
  if (Math.max(least, most) > MAX_COUNT) return tooMany(source, start, end);
  if (most >= least) return parsed({ kind: "repeat", start, end, most });
  return faulty(
    `the repetition ${excerpt(source, start, end)} has a maximum below its minimum`,
    `swap the two: "{${most},${least}}"`,
    start,
  );
}

function tooMany(source: string, start: number, end: number): Parsed<Repeat> {
  return faulty(
    `the repetition ${excerpt(source, start, end)} is above RE2's limit of ${MAX_COUNT}`,
    'write a lower count, or "*" or "+" for any number',
    start,
  );
}

/** The mistake of a repetition right after another one. */
export function stackedRepeat(source: string, start: number, end: number): Fault {
  if (source[start] === "+") {
    return faulty(
      'this "+" makes the repetition before it possessive, which RE2 does not have',
      'remove the "+": RE2 never backtracks, so there is nothing to prevent',
      start,
    ).fault;
  }
  return faulty(
    `the repetition ${excerpt(source, start, end)} follows another repetition`,
    'remove one of them, or write a group around the first, as in "(?:a{2}){3}"',
    start,
  ).fault;
}

/** The mistake of a repetition with nothing before it. */
export function idleRepeat(source: string, start: number, end: number): Fault {
  const repeat = excerpt(source, start, end);
  const glob = source[start] === "*" ? '".*" for any text (a pattern is not a glob), or ' : "";
  return faulty(
    `the repetition ${repeat} has nothing before it to repeat`,
    `write ${glob}"\\${source[start]}" for the character itself`,
    start,
  ).fault;
}
