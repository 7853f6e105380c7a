import type { LocatedProblem } from "../../../renderer/load/problem-at.ts";
import { problemLine } from "../../problem-lines.ts";
import { type Excerpts, excerptsOf } from "./excerpt.ts";
import type { Look, Report } from "./report.ts";

/** The report for people: a line for each problem, on a terminal with the line of the file that it is about. */
export function textReport({ problems, texts }: Report, look: Look): string {
  const excerpt: Excerpts = look.isTerminal ? excerptsOf(texts, look) : () => "";
  return problems
    .map((problem, at) => {
      const drawing = isSamePlace(problem, problems[at + 1]) ? "" : excerpt(problem);
      return `${problemLine(problem, look)}\n${drawing}`;
    })
    .join("");
}

/** Several problems of one place share one drawing, after the last of them. */
function isSamePlace(a: LocatedProblem, b: LocatedProblem | undefined): boolean {
  return b !== undefined && a.file === b.file && a.line === b.line && a.column === b.column;
}
