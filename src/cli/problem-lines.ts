import { shown } from "../api/printable.ts";
import { formatPath, isMistake, problemText, severityOf } from "../api/problem.ts";
import { inReadingOrder, type LocatedProblem } from "../renderer/load/problem-at.ts";
import type { Output } from "./terminal/terminal.ts";

/** One problem on one line: `file:line:column: error: CachedImage web: spec.tag: "x y": what; fix [DROP1008]`. */
export function problemLine(problem: LocatedProblem, { paint }: Pick<Output, "paint">): string {
  const place = `${problem.file}:${problem.line}:${problem.column}:`;
  const severity = severityOf(problem);
  const label = paint(severity === "error" ? ["red", "bold"] : ["yellow", "bold"], `${severity}:`);
  return `${paint("bold", place)} ${label} ${subjectOf(problem, paint)}${problemText(problem)}`;
}

/** The problem as a sentence of its own, for reports that show place and rule elsewhere. */
export function sentenceOf(problem: LocatedProblem): string {
  return `${subjectOf(problem, (_, text) => text)}${problem.what}; ${problem.fix}`;
}

/** What a problem is about, up to and with the last colon. */
function subjectOf(problem: LocatedProblem, paint: Output["paint"]): string {
  const { object } = problem;
  const subject = object === undefined ? "" : `${`${object.kind} ${object.name}`.trim()}: `;
  const field = formatPath(problem.path);
  const value = isWorthShowing(problem) ? `${shown(problem.value)}: ` : "";
  const where = field === "" ? "" : `${paint("bold", field)}: `;
  return `${subject}${where}${value}`;
}

/** A list, mapping or missing value says nothing on one line, nor does a text that has to be cut or is named anyway. */
function isWorthShowing({ value, what, rule }: LocatedProblem): boolean {
  if (value === undefined || value === null || typeof value === "object") return false;
  if (rule === "DROP1002" || String(value).length > 60) return false;
  return !what.includes(shown(value));
}

/** All problems in reading order, one line each. */
export function problemLines(
  problems: readonly LocatedProblem[],
  output: Pick<Output, "paint">,
): string {
  return inReadingOrder(problems)
    .map((problem) => `${problemLine(problem, output)}\n`)
    .join("");
}

/** `2 mistakes and 1 warning`, or `no mistakes`. */
export function countText(problems: readonly LocatedProblem[]): string {
  const mistakes = problems.filter(isMistake).length;
  const warnings = problems.length - mistakes;
  const parts = [
    ...(mistakes > 0 ? [plural(mistakes, "mistake")] : []),
    ...(warnings > 0 ? [plural(warnings, "warning")] : []),
  ];
  if (mistakes === 0) parts.unshift("no mistakes");
  return parts.join(" and ");
}

/** `1 file`, `2 files`. */
export function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
