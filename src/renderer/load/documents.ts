import {
  type Document,
  isAlias,
  isCollection,
  isMap,
  isScalar,
  LineCounter,
  type Node,
  type ParsedNode,
  parseAllDocuments,
  type Scalar,
  type YAMLError,
  type YAMLMap,
} from "yaml";
import { printable, shown } from "../../api/printable.ts";
import { type FieldPath, type Problem, problemOf } from "../../api/problem.ts";
import type { RuleId } from "../../api/rules/catalogue.ts";
import { characterProblem } from "./characters.ts";
import { expand, TOO_DEEP } from "./expand.ts";
import { limitFault } from "./limits.ts";
import { nodesOf } from "./nodes.ts";
import type { LocatedProblem, Place } from "./problem-at.ts";
import { readsDifferently, readYaml11, type Yaml11Value } from "./yaml11.ts";

/** One YAML document that could be read: its value, and where things stand in it. */
export interface YamlDocument {
  readonly file: string;
  readonly value: unknown;
  readonly contents: ParsedNode | null;
  /** The text of the whole file. */
  readonly text: string;
  readonly lines: LineCounter;
  /** Where the contents begin, when that is known without them. */
  readonly start?: Omit<Place, "file">;
  /** Mistakes of the text itself, such as a key that stands twice; the value is of use all the same. */
  readonly problems: readonly LocatedProblem[];
}

/** The documents of a file, and what kept the others from being read. */
export interface YamlFile {
  readonly documents: readonly YamlDocument[];
  readonly problems: readonly LocatedProblem[];
}

/** Reads a YAML or JSON text of any number of documents. Total and bounded, whatever the text. */
export function readYaml(file: string, text: string): YamlFile {
  const strange = characterProblem(file, text);
  if (strange !== undefined) return { documents: [], problems: [strange] };
  const limit = limitFault(text);
  if (limit !== undefined) {
    const place = { file, line: 1, column: 1 };
    return { documents: [], problems: [{ ...fileProblem("DROP1106", limit), ...place }] };
  }
  const lines = new LineCounter();
  const options = {
    merge: true,
    uniqueKeys: false,
    lineCounter: lines,
    prettyErrors: false,
    logLevel: "error",
  } as const;
  const parsed = parseAllDocuments(text, options);
  const documents: YamlDocument[] = [];
  const problems: LocatedProblem[] = [];
  for (const document of Array.isArray(parsed) ? parsed : []) {
    const read = readDocument({ file, lines, document, text });
    if ("value" in read) documents.push(read);
    else problems.push(read.problem);
  }
  return { documents, problems };
}

interface RawDocument {
  readonly file: string;
  readonly lines: LineCounter;
  readonly text: string;
  readonly document: Document.Parsed;
}

function readDocument(raw: RawDocument): YamlDocument | { readonly problem: LocatedProblem } {
  const { file, lines, document, text } = raw;
  const first = document.errors[0] ?? document.warnings[0];
  if (first !== undefined) return { problem: syntaxProblem(raw, first) };
  const expanded = expand(document);
  if (!expanded.ok) {
    const { alias, fault } = expanded;
    const place = at(raw, aliasOffset(raw, alias) ?? document.contents?.range?.[0] ?? 0);
    const rule = alias === undefined ? "DROP1106" : "DROP1101";
    return { problem: { ...fileProblem(rule, fault), ...place } };
  }
  const problems = textProblems(raw);
  return { file, lines, text, value: expanded.value, contents: document.contents, problems };
}

function aliasOffset({ document }: RawDocument, name: string | undefined): number | undefined {
  if (name === undefined) return undefined;
  for (const { node } of nodesOf(document.contents)) {
    if (isAlias(node) && node.source === name) return node.range?.[0];
  }
  return undefined;
}

function at({ file, lines }: Pick<RawDocument, "file" | "lines">, offset: number) {
  const { line, col } = lines.linePos(offset);
  return { file, line: Math.max(line, 1), column: Math.max(col, 1) };
}

const FIXES: Readonly<Partial<Record<YAMLError["code"], string>>> = {
  TAB_AS_INDENT: "indent with spaces",
  BAD_INDENT: "indent it as its neighbours are",
  MISSING_CHAR: "close what is open there: a quote, bracket or brace",
  BLOCK_AS_IMPLICIT_KEY: 'put a value that contains ": " in quotes, or indent the line',
  BAD_SCALAR_START: "put the value in quotes",
  BAD_DQ_ESCAPE: "write a backslash in double quotes twice, or use single quotes",
  TAG_RESOLVE_FAILED: "remove the tag, or put the value in quotes",
  MULTILINE_IMPLICIT_KEY: 'add the missing ":" after the key, or indent the line',
  UNEXPECTED_TOKEN: "put the value in quotes, or mend the line before it",
  RESOURCE_EXHAUSTION: "write it with less nesting",
};

function syntaxProblem(raw: RawDocument, error: YAMLError): LocatedProblem {
  const place = at(raw, error.pos[0]);
  if (error.code === "RESOURCE_EXHAUSTION") {
    return { ...fileProblem("DROP1106", TOO_DEEP), ...place };
  }
  const detail = printable(error.message.replace(/\s+/g, " ")).replace(/[:.]\s*$/, "");
  const what = `not YAML: ${detail.charAt(0).toLowerCase()}${detail.slice(1)}`;
  const fix = FIXES[error.code] ?? "mend the text there";
  return { ...fileProblem("DROP1101", { what, fix }), ...place };
}

function fileProblem(
  rule: RuleId,
  fault: { readonly what: string; readonly fix: string },
): Problem {
  return problemOf(fault, { rule, home: "file", path: [] });
}

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
  const place = at(raw, node.range?.[0] ?? 0);
  return { ...fileProblem("DROP1101", fault), path, atKey: true, ...place };
}

/** What is wrong with the text of a document that can be read: keys that stand twice, and ambiguous scalars. */
function textProblems(raw: RawDocument): readonly LocatedProblem[] {
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
      what: `the key ${shown(name)} stands twice: the first is on line ${at(raw, before).line}`,
      fix: "remove one of the two",
    };
    const problem = fileProblem("DROP1102", fault);
    return [{ ...problem, path: [...path, name], atKey: true, ...at(raw, offset) }];
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
  return [{ ...problem, ...at(raw, node.range?.[0] ?? 0) }];
}

function words(value: Yaml11Value): string {
  return value === undefined ? "a text" : String(value);
}
