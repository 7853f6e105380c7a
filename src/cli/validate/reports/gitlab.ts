import { severityOf } from "../../../api/problem.ts";
import type { Severity } from "../../../api/rules/catalogue.ts";
import { sentenceOf } from "../../problem-lines.ts";
import { fingerprints } from "./fingerprint.ts";
import { reportedPath } from "./paths.ts";
import type { Report } from "./report.ts";

/** GitLab's words for how bad a finding is. */
const SEVERITIES: Readonly<Record<Severity, "major" | "minor">> = {
  error: "major",
  warning: "minor",
};

/** GitLab's Code Quality report, which merge requests show. */
export function gitlabReport({ problems, folder }: Report): string {
  const prints = fingerprints(problems, folder);
  const findings = problems.map((problem, at) => ({
    description: sentenceOf(problem),
    check_name: problem.rule,
    fingerprint: prints[at],
    severity: SEVERITIES[severityOf(problem)],
    location: {
      path: reportedPath(problem.file, folder),
      lines: { begin: problem.line },
    },
  }));
  return `${JSON.stringify(findings, null, 2)}\n`;
}
