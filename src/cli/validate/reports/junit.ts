import type { LocatedProblem } from "../../../renderer/load/problem-at.ts";
import { countText, problemLine } from "../../problem-lines.ts";
import { reportedPath } from "./paths.ts";
import type { Report, ReportedObject } from "./report.ts";
import { element, xmlText } from "./xml.ts";

/** One case of a suite: an object, or what a file holds besides its objects. */
interface Case {
  readonly name: string;
  readonly line: number;
  readonly problems: LocatedProblem[];
}

/**
 * JUnit's XML in the form that Jenkins, GitLab and others read: a suite for each file, in it a case for each object and
 * one for the text of the file. A case has one failure, since some readers take no more, and its warnings as output.
 */
export function junitReport(report: Report): string {
  const suites = suitesOf(report).map(([file, cases]) => suiteXml(file, cases, report));
  const counts = {
    tests: sum(suites.map(({ tests }) => tests)),
    failures: sum(suites.map(({ failures }) => failures)),
    errors: 0,
    time: 0,
  };
  const root = element("testsuites", { name: "drop validate", ...counts }, [
    ...suites.map(({ xml }) => `\n${xml}`),
    "\n",
  ]);
  return `<?xml version="1.0" encoding="UTF-8"?>\n${root}\n`;
}

function suitesOf({ texts, objects, problems }: Report): readonly [string, readonly Case[]][] {
  const ofFile = Map.groupBy(objects, ({ file }) => file);
  const problemsOf = Map.groupBy(problems, ({ file }) => file);
  // A file that is too large to be read has no text.
  const files = new Set([...texts.keys(), ...problemsOf.keys()]);
  return [...files]
    .sort()
    .map((file) => [file, casesOf(ofFile.get(file) ?? [], problemsOf.get(file) ?? [])]);
}

function casesOf(
  objects: readonly ReportedObject[],
  problems: readonly LocatedProblem[],
): readonly Case[] {
  const text: Case = { name: "text", line: 1, problems: [] };
  const cases: readonly Case[] = objects.map(({ kind, name, line }) => ({
    name: nameOf(kind, name),
    line,
    problems: [],
  }));
  const byName = Map.groupBy(cases, ({ name }) => name);
  for (const problem of problems) {
    const { object, line } = problem;
    const named = object && byName.get(nameOf(object.kind, object.name));
    const owner = named?.findLast((one) => one.line <= line) ?? named?.[0] ?? text;
    owner.problems.push(problem);
  }
  return [text, ...cases];
}

function nameOf(kind: string, name: string): string {
  return `${kind} ${name}`.trim();
}

function suiteXml(file: string, cases: readonly Case[], { isFailing, folder }: Report) {
  const path = reportedPath(file, folder);
  const failures = cases.filter(({ problems }) => problems.some(isFailing)).length;
  const tests = cases.length;
  const children = cases.map((one) => `\n    ${caseXml(one, path, isFailing)}`);
  const counts = { tests, failures, errors: 0, skipped: 0, time: 0 };
  return {
    tests,
    failures,
    xml: `  ${element("testsuite", { name: path, ...counts }, [...children, "\n  "])}`,
  };
}

function caseXml({ name, problems }: Case, path: string, isFailing: Report["isFailing"]): string {
  const failing = problems.filter(isFailing);
  const others = problems.filter((problem) => !isFailing(problem));
  const [first] = failing;
  const attributes = { classname: path, name, file: path, time: 0 };
  return element("testcase", attributes, [
    ...(first === undefined ? [] : [failureXml(first, failing)]),
    ...(others.length === 0 ? [] : [element("system-out", {}, [linesXml(others)])]),
  ]);
}

function failureXml(first: LocatedProblem, failing: readonly LocatedProblem[]): string {
  const message = failing.length === 1 ? first.what : countText(failing);
  return element("failure", { message, type: first.rule }, [linesXml(failing)]);
}

function linesXml(problems: readonly LocatedProblem[]): string {
  const plain = { paint: (_: unknown, text: string) => text };
  return xmlText(problems.map((problem) => problemLine(problem, plain)).join("\n"));
}

function sum(numbers: readonly number[]): number {
  let total = 0;
  for (const number of numbers) total += number;
  return total;
}
