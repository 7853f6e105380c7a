import { printable, shown } from "../api/printable.ts";
import { type CauseReason, formatPath, type Problem, problemText } from "../api/problem.ts";
import type { StatusCause } from "./admission.ts";

/** Most characters of a value that a message repeats. */
const SHOWN_VALUE = 120;
/** Most characters of one cause; rules say what they have to in far less. */
const LONGEST_MESSAGE = 1_024;
/** More than these nobody reads; the rest is counted. */
const MOST_CAUSES = 100;

/** Of each sort that are looked for. An update of an object with as many old ones may add another one unseen. */
export const MOST_MISTAKES = 250;

/** How Kubernetes begins the message of each reason, so that ours read like its own. */
const PREFIXES: Readonly<Record<CauseReason, string>> = {
  FieldValueInvalid: "Invalid value",
  FieldValueTypeInvalid: "Invalid value",
  FieldValueNotSupported: "Unsupported value",
  FieldValueRequired: "Required value",
  FieldValueForbidden: "Forbidden",
  FieldValueTooLong: "Too long",
  FieldValueTooMany: "Too many",
};

/** Reasons under which Kubernetes prints the value too. */
const SHOWING: ReadonlySet<CauseReason> = new Set([
  "FieldValueInvalid",
  "FieldValueTypeInvalid",
  "FieldValueNotSupported",
]);

/** The causes of a refusal, in the order of the problems, one for each up to a hundred. */
export function causesOf(mistakes: readonly Problem[]): readonly StatusCause[] {
  const causes = mistakes.slice(0, MOST_CAUSES).map(causeOf);
  const more = mistakes.length - causes.length;
  if (more === 0) return causes;
  const field = fieldOf(mistakes[MOST_CAUSES]?.path ?? []);
  const least = mistakes.length < MOST_MISTAKES ? "" : "at least ";
  const message = `Too many: from here on ${least}${more} more mistakes; "drop validate FILE" lists every one`;
  return [...causes, { field, reason: "FieldValueTooMany", message }];
}

function causeOf(problem: Problem): StatusCause {
  return { field: fieldOf(problem.path), reason: problem.reason, message: messageOf(problem) };
}

/** The field as Kubernetes writes it; the object itself has no name of its own. */
export function fieldOf(path: Problem["path"]): string {
  return path.length === 0 ? "(object)" : formatPath(path);
}

function messageOf(problem: Problem): string {
  const prefix = PREFIXES[problem.reason];
  const value = valueText(problem);
  const words = cutText(problem, LONGEST_MESSAGE);
  return value === undefined ? `${prefix}: ${words}` : `${prefix}: ${value}: ${words}`;
}

/** The value where the reason shows it and the words do not begin with it anyway. */
function valueText({ reason, value, what }: Problem): string | undefined {
  if (value === undefined || !SHOWING.has(reason)) return undefined;
  if (what.startsWith(shown(value))) return undefined;
  const open = typeof value === "string" ? withoutLogin(value) : value;
  return shown(open, SHOWN_VALUE);
}

/** A login in a URL must not reach terminals, logs or the audit log. */
function withoutLogin(text: string): string {
  return text.replace(/^([A-Za-z][A-Za-z0-9+.-]{0,63}:)?\/\/.*@/s, "$1//***@");
}

/** `what; fix [id]` in at most so many characters; cut are the words, never the id. */
export function cutText({ what, fix, rule }: Problem, most: number): string {
  const whole = problemText({ what, fix, rule });
  if (whole.length <= most) return whole;
  const tail = `... [${rule}]`;
  return `${printable(whole, whole.length).slice(0, most - tail.length)}${tail}`;
}
