import type { Problem } from "../api/problem.ts";
import { cutText, fieldOf } from "./causes.ts";

/** The API server cuts a warning at 256 characters and all of an answer at 4,096. */
const LONGEST = 256;
const MOST = 10;

/** Warnings as kubectl prints them: one line of printable ASCII each, none twice, ten at most. */
export function warningsOf(remarks: readonly Problem[]): readonly string[] {
  const texts = [...new Set(remarks.map(warningOf))];
  if (texts.length <= MOST) return texts;
  const more = texts.length - MOST + 1;
  return [
    ...texts.slice(0, MOST - 1),
    `${more} more warnings: "drop validate FILE" lists every one`,
  ];
}

function warningOf(problem: Problem): string {
  const line = (words: string) => ascii(`${fieldOf(problem.path)}: ${words}`);
  const whole = line(cutText(problem, Number.POSITIVE_INFINITY));
  if (whole.length <= LONGEST) return whole;
  const tail = `... [${problem.rule}]`;
  // Cutting within an escape would leave half of it.
  const head = whole.slice(0, LONGEST - tail.length).replace(/\\(u(\{[0-9a-f]*)?)?$/, "");
  return `${head}${tail}`;
}

function ascii(text: string): string {
  return text.replaceAll(
    /[^\x20-\x7e]/gu,
    (char) => `\\u{${(char.codePointAt(0) ?? 0).toString(16)}}`,
  );
}
