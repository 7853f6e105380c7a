import {
  Composer,
  type Document,
  isAlias,
  Lexer,
  LineCounter,
  type ParsedNode,
  Parser,
  type YAMLError,
} from "yaml";
import { printable } from "../../api/printable.ts";
import { characterProblem } from "./characters.ts";
import { expand, TOO_DEEP } from "./expand.ts";
import { limitSteps } from "./limits.ts";
import { nodesOf } from "./nodes.ts";
import type { LocatedProblem, Place } from "./problem-at.ts";
import { fileProblem, placeAt, type RawDocument } from "./raw-document.ts";
import { allAtOnce, type Steps } from "./steps.ts";
import { textProblems } from "./text-problems.ts";

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
  return allAtOnce(yamlSteps(file, text));
}

/** `readYaml` with pauses; a single document is put together without any, in a second if it is as large as a file may be. */
export function* yamlSteps(file: string, text: string): Steps<YamlFile> {
  const strange = characterProblem(file, text);
  if (strange !== undefined) return { documents: [], problems: [strange] };
  const limit = yield* limitSteps(text);
  if (limit !== undefined) {
    const place = { file, line: 1, column: 1 };
    return { documents: [], problems: [{ ...fileProblem("DROP1106", limit), ...place }] };
  }
  const lines = new LineCounter();
  const documents: YamlDocument[] = [];
  const problems: LocatedProblem[] = [];
  for (const document of parsedDocuments(text, lines)) {
    if (document === undefined) {
      yield;
      continue;
    }
    const read = readDocument({ file, lines, document, text });
    if ("value" in read) documents.push(read);
    else problems.push(read.problem);
  }
  return { documents, problems };
}

const OPTIONS = {
  merge: true,
  uniqueKeys: false,
  prettyErrors: false,
  logLevel: "error",
} as const;

/** Pieces of text, such as a key, a space or a line break, parsed between two pauses. */
const STRETCH = 1 << 13;

/** The library's `parseAllDocuments`, one document after the other; undefined where there may be a pause. */
function* parsedDocuments(
  text: string,
  lineCounter: LineCounter,
): Generator<Document.Parsed | undefined> {
  const parser = new Parser(lineCounter.addNewLine);
  const composer = new Composer({ ...OPTIONS, lineCounter });
  lineCounter.addNewLine(0);
  let pieces = 0;
  for (const piece of new Lexer().lex(text)) {
    pieces += 1;
    if (pieces % STRETCH === 0) yield;
    for (const token of parser.next(piece)) yield* composer.next(token);
  }
  for (const token of parser.end()) yield* composer.next(token);
  yield* composer.end();
}

function readDocument(raw: RawDocument): YamlDocument | { readonly problem: LocatedProblem } {
  const { file, lines, document, text } = raw;
  const first = document.errors[0] ?? document.warnings[0];
  if (first !== undefined) return { problem: syntaxProblem(raw, first) };
  const expanded = expand(document);
  if (!expanded.ok) {
    const { alias, fault } = expanded;
    const place = placeAt(raw, aliasOffset(raw, alias) ?? document.contents?.range?.[0] ?? 0);
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
  const place = placeAt(raw, error.pos[0]);
  if (error.code === "RESOURCE_EXHAUSTION") {
    return { ...fileProblem("DROP1106", TOO_DEEP), ...place };
  }
  const detail = printable(error.message.replace(/\s+/g, " ")).replace(/[:.]\s*$/, "");
  const what = `not YAML: ${detail.charAt(0).toLowerCase()}${detail.slice(1)}`;
  const fix = FIXES[error.code] ?? "mend the text there";
  return { ...fileProblem("DROP1101", { what, fix }), ...place };
}
