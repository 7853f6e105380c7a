import type { FieldPath, Problem } from "../problem.ts";
import type { RuleId } from "./catalogue.ts";

/** A warning about a field of an object in the light of others. */
export function remark(rule: RuleId, path: FieldPath, what: string, fix: string): Problem {
  return { rule, home: "objects", reason: "FieldValueInvalid", path, what, fix };
}
