import { type Fault, faulty, type Parsed, parsed } from "../parsed.ts";
import { refusedBackReference } from "./escapes.ts";
import { excerpt, matchAt } from "./excerpt.ts";

/** What opens at a parenthesis, offsets in UTF-16 code units, `end` after the opening part only. */
export type Opening =
  | { readonly kind: "open"; readonly start: number; readonly end: number; readonly name?: string }
  | { readonly kind: "flags"; readonly start: number; readonly end: number }
  | { readonly kind: "look"; readonly start: number; readonly end: number };

const LOOK_AROUND = /\(\?<?[=!]/y;
const NAMED = /\(\?P?<([0-9A-Za-z_]+)>/y;
const NAME_BEGINS = /\(\?(?:P?<|')/y;
const FLAGS = /\(\?[imsU]*(?:-[imsU]+)?[:)]/y;
const BACK_REFERENCE = /\(\?P=[0-9A-Za-z_]*\)?/y;
const EXTENDED = /\(\?[a-zA-Z]*x[a-zA-Z]*[:)]/y;
const RECURSION = /\(\?(?:P>|[R&0-9]|[+-][0-9])/y;

/** Groups of other engines that RE2 does not have, by their beginning. */
const FOREIGN: readonly (readonly [RegExp, string, string])[] = [
  [
    /\(\?>/y,
    "is an atomic group, which RE2 does not have",
    'write "(?:" in its place: RE2 never backtracks, so there is nothing to prevent',
  ],
  [
    /\(\?\(/y,
    "is a conditional group, which RE2 does not have",
    'write both cases as alternatives, as in "(?:a-b|c)"',
  ],
  [RECURSION, "is a recursion, which RE2 does not have", "write the group out in its place"],
  [/\(\?#/y, "is a comment, which RE2 does not have", "remove it"],
  [/\(\?\|/y, "is a branch reset, which RE2 does not have", 'write "(?:" in its place'],
  [
    EXTENDED,
    'sets the flag "x", which RE2 does not have',
    "remove it, and the blanks and comments in the pattern with it",
  ],
];

/** What begins at the "(" at this offset: a group, flags, a look-around, or a mistake. */
export function readOpening(source: string, start: number): Parsed<Opening> {
  if (source[start + 1] !== "?") return parsed({ kind: "open", start, end: start + 1 });
  const look = matchAt(LOOK_AROUND, source, start);
  if (look !== undefined) return parsed({ kind: "look", start, end: start + look[0].length });
  const named = matchAt(NAMED, source, start);
  if (named?.[1] !== undefined) {
    return parsed({ kind: "open", start, end: start + named[0].length, name: named[1] });
  }
  const flags = matchAt(FLAGS, source, start);
  if (flags === undefined) return { ok: false, fault: refusedGroup(source, start) };
  const end = start + flags[0].length;
  return parsed({ kind: flags[0].endsWith(":") ? "open" : "flags", start, end });
}

function refusedGroup(source: string, start: number): Fault {
  const reference = matchAt(BACK_REFERENCE, source, start);
  if (reference !== undefined) {
    return refusedBackReference(source, start, start + reference[0].length);
  }
  for (const [beginning, what, fix] of FOREIGN) {
    const found = matchAt(beginning, source, start);
    if (found === undefined) continue;
    return faulty(`${excerpt(source, start, start + found[0].length)} ${what}`, fix, start).fault;
  }
  if (matchAt(NAME_BEGINS, source, start) !== undefined) {
    return faulty(
      "a group's name is not complete, or has other characters than letters, digits and _",
      'name it as in "(?P<name>…)", or write "(?:" when nothing needs the name',
      start,
    ).fault;
  }
  return faulty(
    `RE2 has no group that begins with ${excerpt(source, start, start + 3)}`,
    'write "(?:…)" for a plain group, "(?i)" with the flags i, m, s or U, or "\\(" for the character itself',
    start,
  ).fault;
}

/** The mistake of a group that never ends. */
export function unclosedGroup(start: number): Fault {
  const fix = 'close it with ")", or write "\\(" for the character itself';
  return faulty('this "(" opens a group that no ")" closes', fix, start).fault;
}

/** The mistake of a group's end without a beginning. */
export function unopenedGroup(start: number): Fault {
  const fix = 'remove it, or write "\\)" for the character itself';
  return faulty('this ")" closes a group that no "(" opened', fix, start).fault;
}

/** The mistake of a group's name that another group has. */
export function repeatedName(name: string, start: number): Fault {
  const what = `another group is named ${excerpt(name, 0, name.length)} already`;
  return faulty(what, 'rename one of them, or write "(?:" when nothing needs the name', start)
    .fault;
}
