import { keepsRule } from "./cel-twins.ts";
import type { CauseReason, FieldPath, Problem } from "./problem.ts";
import { isRecord, own } from "./record.ts";
import { isRuleId, type RuleId } from "./rules/catalogue.ts";
import type { CelValidation, Schema } from "./schema.ts";

/** Every CEL rule of the schema that the value breaks, with the message that the CRD has for it; the first `most`. */
export function brokenRules(
  schema: Schema,
  value: unknown,
  most = Number.POSITIVE_INFINITY,
): readonly Problem[] {
  const walk = { path: [], problems: [], most };
  visit(schema, value, walk);
  return walk.problems;
}

/** Where a walk through an object has got to, and what it found on its way. */
interface Walk {
  readonly path: (string | number)[];
  readonly problems: Problem[];
  readonly most: number;
}

function visit(schema: Schema, value: unknown, walk: Walk): void {
  const { path, problems, most } = walk;
  if (!hasRules(schema) || problems.length >= most) return;
  for (const validation of schema["x-kubernetes-validations"] ?? []) {
    if (!keepsRule(validation.rule, value)) problems.push(broken(validation, value, [...path]));
  }
  if (schema.items !== undefined && Array.isArray(value) && hasRules(schema.items)) {
    for (const [index, item] of value.entries()) visitBelow(schema.items, item, index, walk);
  }
  if (schema.properties === undefined || !isRecord(value)) return;
  for (const [name, field] of ruledFields(schema)) {
    if (Object.hasOwn(value, name)) visitBelow(field, value[name], name, walk);
  }
}

function visitBelow(schema: Schema, value: unknown, step: string | number, walk: Walk): void {
  walk.path.push(step);
  visit(schema, value, walk);
  walk.path.pop();
}

type Fields = readonly (readonly [name: string, schema: Schema])[];

/** By schema: its fields with a CEL rule at any depth. Most have none, and their values need not be walked. */
const RULED_FIELDS = new WeakMap<Schema, Fields>();

function ruledFields(schema: Schema): Fields {
  const known = RULED_FIELDS.get(schema);
  if (known !== undefined) return known;
  const found = Object.entries(schema.properties ?? {}).filter(([, field]) => hasRules(field));
  RULED_FIELDS.set(schema, found);
  return found;
}

function hasRules(schema: Schema): boolean {
  if (schema["x-kubernetes-validations"] !== undefined || ruledFields(schema).length > 0)
    return true;
  return schema.items !== undefined && hasRules(schema.items);
}

function broken(
  { message, reason, fieldPath }: CelValidation,
  self: unknown,
  at: FieldPath,
): Problem {
  const field = fieldPath?.slice(1);
  const value = field === undefined ? self : own(self, field);
  return {
    ...splitMessage(message),
    home: "cel",
    reason: causeReason(reason),
    path: field === undefined ? at : [...at, field],
    ...(isRecord(value) || Array.isArray(value) ? {} : { value }),
  };
}

const RULE_AT_END = / \[(DROP[0-9]{4})\]$/;

/** The parts of a CRD's message, `what: why; fix [DROP1007]`: the first semicolon ends what is wrong. */
export function splitMessage(message: string): { what: string; fix: string; rule: RuleId } {
  const end = message.indexOf("; ");
  const rule = RULE_AT_END.exec(message)?.[1] ?? "";
  if (end === -1 || !isRuleId(rule)) throw new Error(`a CRD message without its parts: ${message}`);
  return { what: message.slice(0, end), fix: message.slice(end + 2, -" [DROP0000]".length), rule };
}

const REASONS: readonly CauseReason[] = [
  "FieldValueInvalid",
  "FieldValueRequired",
  "FieldValueForbidden",
];

function causeReason(reason: string | undefined): CauseReason {
  return REASONS.find((known) => known === reason) ?? "FieldValueInvalid";
}
