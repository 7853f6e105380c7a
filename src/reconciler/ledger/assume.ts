import type { PodRequest } from "../model/pod.ts";
import { pullPodName } from "../pull-pod/name.ts";
import { wholeSecond } from "./images.ts";
import { type Ledger, touch } from "./ledger.ts";
import { noteAttempt, noteSeenStart } from "./pods.ts";
import { paceOf } from "./policies.ts";
import { isContinued, noteSpare, noteStart, policyKeyOf } from "./starts.ts";
import { isRetry } from "./suspects.ts";

/**
 * The Pod is asked for, and the watch has not shown it yet: it counts as there until it is seen, for 30 s at most.
 */
export function assume(ledger: Ledger, request: PodRequest, now: number): void {
  const { work } = request;
  const { nodeName, items } = work;
  const policyKey = policyKeyOf(work.policyName);
  const slot = ledger.slots.byName.get(nodeName);
  const turn = slot === undefined ? undefined : ledger.turns.get(slot);
  const starts = ledger.starts.get(policyKey);
  const beginsTurn = slot === undefined || !isContinued(ledger, { slot, policyKey, now });
  ledger.pods.set(pullPodName(work.nodeUid), {
    ...{ name: pullPodName(work.nodeUid), nodeName, policyKey, work, startedAt: now },
    isAsked: true,
    ...{ facts: undefined, takenUpAt: undefined, ends: items.map(() => undefined) },
    timeoutMs: paceOf(ledger, policyKey).pullTimeoutMs,
    ...{ isFinished: false, condemned: undefined, deletedAt: undefined },
    ...{ before: { turn, starts: starts && { ...starts } }, beginsTurn },
  });
  const wasRetry = isRetry(ledger, work);
  if (beginsTurn) {
    if (turn !== undefined) noteStart(ledger, turn.policyKey, nodeName, turn.startedAt);
    noteStart(ledger, policyKey, nodeName, now);
  }
  if (wasRetry || work.isRefresh) {
    noteSpare(ledger, policyKey, work.isRefresh ? "refresh" : "retry");
  }
  if (slot !== undefined) {
    ledger.turns.set(slot, { policyKey, startedAt: now, endedAt: undefined, wasRetry });
  }
  noteAttempt(ledger, work, wholeSecond(now));
  for (const { images } of items) touch(ledger, images);
}

/** The API server took the Pod, at some time until now: the pacing counts from here. */
export function noteCreated(ledger: Ledger, { work }: PodRequest, now: number): void {
  const name = pullPodName(work.nodeUid);
  const record = ledger.pods.get(name);
  if (record?.isAsked !== true) return;
  ledger.pods.set(name, { ...record, startedAt: now, isAsked: false });
  noteSeenStart(ledger, { ...record, startedAt: now });
}

/** The API server took the Pod's deletion (or said that it is gone): it is not asked again for 30 s. */
export function assumeDeleted(ledger: Ledger, podUid: string, now: number): void {
  for (const record of ledger.pods.values()) {
    if (record.facts?.uid === podUid) record.deletedAt = now;
  }
}
