import { type Fault, faulty, type Parsed, parsed } from "../parsed.ts";
import { excerpt, matchAt } from "./excerpt.ts";

/** One character of a pattern, however it is written: its code point, and the offset after its spelling. */
export interface Character {
  readonly codePoint: number;
  readonly end: number;
}

const OCTAL = /\\(0[0-7]{0,2}|[1-7][0-7]{1,2})/y;
const HEXADECIMAL = /\\x(?:([0-9A-Fa-f]{2})|\{([0-9A-Fa-f]+)\})/y;
const BACK_REFERENCE =
  /\\(?:[1-9][0-9]*|k(?:<[^>]*>|\{[^}]*\}|'[^']*')?|g(?:\{[^}]*\}|-?[0-9]+)?)/y;
const ALPHANUMERIC = /[0-9A-Za-z]/;
const MAX_CODE_POINT = 0x10ffff;

const CONTROL: ReadonlyMap<string, number> = new Map([
  ["a", 0x07],
  ["f", 0x0c],
  ["n", 0x0a],
  ["r", 0x0d],
  ["t", 0x09],
  ["v", 0x0b],
]);

/** What to write in RE2 for escapes of other engines. */
const SPELLINGS: ReadonlyMap<string, string> = new Map([
  ["C", 'write "." for one character'],
  ["E", 'remove it, or begin the quotation with "\\Q"'],
  ["G", 'write "^" for the beginning of the text'],
  ["H", 'write "[^ \\t]"'],
  ["K", "remove it: a filter only asks whether the pattern matches, not where"],
  ["N", 'write "[^\\n]"'],
  ["R", 'write "\\r?\\n"'],
  ["V", 'write "[^\\n\\v\\f\\r]"'],
  ["X", 'write "."'],
  ["Z", 'write "\\z" for the end of the text'],
  ["b", 'write "\\x08" for a backspace; a class cannot hold a word boundary'],
  ["c", 'write the character by its number, as in "\\x1b"'],
  ["e", 'write "\\x1b"'],
  ["h", 'write "[ \\t]"'],
  ["u", 'write "\\x{2665}" for the character with that number'],
  ["x", 'write two hexadecimal digits, "\\x2f", or any number up to 10FFFF in braces, "\\x{2665}"'],
]);

/** The character at an offset that is not past the end, escapes included, as Go's regexp reads it inside and outside a class. */
export function readCharacter(source: string, start: number): Parsed<Character> {
  const codePoint = source.codePointAt(start) ?? 0;
  if (source[start] !== "\\") {
    return parsed({ codePoint, end: start + (codePoint > 0xffff ? 2 : 1) });
  }
  const letter = source[start + 1];
  if (letter === undefined) {
    return faulty(
      'the pattern ends with a single "\\", which escapes nothing',
      'remove it, or write "\\\\" for the character itself',
      start,
    );
  }
  const numbered = numberedCharacter(source, start);
  if (numbered !== undefined) return parsed(numbered);
  const control = CONTROL.get(letter);
  if (control !== undefined) return parsed({ codePoint: control, end: start + 2 });
  if (letter.charCodeAt(0) < 0x80 && !ALPHANUMERIC.test(letter)) {
    return parsed({ codePoint: letter.charCodeAt(0), end: start + 2 });
  }
  return refusedEscape(source, start, letter);
}

function numberedCharacter(source: string, start: number): Character | undefined {
  const octal = matchAt(OCTAL, source, start);
  if (octal?.[1] !== undefined) {
    return { codePoint: Number.parseInt(octal[1], 8), end: start + octal[0].length };
  }
  const hexadecimal = matchAt(HEXADECIMAL, source, start);
  const digits = hexadecimal?.[1] ?? hexadecimal?.[2];
  if (hexadecimal === undefined || digits === undefined) return undefined;
  const codePoint = Number.parseInt(digits, 16);
  if (codePoint > MAX_CODE_POINT) return undefined;
  return { codePoint, end: start + hexadecimal[0].length };
}

function refusedEscape(source: string, start: number, letter: string): Parsed<Character> {
  const reference = matchAt(BACK_REFERENCE, source, start);
  if (reference !== undefined) {
    return { ok: false, fault: refusedBackReference(source, start, start + reference[0].length) };
  }
  const width = (source.codePointAt(start + 1) ?? 0) > 0xffff ? 3 : 2;
  return faulty(
    `RE2 has no escape ${excerpt(source, start, start + width)}`,
    SPELLINGS.get(letter) ?? 'remove the "\\"',
    start,
  );
}

/** The mistake of asking for the text that a group matched before. */
export function refusedBackReference(source: string, start: number, end: number): Fault {
  return faulty(
    `${excerpt(source, start, end)} is a back-reference, which RE2 does not have: it cannot be matched in linear time`,
    'write the group a second time in its place, as in "(a|b)-(?:a|b)" for "(a|b)-\\1"',
    start,
  ).fault;
}
