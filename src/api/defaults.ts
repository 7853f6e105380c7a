import { DEFAULTS } from "./defaults.gen.ts";
import { isRecord } from "./record.ts";
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
  const isLast = rest.length === 0;
  if (Object.hasOwn(parent, step) === isLast) return parent;
  const child = parent[step];
  const filled = isLast ? copyOf(initial) : withDefault(child, rest, initial);
  // Spreading makes `__proto__` a field like any other, and a field that is there keeps its place.
  return filled === child ? parent : { ...parent, [step]: filled };
}

/** Defaults are texts, numbers and flat mappings. */
function copyOf(initial: unknown): unknown {
  return isRecord(initial) ? { ...initial } : initial;
}
