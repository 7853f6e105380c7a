import { severityOf } from "../../../api/problem.ts";
import type { LocatedProblem } from "../../../renderer/load/problem-at.ts";
import { sentenceOf } from "../../problem-lines.ts";
import { reportedPath, STDIN } from "./paths.ts";
import type { Report } from "./report.ts";
import { ruleTitle } from "./rule-titles.ts";

/** GitHub Actions' workflow commands, which put each problem beside its line in a pull request. */
export function githubReport({ problems, folder }: Report): string {
  return problems.map((problem) => `${annotation(problem, folder)}\n`).join("");
}

function annotation(problem: LocatedProblem, folder: string): string {
  const { file, line, column, rule } = problem;
  // Standard input is no file of the repository.
  const place = file === STDIN ? {} : { file: reportedPath(file, folder), line, col: column };
  const properties = Object.entries({ ...place, title: `${ruleTitle(rule)} (${rule})` });
  const written = properties.map(([key, value]) => `${key}=${escapedProperty(String(value))}`);
  const text = file === STDIN ? `line ${line}: ${sentenceOf(problem)}` : sentenceOf(problem);
  return `::${severityOf(problem)} ${written.join(",")}::${escapedText(text)}`;
}

/** The escapes that GitHub's runner undoes in a message. */
function escapedText(text: string): string {
  return text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}

/** Those that it undoes in a property besides. */
function escapedProperty(text: string): string {
  return escapedText(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
}
