import type { FieldPath } from "./problem.ts";
import { isRecord, own, valueAt } from "./record.ts";

/** A field of an object with its value. Its path is put together when it is asked for: that of most fields never is. */
export interface Field<T = unknown> {
  readonly path: FieldPath;
  readonly value: T;
}

class FoundField<T> implements Field<T> {
  readonly value: T;
  readonly #steps: readonly string[];
  /** One for each `*` among the steps. */
  readonly #indexes: readonly number[];

  constructor(value: T, steps: readonly string[], indexes: readonly number[]) {
    this.value = value;
    this.#steps = steps;
    this.#indexes = indexes;
  }

  get path(): FieldPath {
    const indexes = this.#indexes.values();
    return this.#steps.map((step) => (step === "*" ? (indexes.next().value ?? 0) : step));
  }
}

/** The fields that a dotted path names, such as `spec.sources.*.type`; `*` stands for each item of a list. */
export function fieldsAt(object: unknown, dotted: string): readonly Field[] {
  const steps = stepsOf(dotted);
  const fields: Field[] = [];
  search(object, { steps, from: 0, indexes: [] }, (value, indexes) => {
    fields.push(new FoundField(value, steps, indexes));
  });
  return fields;
}

/** The same, only those that are texts. */
export function textsAt(object: unknown, dotted: string): readonly Field<string>[] {
  const steps = stepsOf(dotted);
  const texts: Field<string>[] = [];
  search(object, { steps, from: 0, indexes: [] }, (value, indexes) => {
    if (typeof value === "string") texts.push(new FoundField(value, steps, indexes));
  });
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

interface Search {
  readonly steps: readonly string[];
  /** The first of the steps that is still to be done. */
  readonly from: number;
  /** Of the lists that were entered on the way. */
  readonly indexes: readonly number[];
}

type Visit = (value: unknown, indexes: readonly number[]) => void;

function search(object: unknown, { steps, from, indexes }: Search, visit: Visit): void {
  let found = object;
  for (let at = from; at < steps.length; at++) {
    const step = steps[at];
    if (step === undefined) return;
    if (step === "*") {
      if (!Array.isArray(found)) return;
      for (const [index, item] of found.entries()) {
        search(item, { steps, from: at + 1, indexes: [...indexes, index] }, visit);
      }
      return;
    }
    if (!isRecord(found) || !Object.hasOwn(found, step)) return;
    found = own(found, step);
  }
  visit(found, indexes);
}
