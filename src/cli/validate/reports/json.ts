import { formatPath, isMistake, problemText, severityOf } from "../../../api/problem.ts";
import type { LocatedProblem } from "../../../renderer/load/problem-at.ts";
import type { Report } from "./report.ts";

/** The report for programs, as `schemas/validate.schema.json` describes it. */
export function jsonReport({ problems, objects, texts }: Report): string {
  const mistakes = problems.filter(isMistake).length;
  const report = {
    files: texts.size,
    objects: objects.length,
    mistakes,
    warnings: problems.length - mistakes,
    problems: problems.map(problemJson),
  };
  return `${JSON.stringify(report, null, 2)}\n`;
}

function problemJson(problem: LocatedProblem) {
  const { file, line, column, rule, object, path, what, fix } = problem;
  return {
    file,
    line,
    column,
    severity: severityOf(problem),
    rule,
    ...(object === undefined ? {} : object),
    field: formatPath(path),
    what,
    fix,
    message: problemText(problem),
  };
}
