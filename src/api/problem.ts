import type { Fault } from "./parsed.ts";
import { printable } from "./printable.ts";
import type { RuleId, Severity } from "./rules/catalogue.ts";
import { isRuleId, RULES } from "./rules/catalogue.ts";

/** The way to a field from the root of its object: names of fields and keys of maps, indices of lists. */
export type FieldPath = readonly (string | number)[];

/**
 * Who else checks the rule. The API server checks `schema` and `cel` itself; `code` is checked by the webhook and the
 * CLI; `file` and `objects` only where files are read.
 */
export type Home = "schema" | "cel" | "code" | "file" | "objects";

/** Why a field is refused, in the words of Kubernetes' `metav1.CauseType`. */
export type CauseReason =
  | "FieldValueInvalid"
  | "FieldValueRequired"
  | "FieldValueNotSupported"
  | "FieldValueForbidden"
  | "FieldValueTypeInvalid"
  | "FieldValueTooLong"
  | "FieldValueTooMany";

/** One mistake in, or remark about, one field of an object. */
export interface Problem {
  readonly rule: RuleId;
  readonly home: Home;
  readonly reason: CauseReason;
  readonly path: FieldPath;
  readonly what: string;
  readonly fix: string;
  /** The value that is wrong; absent when the field is. */
  readonly value?: unknown;
  /** Where in the value, when it is a text with one wrong place. In UTF-16 code units. */
  readonly offset?: number;
  /** True when the key at the end of `path` is to blame, not its value. */
  readonly atKey?: boolean;
}

/** Whether the problem is a mistake or only a warning. */
export function severityOf({ rule }: Pick<Problem, "rule">): Severity {
  return RULES[rule].severity;
}

export function isMistake(problem: Pick<Problem, "rule">): boolean {
  return severityOf(problem) === "error";
}

/** `what; fix [id]`, the one form in which people read a problem everywhere. */
export function problemText({ what, fix, rule }: Pick<Problem, "what" | "fix" | "rule">): string {
  return `${what}; ${fix} [${rule}]`;
}

/** The problem of a field whose text has a fault. */
export function problemOf(
  fault: Fault,
  at: Omit<Problem, "what" | "fix" | "offset" | "reason"> & { readonly reason?: CauseReason },
): Problem {
  const { what, fix, offset } = fault;
  return {
    reason: "FieldValueInvalid",
    ...at,
    what,
    fix,
    ...(offset === undefined ? {} : { offset }),
  };
}

/** The longest key of a label, prefix and name. */
const LONGEST_KEY = 317;

/**
 * Kubernetes' way to write a field: `spec.sources[1].registry.tagFilter`, `spec.nodeSelector[kubernetes.io/arch]`.
 * Keys are a person's own text, and are made fit to print.
 */
export function formatPath(path: FieldPath): string {
  let text = "";
  for (const step of path) {
    if (typeof step === "number") text += `[${step}]`;
    else if (!isPlain(step)) text += `[${printable(step, LONGEST_KEY)}]`;
    else text += text === "" ? step : `.${step}`;
  }
  return text;
}

/** Whether a step can stand as it is; a key of any length may be sent. */
function isPlain(step: string): boolean {
  return step.length <= LONGEST_KEY && /^[A-Za-z_][A-Za-z0-9_]*$/.test(step);
}

const IGNORE_RULES = "drop.corewire.io/ignore-rules";

/** Problems without the warnings that the object's annotation `drop.corewire.io/ignore-rules` names. Mistakes stay. */
export function withoutIgnored(
  problems: readonly Problem[],
  annotations: Readonly<Record<string, unknown>> | undefined,
): readonly Problem[] {
  const text = annotations?.[IGNORE_RULES];
  if (typeof text !== "string") return problems;
  const ignored = new Set<string>(text.split(/[\s,]+/).filter(isRuleId));
  return problems.filter((problem) => isMistake(problem) || !ignored.has(problem.rule));
}
