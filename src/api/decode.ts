import { brokenRules } from "./cel.ts";
import { withDefaults } from "./defaults.ts";
import { withoutNulls } from "./nulls.ts";
import { printable } from "./printable.ts";
import { isMistake, type Problem, withoutIgnored } from "./problem.ts";
import { inOrder } from "./problem-order.ts";
import { isRecord, own } from "./record.ts";
import { sourceProblems } from "./rules/discovery-rules.ts";
import { paceProblems } from "./rules/pace-rules.ts";
import { remarks } from "./rules/remarks.ts";
import { selectorProblems } from "./rules/selector-rules.ts";
import { textProblems } from "./rules/text-rules.ts";
import { schemaProblem } from "./schema-problems.ts";
import { SCHEMAS } from "./schemas.gen.ts";
import type { Kind, ObjectByKind } from "./types.gen.ts";
import { validated } from "./validator.ts";

/** What an object turned out to be: the decoded object, absent when there are mistakes, and all that is to say of it. */
export interface Decoded<K extends Kind> {
  readonly object?: ObjectByKind[K];
  /** Mistakes and warnings, in the order of the object's fields, each field and rule once. */
  readonly problems: readonly Problem[];
}

/**
 * Judges an object of a known kind by every rule that needs no other object, all mistakes at once, and fills in the
 * defaults. Total: any value whatever gives an answer. Whoever has to answer soon looks for the first `most` mistakes in
 * texts, and as many in CEL rules: a list with thousands of them takes long.
 */
export function decode<K extends Kind>(
  kind: K,
  input: unknown,
  most = Number.POSITIVE_INFINITY,
): Decoded<K> {
  const schema = SCHEMAS[kind];
  const pruned = withoutNulls(schema, input);
  const filled = withDefaults(kind, pruned.value);
  const result = validated(kind, filled);
  const found = [
    ...pruned.problems,
    ...("errors" in result
      ? result.errors.map((error) => schemaProblem(error, filled, schema))
      : []),
    ...codeProblems(kind, filled, most),
    ...brokenRules(schema, filled, most),
  ];
  if (found.length === 0 && "object" in result) return { object: result.object, problems: [] };
  const heeded = withoutIgnored(onePerField(found), annotationsOf(filled));
  const problems = inOrder(heeded, filled).map(legible);
  const refused = "errors" in result || problems.some(isMistake);
  return refused ? { problems } : { object: result.object, problems };
}

function codeProblems(kind: Kind, object: unknown, most: number): readonly Problem[] {
  return [
    ...textProblems(kind, object, most),
    ...selectorProblems(object),
    ...(kind === "DiscoveryPolicy" ? sourceProblems(object) : []),
    ...(kind === "PullPolicy" ? paceProblems(object) : []),
    ...remarks(kind, object),
  ];
}

/** Where the schema refuses a value, what else is wrong with it does not matter; of equal rules the first is kept. */
function onePerField(problems: readonly Problem[]): readonly Problem[] {
  const typed = new Set(
    problems
      .filter(({ home, atKey }) => home === "schema" && atKey !== true)
      .map(({ path }) => JSON.stringify(path)),
  );
  const seen = new Set<string>();
  return problems.filter(({ rule, home, path }) => {
    const at = JSON.stringify(path);
    const key = `${rule} ${at}`;
    if (seen.has(key) || (home !== "schema" && typed.has(at))) return false;
    seen.add(key);
    return true;
  });
}

function annotationsOf(object: unknown): Readonly<Record<string, unknown>> | undefined {
  const annotations = own(own(object, "metadata"), "annotations");
  return isRecord(annotations) ? annotations : undefined;
}

/** Far more than any rule has to say. */
const LONGEST_TEXT = 4_096;

/** Words may quote what somebody else wrote: nothing in them may forge a line or colour a terminal. */
function legible(problem: Problem): Problem {
  const { what, fix } = problem;
  return { ...problem, what: printable(what, LONGEST_TEXT), fix: printable(fix, LONGEST_TEXT) };
}
