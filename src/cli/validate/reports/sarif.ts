import { formatPath, severityOf } from "../../../api/problem.ts";
import { RULES, type RuleFact } from "../../../api/rules/catalogue.ts";
import type { LocatedProblem } from "../../../renderer/load/problem-at.ts";
import { sentenceOf } from "../../problem-lines.ts";
import { fingerprints } from "./fingerprint.ts";
import { reportedPath, reportedUri } from "./paths.ts";
import type { Report } from "./report.ts";
import { capitalised } from "./rule-titles.ts";

const SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json";

/**
 * SARIF 2.1.0, as OASIS defines it, with the properties that GitHub's code scanning asks for. GitHub's own fingerprint,
 * `primaryLocationLineHash`, is left to its upload action, which warns of any that it did not compute itself.
 */
export function sarifReport({ problems, folder, version }: Report): string {
  const ids = Object.keys(RULES).sort();
  const indices = new Map(ids.map((id, index) => [id, index]));
  const prints = fingerprints(problems, folder);
  const results = problems.map((problem, at) => ({
    ruleId: problem.rule,
    ruleIndex: indices.get(problem.rule) ?? -1,
    level: severityOf(problem),
    message: { text: sentenceOf(problem) },
    locations: [locationOf(problem, folder)],
    partialFingerprints: { "dropProblem/v1": prints[at] },
  }));
  const rules = Object.entries(RULES)
    .map(([id, fact]) => ruleOf(id, fact))
    .sort((a, b) => (a.id < b.id ? -1 : 1));
  const driver = { name: "Drop", version, semanticVersion: version, rules };
  const run = { tool: { driver }, columnKind: "utf16CodeUnits", results };
  return `${JSON.stringify({ $schema: SCHEMA, version: "2.1.0", runs: [run] }, null, 2)}\n`;
}

function locationOf({ file, line, column, object, path }: LocatedProblem, folder: string) {
  const physicalLocation = {
    artifactLocation: { uri: reportedUri(reportedPath(file, folder)) },
    region: { startLine: line, startColumn: column },
  };
  const names = [...(object ? [object.kind, object.name] : []), formatPath(path)].filter(Boolean);
  if (names.length === 0) return { physicalLocation };
  return { physicalLocation, logicalLocations: [{ fullyQualifiedName: names.join("/") }] };
}

function ruleOf(id: string, { severity, title, why }: RuleFact) {
  const subject = severity === "error" ? "Refused" : "Warned about";
  const silence = `The annotation drop.corewire.io/ignore-rules: ${id} on an object silences it there.`;
  const text = `${subject} is ${title}. ${why}${severity === "warning" ? ` ${silence}` : ""}`;
  return {
    id,
    shortDescription: { text: capitalised(title) },
    fullDescription: { text: `${subject} is ${title}. ${why}` },
    help: { text },
    defaultConfiguration: { level: severity },
  };
}
