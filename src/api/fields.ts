import type { FieldPath } from "./problem.ts";
import { isRecord, own, valueAt } from "./record.ts";

/** A field of an object with its value. */
export interface Field {
  readonly path: FieldPath;
  readonly value: unknown;
}

/** The fields that a dotted path names, such as `spec.sources.*.type`; `*` stands for each item of a list. */
export function fieldsAt(object: unknown, dotted: string): readonly Field[] {
  const fields: Field[] = [];
  addFields(fields, { path: [], value: object, steps: stepsOf(dotted) });
  return fields;
}

/** The same, only those that are texts. */
export function textsAt(
  object: unknown,
  dotted: string,
): readonly { readonly path: FieldPath; readonly value: string }[] {
  const texts: { readonly path: FieldPath; readonly value: string }[] = [];
  for (const { path, value } of fieldsAt(object, dotted)) {
    if (typeof value === "string") texts.push({ path, value });
  }
  return texts;
}

/** The text at a path without `*`, if it is one. */
export function textAt(object: unknown, dotted: string): string | undefined {
  const value = valueAt(object, stepsOf(dotted));
  return typeof value === "string" ? value : undefined;
}

const KNOWN_STEPS = new Map<string, readonly string[]>();

/** The paths are the rules' own and few, so that each is divided once. */
function stepsOf(dotted: string): readonly string[] {
  const known = KNOWN_STEPS.get(dotted);
  if (known !== undefined) return known;
  const steps = dotted.split(".");
  KNOWN_STEPS.set(dotted, steps);
  return steps;
}

interface Search extends Field {
  /** Those of the whole path; as many as `path` is long are done. */
  readonly steps: readonly string[];
}

/** Looks before it writes paths down: most fields that rules ask for are not there. */
function addFields(fields: Field[], { path, value, steps }: Search): void {
  let found = value;
  for (let at = path.length; at < steps.length; at++) {
    const step = steps[at];
    if (step === undefined) return;
    if (step === "*") {
      const parent = [...path, ...steps.slice(path.length, at)];
      addItems(fields, { path: parent, value: found, steps });
      return;
    }
    if (!isRecord(found) || !Object.hasOwn(found, step)) return;
    found = own(found, step);
  }
  fields.push({ path: [...path, ...steps.slice(path.length)], value: found });
}

function addItems(fields: Field[], { path, value, steps }: Search): void {
  if (!Array.isArray(value)) return;
  for (const [index, item] of value.entries()) {
    addFields(fields, { path: [...path, index], value: item, steps });
  }
}
