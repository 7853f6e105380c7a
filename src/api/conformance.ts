import { RE2JS } from "re2js";
import { isRecord, type UnknownRecord } from "./record.ts";
import type { Schema } from "./schema.ts";

/**
 * Whether a value certainly keeps a schema. To nearly all that people write it says yes without the schema being
 * compiled, which takes longer than the rest of most runs; after a no a validator has to look, and name the mistakes.
 */
export function surelyConforms(schema: Schema, value: unknown): boolean {
  switch (schema.type) {
    case "string":
      return typeof value === "string" && isTextOf(schema, value);
    case "integer":
      return typeof value === "number" && isIntegerOf(schema, value);
    case "boolean":
      return typeof value === "boolean";
    case "array":
      return Array.isArray(value) && isListOf(schema, value);
    case "object":
      return isRecord(value) && isMappingOf(schema, value);
    default:
      return false;
  }
}

/** Lengths count characters, of which a text has at most one and at least half a one for each of its code units. */
function isTextOf(schema: Schema, text: string): boolean {
  const { enum: choices, const: only, pattern } = schema;
  if (schema["format"] !== undefined) return false;
  if (text.length > limit(schema["maxLength"], Number.POSITIVE_INFINITY)) return false;
  if (text.length < 2 * limit(schema["minLength"], 0) - 1) return false;
  if (choices !== undefined && !(Array.isArray(choices) && choices.includes(text))) return false;
  if (only !== undefined && only !== text) return false;
  return typeof pattern !== "string" || compiled(pattern).test(text);
}

const COMPILED = new Map<string, RE2JS>();

function compiled(pattern: string): RE2JS {
  const known = COMPILED.get(pattern) ?? RE2JS.compile(pattern);
  COMPILED.set(pattern, known);
  return known;
}

/** Every number of either format that is small enough for it, and some that are large enough not to be exact. */
function isIntegerOf(schema: Schema, value: number): boolean {
  const { format } = schema;
  if (!Number.isSafeInteger(value)) return false;
  if (format !== undefined && format !== "int64" && Math.abs(value) >= 2 ** 31) return false;
  if (value < limit(schema["minimum"], Number.NEGATIVE_INFINITY)) return false;
  return value <= limit(schema["maximum"], Number.POSITIVE_INFINITY);
}

function isListOf(schema: Schema, list: readonly unknown[]): boolean {
  const { items } = schema;
  if (list.length < limit(schema["minItems"], 0)) return false;
  if (list.length > limit(schema["maxItems"], Number.POSITIVE_INFINITY)) return false;
  if (items === undefined) return true;
  for (const item of list) if (!surelyConforms(items, item)) return false;
  return true;
}

function isMappingOf(schema: Schema, mapping: UnknownRecord): boolean {
  const { properties = {}, additionalProperties, required = [] } = schema;
  for (const key of required) if (!Object.hasOwn(mapping, key)) return false;
  const keys = Object.keys(mapping);
  if (keys.length > limit(schema["maxProperties"], Number.POSITIVE_INFINITY)) return false;
  for (const key of keys) {
    const field = Object.hasOwn(properties, key) ? properties[key] : additionalProperties;
    if (field === undefined) continue;
    if (field === false || !surelyConforms(field, mapping[key])) return false;
  }
  return true;
}

function limit(keyword: unknown, without: number): number {
  return typeof keyword === "number" ? keyword : without;
}
