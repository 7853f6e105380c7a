import { isCollection, isMap, isScalar, type Node, type Scalar, type YAMLMap } from "yaml";
import { shown } from "../../api/printable.ts";
import type { FieldPath } from "../../api/problem.ts";
import { nodesOf } from "./nodes.ts";
import type { LocatedProblem } from "./problem-at.ts";
import { fileProblem, placeAt, type RawDocument } from "./raw-document.ts";
import { readsDifferently, readYaml11, type Yaml11Value } from "./yaml11.ts";

/** More mistakes than this of one document's text are not listed. */
const MAX_TEXT_PROBLEMS = 1_000;

function addAll(problems: LocatedProblem[], more: readonly LocatedProblem[]): void {
  for (const problem of more) problems.push(problem);
}

function cutOff(problems: readonly LocatedProblem[]): readonly LocatedProblem[] {
  const shownOnes = problems.slice(0, MAX_TEXT_PROBLEMS);
  const next = problems[MAX_TEXT_PROBLEMS];
  if (next === undefined) return shownOnes;
  const fix = "mend the ones above first";
  return [...shownOnes, { ...next, what: "there are more mistakes of the kind", fix }];
}

function keyProblem(raw: RawDocument, node: Node, path: FieldPath): LocatedProblem {
  const fault = {
    what: "a list or mapping stands where a key belongs",
    fix: "write a text as key; a template has to be filled in first",
  };
  const place = placeAt(raw, node.range?.[0] ?? 0);
  return { ...fileProblem("DROP1101", fault), path, atKey: true, ...place };
}

/** What is wrong with the text of a document that can be read: keys that stand twice, and ambiguous scalars. */
export function textProblems(raw: RawDocument): readonly LocatedProblem[] {
  const problems: LocatedProblem[] = [];
  for (const { node, path, isKey } of nodesOf(raw.document.contents)) {
    if (isKey && isCollection(node)) problems.push(keyProblem(raw, node, path));
    else if (isMap(node)) addAll(problems, repeatedIn(raw, node, path));
    else if (isScalar(node)) addAll(problems, ambiguous(raw, node, { path, isKey }));
    if (problems.length > MAX_TEXT_PROBLEMS) return cutOff(problems);
  }
  return problems;
}

/** Keys that stand twice in a mapping, in time linear to its size, which the library's own check is not. */
function repeatedIn(raw: RawDocument, map: YAMLMap, path: FieldPath): readonly LocatedProblem[] {
  const first = new Map<string, number>();
  return map.items.flatMap(({ key }) => {
    if (!isScalar(key) || key.source === "<<") return [];
    const name = String(key.value);
    const offset = key.range?.[0] ?? 0;
    const before = first.get(name);
    first.set(name, before ?? offset);
    if (before === undefined) return [];
    const fault = {
      what: `the key ${shown(name)} stands twice: the first is on line ${placeAt(raw, before).line}`,
      fix: "remove one of the two",
    };
    const problem = fileProblem("DROP1102", fault);
    return [{ ...problem, path: [...path, name], atKey: true, ...placeAt(raw, offset) }];
  });
}

/** A plain scalar that kubectl reads as another value than this reader does. */
function ambiguous(
  raw: RawDocument,
  node: Scalar,
  { path, isKey }: { readonly path: FieldPath; readonly isKey: boolean },
): readonly LocatedProblem[] {
  const { source } = node;
  if (node.type !== "PLAIN" || node.tag !== undefined || source === undefined) return [];
  if (source === "<<" || !readsDifferently(source, node.value)) return [];
  const other = words(readYaml11(source));
  const quoted = `put it in quotes, "${source}"`;
  const fix =
    typeof node.value === "number"
      ? `write ${node.value} or ${other}, whichever is meant`
      : `${quoted}, or write ${other}, whichever is meant`;
  const fault = { what: `YAML 1.1 readers such as kubectl take ${source} for ${other}`, fix };
  const problem = { ...fileProblem("DROP1103", fault), path, ...(isKey ? { atKey: true } : {}) };
  return [{ ...problem, ...placeAt(raw, node.range?.[0] ?? 0) }];
}

function words(value: Yaml11Value): string {
  return value === undefined ? "a text" : String(value);
}
