import { DEFAULTS } from "./defaults.gen.ts";
import { isRecord, recordOf } from "./record.ts";
import type { Kind } from "./types.gen.ts";

/** The object with every default of its kind in place of an absent field, as the API server does it. */
export function withDefaults(kind: Kind, object: unknown): unknown {
  let result = object;
  for (const { path, value } of DEFAULTS[kind]) result = withDefault(result, path, value);
  return result;
}

function withDefault(
  parent: unknown,
  [step, ...rest]: readonly string[],
  initial: unknown,
): unknown {
  if (step === undefined) return parent;
  if (step === "*") {
    return Array.isArray(parent) ? parent.map((item) => withDefault(item, rest, initial)) : parent;
  }
  if (!isRecord(parent)) return parent;
  const present = Object.hasOwn(parent, step);
  if (rest.length === 0)
    return present
      ? parent
      : recordOf([...Object.entries(parent), [step, structuredClone(initial)]]);
  if (!present) return parent;
  const child = parent[step];
  const filled = withDefault(child, rest, initial);
  if (filled === child) return parent;
  return recordOf(Object.entries(parent).map(([key, old]) => [key, key === step ? filled : old]));
}
