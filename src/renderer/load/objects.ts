import { decode } from "../../api/decode.ts";
import { printable } from "../../api/printable.ts";
import type { FieldPath, Problem } from "../../api/problem.ts";
import { own } from "../../api/record.ts";
import type { DropObject, Kind } from "../../api/types.gen.ts";
import type { YamlDocument } from "./documents.ts";
import { identify } from "./identity.ts";
import { spanOf } from "./nodes.ts";
import type { LocatedProblem, Place } from "./problem-at.ts";
import type { Steps } from "./steps.ts";

/** An object of Drop's group as it was found in a file; `object` is absent where it has mistakes. */
export interface FoundObject {
  readonly kind: Kind;
  readonly name: string;
  readonly object?: DropObject;
  readonly authored: unknown;
  readonly problems: readonly LocatedProblem[];
  /** Where a field of the object stands. */
  readonly placeOf: (path: FieldPath, atKey?: boolean) => Place;
}

/** What a document holds: objects of Drop, Secrets, and problems of what is neither. */
export interface Found {
  readonly objects: readonly FoundObject[];
  readonly secrets: readonly unknown[];
  readonly problems: readonly LocatedProblem[];
}

/** Items of a List looked at between two pauses. */
const STRETCH = 256;

/** The objects of a document; the items of a List count as documents of their own. */
export function* objectSteps(document: YamlDocument): Steps<Found> {
  const objects: FoundObject[] = [];
  const bases: FieldPath[] = [];
  const secrets: unknown[] = [];
  const problems: LocatedProblem[] = [];
  const ofText = byItem(document.problems);
  for (const [index, { value, base }] of itemsOf(document.value).entries()) {
    if (index % STRETCH === STRETCH - 1) yield;
    const placeOf = (path: FieldPath, atKey = false) =>
      placeIn(document, [...base, ...path], atKey);
    const identity = identify(value, base.length);
    if (identity === "secret") secrets.push(value);
    else if (identity === "foreign") continue;
    else if (typeof identity === "object")
      problems.push({ ...identity, ...placeOf(identity.path) });
    else {
      bases.push(base);
      const inText = base.length === 0 ? document.problems : (ofText.get(base[1]) ?? []);
      objects.push(foundObject({ kind: identity, value, base, document, placeOf, inText }));
    }
  }
  // In a document or item of somebody else's kind, what stands in it is not Drop's to judge.
  const isList = bases.some((base) => base.length > 0);
  const left = isList ? (ofText.get(undefined) ?? []) : [];
  return { objects, secrets, problems: [...left, ...problems] };
}

/** Problems of a List's text by the index of their item; under undefined those of the List itself. */
function byItem(
  problems: readonly LocatedProblem[],
): ReadonlyMap<string | number | undefined, readonly LocatedProblem[]> {
  return Map.groupBy(problems, ({ path }) => (path[0] === "items" ? path[1] : undefined));
}

function itemsOf(value: unknown): readonly { readonly value: unknown; readonly base: FieldPath }[] {
  const kind = own(value, "kind");
  const items = own(value, "items");
  if (typeof kind !== "string" || !kind.endsWith("List") || !Array.isArray(items)) {
    return value === null || value === undefined ? [] : [{ value, base: [] }];
  }
  return items.map((item, index) => ({ value: item, base: ["items", index] }));
}

/** Where the field at a path stands in a document; `inside` counts on from there. */
export function placeIn(document: YamlDocument, path: FieldPath, atKey = false, inside = 0): Place {
  if (path.length === 0 && document.start) return { file: document.file, ...document.start };
  const { offset } = spanOf(document.contents, path, atKey);
  const { line, col } = document.lines.linePos(offset);
  return { file: document.file, line: Math.max(line, 1), column: Math.max(col, 1) + inside };
}

interface Item {
  readonly kind: Kind;
  readonly value: unknown;
  readonly base: FieldPath;
  readonly document: YamlDocument;
  readonly placeOf: (path: FieldPath, atKey?: boolean) => Place;
  /** Mistakes of the text within the object. */
  readonly inText: readonly LocatedProblem[];
}

function foundObject({ kind, value, base, document, placeOf, inText }: Item): FoundObject {
  const written = own(own(value, "metadata"), "name");
  const name = typeof written === "string" ? written : "";
  const decoded = decode(kind, value);
  const spoken = new Set(inText.map(({ line, column }) => `${line}:${column}`));
  const placed = [...decoded.problems, ...generatedName(value)].flatMap((problem) => {
    const place = locate({ problem, base, document });
    // A scalar that kubectl reads otherwise is one mistake, whatever the rules say of either reading.
    return spoken.has(`${place.line}:${place.column}`)
      ? []
      : [{ ...reworded(problem, base, document), ...place }];
  });
  const object = { kind, name: printable(name) };
  const problems = [...inText, ...placed].map((problem) => ({ ...problem, object }));
  const usable = decoded.object !== undefined && inText.length === 0 && name !== "";
  return {
    kind,
    name,
    authored: value,
    placeOf,
    problems,
    ...(usable ? { object: decoded.object } : {}),
  };
}

/** A name that the API server is to make up would be another one each time the file is applied. */
function generatedName(object: unknown): readonly Problem[] {
  const metadata = own(object, "metadata");
  const [name, prefix] = [own(metadata, "name") ?? "", own(metadata, "generateName") ?? ""];
  if (name !== "" || prefix === "") return [];
  const what = "the object has only generateName: each time it is applied another one would come";
  const facts = { rule: "DROP1105", home: "file", reason: "FieldValueRequired" } as const;
  const fix = "write metadata.name instead";
  return [{ ...facts, path: ["metadata", "generateName"], what, fix }];
}

interface ProblemIn {
  readonly problem: Problem;
  readonly base: FieldPath;
  readonly document: YamlDocument;
}

/** The place of a problem; inside a one-line scalar, that of the wrong character. */
function locate({ problem, base, document }: ProblemIn): Place {
  const path = [...base, ...problem.path];
  const { scalar, offset } = spanOf(document.contents, path, problem.atKey === true);
  const start = offset + (scalar?.plain ? 0 : 1);
  // Not so where a block, an escape or a folded line sets the text apart from the value.
  const isVerbatim = scalar !== undefined && document.text.startsWith(scalar.source, start);
  const isExact = isVerbatim && scalar.source === problem.value && problem.offset !== undefined;
  const inside = isExact ? problem.offset + start - offset : 0;
  return placeIn(document, path, problem.atKey === true, inside);
}

/** A number where a text belongs is quoted back as it was written: 1.10, not the 1.1 that it means. */
function reworded(problem: Problem, base: FieldPath, document: YamlDocument): Problem {
  if (problem.rule !== "DROP1002" || !problem.fix.startsWith("put it in quotes")) return problem;
  const { scalar } = spanOf(document.contents, [...base, ...problem.path], false);
  if (scalar === undefined) return problem;
  const what = problem.what.replace(/^[^ ]+/, () => scalar.source);
  return { ...problem, what, fix: `put it in quotes: "${scalar.source}"` };
}
