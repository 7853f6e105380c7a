import type { ImageRecord } from "./images.ts";
import { wholeSecond } from "./images.ts";
import type { Ledger } from "./ledger.ts";
import { TARGET } from "./targets.ts";

/** After so many failures in one round a node is left to the next one, so that it holds nobody up. */
const ATTEMPTS_A_ROUND = 3;

/** How often an image's registry is asked again, in milliseconds; undefined: never. */
export function refreshIntervalOf({ facts, spec, policy }: ImageRecord): number | undefined {
  if (spec === undefined || facts.isDeleting || spec.isSuspended || spec.isPinned) return undefined;
  if (spec.imagePullPolicy === "Never" || policy === undefined) return undefined;
  return policy.isSuspended ? undefined : policy.repullIntervalMs;
}

/** Whether a node has yet to be asked again in the round that was begun last. */
export function isRefreshPending(record: ImageRecord, slot: number): boolean {
  const { refreshStartedAt, exclusions, source } = record;
  if (refreshStartedAt === undefined || source === undefined) return false;
  const since = source.evidence.since[slot] ?? 0;
  if (since === 0 || since >= refreshStartedAt || exclusions[slot] !== TARGET) return false;
  const failed = source.failures.size === 0 ? undefined : source.failures.get(slot);
  return failed === undefined || failed.attempts < ATTEMPTS_A_ROUND || failed.at < refreshStartedAt;
}

/** Begins the rounds of repeated pulls that are due: one at a time for each image. */
export function beginRefreshes(ledger: Ledger, now: number): void {
  for (const record of ledger.images.values()) {
    record.nextRefreshAt = undefined;
    const intervalMs = refreshIntervalOf(record);
    if (intervalMs === undefined) continue;
    const dueAt = nextRoundAt(ledger, record, intervalMs);
    if (dueAt !== undefined && dueAt <= now) {
      record.refreshStartedAt = wholeSecond(now);
      ledger.touched.add(record.name);
    } else record.nextRefreshAt = dueAt;
  }
}

/** Undefined while a round runs, and while no target holds the image. */
function nextRoundAt(
  { slots }: Ledger,
  record: ImageRecord,
  intervalMs: number,
): number | undefined {
  const { exclusions, source, refreshStartedAt = 0 } = record;
  if (source === undefined) return undefined;
  const { since } = source.evidence;
  let oldest = Number.POSITIVE_INFINITY;
  for (let slot = 0; slot < slots.end; slot++) {
    const at = since[slot] ?? 0;
    if (at === 0 || exclusions[slot] !== TARGET) continue;
    if (at < refreshStartedAt && isRefreshPending(record, slot)) return undefined;
    if (at < oldest) oldest = at;
  }
  if (oldest === Number.POSITIVE_INFINITY) return undefined;
  return Math.max(refreshStartedAt, oldest) + intervalMs;
}
