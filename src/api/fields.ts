import type { FieldPath } from "./problem.ts";
import { isRecord, own } from "./record.ts";

/** A field of an object with its value. */
export interface Field {
  readonly path: FieldPath;
  readonly value: unknown;
}

/** The fields that a dotted path names, such as `spec.sources.*.type`; `*` stands for each item of a list. */
export function fieldsAt(object: unknown, dotted: string): readonly Field[] {
  let fields: readonly Field[] = [{ path: [], value: object }];
  for (const step of dotted.split(".")) {
    fields = fields.flatMap((field) => (step === "*" ? itemsOf(field) : childOf(field, step)));
  }
  return fields;
}

/** The same, only those that are texts. */
export function textsAt(
  object: unknown,
  dotted: string,
): readonly { readonly path: FieldPath; readonly value: string }[] {
  return fieldsAt(object, dotted).flatMap(({ path, value }) =>
    typeof value === "string" ? [{ path, value }] : [],
  );
}

/** The text at a path without `*`, if it is one. */
export function textAt(object: unknown, dotted: string): string | undefined {
  return textsAt(object, dotted)[0]?.value;
}

function itemsOf({ path, value }: Field): readonly Field[] {
  if (!Array.isArray(value)) return [];
  return value.map((item, index) => ({ path: [...path, index], value: item }));
}

function childOf({ path, value }: Field, step: string): readonly Field[] {
  if (!isRecord(value) || !Object.hasOwn(value, step)) return [];
  return [{ path: [...path, step], value: own(value, step) }];
}
