import { isDeepStrictEqual } from "node:util";
import type { CachedImageStatus } from "../../api/types.gen.ts";
import { failureReasons } from "./failure-reasons.ts";
import { CONDITION_TYPES, conditionOf } from "./verdict.ts";

/** Of either kind: what is written at once where it changes. */
export type AnyStatus = Pick<
  CachedImageStatus,
  | "observedGeneration"
  | "phase"
  | "reference"
  | "conditions"
  | "failedNodes"
  | "workStartedAt"
  | "lastAttemptedAt"
>;

/** A status, the one written before it, and when that was; times in milliseconds. */
export interface StatusChange {
  /** The last one that the API server took, undefined where there is none. */
  readonly applied: AnyStatus | undefined;
  readonly wanted: AnyStatus;
  /** Undefined: not by this process. */
  readonly appliedAt: number | undefined;
  readonly now: number;
}

/** Counts and lists change with every node: they are written no more often than this. */
export const THROTTLE_MS = 30_000;

/** When the wanted status is to be written: now, at a time, or never since it says what is there already. */
export function statusDue({
  applied,
  wanted,
  appliedAt,
  now,
}: StatusChange): number | "now" | undefined {
  if (applied === undefined) return "now";
  if (isDeepStrictEqual(ownPart(applied), ownPart(wanted))) return undefined;
  if (isUrgent(applied, wanted)) return "now";
  const dueAt = (appliedAt ?? 0) + THROTTLE_MS;
  return dueAt <= now ? "now" : dueAt;
}

/** Without the conditions of other field managers, nor empty lists, which are written by leaving them out. */
function ownPart(status: AnyStatus): unknown {
  const types: ReadonlySet<string> = new Set(CONDITION_TYPES);
  const conditions = status.conditions?.filter(({ type }) => types.has(type)) ?? [];
  const fields = Object.entries({ ...status, conditions });
  return Object.fromEntries(
    fields.filter(
      ([, value]) => value !== undefined && !(Array.isArray(value) && value.length === 0),
    ),
  );
}

function isUrgent(applied: AnyStatus, wanted: AnyStatus): boolean {
  if (applied.observedGeneration !== wanted.observedGeneration) return true;
  if (applied.reference !== wanted.reference) return true;
  if (VERDICTS.some((type) => statusOf(applied, type) !== statusOf(wanted, type))) return true;
  if (isPhaseUrgent(applied, wanted)) return true;
  const known = new Set(failureReasons(applied));
  return failureReasons(wanted).some((reason) => !known.has(reason));
}

/** What tools wait for; `PullProgress` turns with every pull Pod. */
const VERDICTS = ["Ready", "Reconciling", "Stalled"] as const;

function statusOf({ conditions }: AnyStatus, type: (typeof VERDICTS)[number]): string | undefined {
  return conditionOf(conditions, type)?.status;
}

/** Pulling comes and goes with every node: after the first one it counts as a count does. */
function isPhaseUrgent(applied: AnyStatus, wanted: AnyStatus): boolean {
  if (applied.phase === wanted.phase || applied.phase === "Pulling") return false;
  return wanted.phase !== "Pulling" || isFirstStart(applied, wanted);
}

function isFirstStart(applied: AnyStatus, { workStartedAt }: AnyStatus): boolean {
  // A set tells of no start: its phase follows those of its images.
  if (workStartedAt === undefined) return true;
  return !hasStarted(applied, workStartedAt);
}

/** Whether a pull of the work that began then was started; RFC 3339 in UTC compares as text. */
export function hasStarted({ lastAttemptedAt }: AnyStatus, workStartedAt: string): boolean {
  return lastAttemptedAt !== undefined && lastAttemptedAt >= workStartedAt;
}
