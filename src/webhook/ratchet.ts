import type { Problem } from "../api/problem.ts";
import { isRecord, valueAt } from "../api/record.ts";
import type { RuleId } from "../api/rules/catalogue.ts";

/** Rules that guard secrets: an old object that breaks one is refused with every change. */
const NEVER_TOLERATED: ReadonlySet<RuleId> = new Set(["DROP1012"]);

/** The mistakes of an object with what it looked like, which tells equal mistakes from others. */
export interface Judged {
  readonly object: unknown;
  readonly mistakes: readonly Problem[];
}

/** The mistakes of an update, divided into those that it makes and those that were there before. */
export interface Ratcheted {
  readonly made: readonly Problem[];
  readonly tolerated: readonly Problem[];
}

/**
 * A mistake is an old one when the old object has the same rule broken by the same value in the same field, whatever
 * the index; each old mistake excuses one new.
 */
export function ratchet(now: Judged, before: Judged): Ratcheted {
  const open = new Map<string, number>();
  for (const mistake of before.mistakes) {
    const key = keyOf(mistake, before.object);
    open.set(key, (open.get(key) ?? 0) + 1);
  }
  const made: Problem[] = [];
  const tolerated: Problem[] = [];
  for (const mistake of now.mistakes) {
    const key = keyOf(mistake, now.object);
    const excused = NEVER_TOLERATED.has(mistake.rule) ? 0 : (open.get(key) ?? 0);
    open.set(key, excused - 1);
    (excused > 0 ? tolerated : made).push(mistake);
  }
  return { made, tolerated };
}

function keyOf({ rule, path }: Problem, object: unknown): string {
  const field = path.map((step) => (typeof step === "number" ? 0 : step));
  return JSON.stringify([rule, field, fingerprint(valueAt(object, path), DEEPEST)]);
}

/** Deeper than any field of the four kinds; what lies below does not tell mistakes apart. */
const DEEPEST = 12;

/** A text that is the same for equal values, whatever the order of their keys. */
function fingerprint(value: unknown, levels: number): string {
  if (levels === 0) return "…";
  if (Array.isArray(value)) return `[${value.map((item) => fingerprint(item, levels - 1)).join()}]`;
  if (!isRecord(value)) return `${typeof value} ${JSON.stringify(value)}`;
  const entries = Object.entries(value).map(
    ([key, child]) => `${JSON.stringify(key)}:${fingerprint(child, levels - 1)}`,
  );
  return `{${entries.sort().join()}}`;
}
