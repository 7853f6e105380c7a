import type { CachedImageStatus, EvictedNode, FailedNode } from "../../api/types.gen.ts";
import { scopeOf } from "../failure/scope.ts";
import { FAILURE_REASONS, type FailureReason } from "../model/failure.ts";
import type { FailedAttempt } from "./attempts.ts";
import { evictionWaitMs } from "./backoff.ts";
import { EVICTIONS_THAT_HOLD_A_NODE, evictingHold, evictionOf } from "./evictions.ts";
import type { Source } from "./evidence.ts";
import type { ImageRecord } from "./images.ts";
import type { Ledger } from "./ledger.ts";
import { noteRestoredStart, policyKeyOf } from "./starts.ts";

/** Kubelet's list needs so long until it names what was pulled, in milliseconds. */
export const LIST_LAG_MS = 60_000;

/** When a CachedImage is seen for the first time, and how long the first eviction keeps one away; milliseconds. */
export interface FirstSight {
  readonly now: number;
  readonly evictionBackoffMs: number;
}

/**
 * Takes over what an earlier leader wrote into the status of an image. What happened on nodes counts for the reference
 * that it speaks of, and for nodes that were there then: one that came later under the same name is another one.
 */
export function restoreImage(ledger: Ledger, record: ImageRecord, sight: FirstSight): void {
  const { source, spec, facts } = record;
  const { status } = facts;
  const isSameReference = spec !== undefined && status.reference === spec.reference;
  const isSameSpec = isSameReference && status.observedGeneration === facts.generation;
  restoreTimes(ledger, record, { status, isSameSpec });
  if (source === undefined || !isSameReference) return;
  record.refreshStartedAt = timeOf(status.refreshStartedAt);
  record.resolvedDigest = status.resolvedDigest;
  if (source.evidence.isRestorable) restoreEvidence(ledger, record, sight.now);
  for (const evicted of status.evictedNodes ?? []) {
    restoreEviction(ledger, source, { evicted, ...sight });
  }
  if (isSameSpec) restoreFailures(ledger, record, source);
}

interface Written {
  readonly status: CachedImageStatus;
  readonly isSameSpec: boolean;
}

function restoreTimes(ledger: Ledger, record: ImageRecord, { status, isSameSpec }: Written): void {
  record.lastPulledAt = timeOf(status.lastPulledAt);
  record.lastAttemptedAt = timeOf(status.lastAttemptedAt);
  if (record.lastAttemptedAt !== undefined) {
    noteRestoredStart(ledger, policyKeyOf(record.spec?.policyName), record.lastAttemptedAt);
  }
  // Whether the selector or only the priority changed meanwhile nobody can tell any more.
  if (!isSameSpec) return;
  record.workStartedAt = timeOf(status.workStartedAt) ?? record.workStartedAt;
  record.consecutiveFailures = status.consecutiveFailures ?? 0;
}

function restoreEvidence(ledger: Ledger, record: ImageRecord, now: number): void {
  const { lastPulledAt, refreshStartedAt, facts, workStartedAt, source } = record;
  const { cachedNodes = [], refreshedThrough = "" } = facts.status;
  const knownAt = lastPulledAt ?? workStartedAt;
  const evidence = source?.evidence;
  if (evidence === undefined) return;
  const listedBy = (lastPulledAt ?? 0) + LIST_LAG_MS;
  if (listedBy > now) evidence.claimedUntil = Math.max(listedBy, evidence.claimedUntil);
  for (const name of cachedNodes) {
    const slot = slotBefore(ledger, name, knownAt);
    if (slot === undefined) continue;
    const isRefreshed = refreshStartedAt !== undefined && name <= refreshedThrough;
    const latest = refreshStartedAt === undefined ? knownAt : refreshStartedAt - 1;
    const since = isRefreshed ? refreshStartedAt : Math.min(knownAt, latest);
    evidence.since[slot] = Math.max(since, evidence.since[slot] ?? 0);
  }
}

/** The slot of a node that was there before a time. */
function slotBefore({ slots }: Ledger, name: string, at: number): number | undefined {
  const slot = slots.byName.get(name);
  const node = slot === undefined ? undefined : slots.nodes[slot];
  return node !== undefined && node.createdAt < at ? slot : undefined;
}

function restoreEviction(
  ledger: Ledger,
  { evidence }: Source,
  told: { readonly evicted: EvictedNode; readonly evictionBackoffMs: number },
): void {
  const { evicted, evictionBackoffMs } = told;
  const { node, count = 1, nextAttemptTime } = evicted;
  const nextAt = timeOf(nextAttemptTime);
  if (nextAt === undefined) return;
  const lostAt = nextAt - evictionWaitMs(evictionBackoffMs, count);
  const slot = slotBefore(ledger, node, lostAt);
  if (slot !== undefined) {
    evidence.evictions.set(slot, evictionOf(count, lostAt, evictionBackoffMs));
  }
}

function restoreFailures(ledger: Ledger, record: ImageRecord, source: Source): void {
  const { lastAttemptedAt, facts } = record;
  if (lastAttemptedAt === undefined) return;
  for (const failed of facts.status.failedNodes ?? []) {
    const slot = slotBefore(ledger, failed.node, lastAttemptedAt);
    const node = slot === undefined ? undefined : ledger.slots.nodes[slot];
    const attempt = attemptOf(failed, lastAttemptedAt);
    if (slot === undefined || node === undefined || attempt === undefined) continue;
    source.failures.set(slot, attempt);
    const { scope } = attempt.failure;
    if (scope === "platform") source.platforms.set(node.architecture, { node: node.name, attempt });
    if (scope === "node") {
      const { failure, attempts, at, nextAt: until } = attempt;
      ledger.slots.failing.set(slot, { failure, attempts, at, since: at, until });
    }
  }
}

function attemptOf(failed: FailedNode, at: number): FailedAttempt | undefined {
  const { reason, message = "", attempts = 1, nextAttemptTime } = failed;
  const known = FAILURE_REASONS.find((each): each is FailureReason => each === reason);
  if (known === undefined) return undefined;
  const failure = { reason: known, scope: scopeOf(known), message };
  return { failure, attempts, at, nextAt: timeOf(nextAttemptTime) ?? at };
}

function timeOf(text: string | undefined): number | undefined {
  const at = text === undefined ? Number.NaN : Date.parse(text);
  return Number.isNaN(at) ? undefined : at;
}

/** So many evictions from one node once held all of it: the earliest of them ends that. */
export function restoreEvictingNodes({ slots, evidence }: Ledger, now: number): void {
  for (const slot of slots.inNameOrder) {
    const waits: number[] = [];
    for (const { evictions } of evidence.values()) {
      const nextAt = evictions.get(slot)?.nextAt ?? 0;
      if (nextAt > now) waits.push(nextAt);
    }
    if (waits.length < EVICTIONS_THAT_HOLD_A_NODE) continue;
    const hold = evictingHold(waits.length, { now, evictionBackoffMs: Math.min(...waits) - now });
    slots.evicting.set(slot, hold);
  }
}
