import type { ClusterFacts } from "../model/facts.ts";
import type { PodFacts, PodWork } from "../model/pod.ts";
import { readPod } from "../pull-pod/reading.ts";
import { noteAccepted } from "./admission.ts";
import { condemnation } from "./deadlines.ts";
import { type Ledger, touch } from "./ledger.ts";
import { settleAll, settleRest } from "./outcomes.ts";
import { paceOf } from "./policies.ts";
import { noteStart, type PolicyStarts, policyKeyOf, SECOND_CUT_MS, type Turn } from "./starts.ts";

/** What is remembered of a pull Pod that exists, or that the API server took a moment ago. */
export interface PodRecord {
  readonly name: string;
  readonly nodeName: string;
  readonly policyKey: string;
  /** Undefined: it cannot be read. */
  readonly work: PodWork | undefined;
  /** When it was created, at the latest, for the pacing; milliseconds since 1970 here and below. */
  readonly startedAt: number;
  /** Its creation was asked for and may happen at any moment, or not at all. */
  isAsked: boolean;
  /** Undefined: the watch has not shown it yet. */
  facts: PodFacts | undefined;
  /** When kubelet took it up, as far as that can be true. */
  takenUpAt: number | undefined;
  /** What each pull may take: an edited policy is for new Pods. */
  readonly timeoutMs: number;
  /** How each item ended; undefined: not yet. */
  readonly ends: ("pulled" | "failed" | undefined)[];
  isFinished: boolean;
  /** Why it has to go before it is finished. */
  condemned: string | undefined;
  /** When the API server took its deletion. */
  deletedAt: number | undefined;
  /** What it was before the Pod was asked for, to go back to if it is refused. */
  readonly before?: { readonly turn: Turn | undefined; readonly starts: PolicyStarts | undefined };
  /** Its node began a turn with it, so that others keep their distance from its start. */
  readonly beginsTurn: boolean;
}

/** A Pod that the watch has not shown for so long is taken for not there, in milliseconds. */
export const UNSEEN_MS = 30_000;

/** Takes in the pull Pods as they are now, with what they tell of their work. */
export function absorbPods(ledger: Ledger, facts: ClusterFacts, now: number): void {
  for (const record of [...ledger.pods.values()]) {
    if (isGone(record, facts, now)) absorbEnd(ledger, record, now);
  }
  const pods = [...facts.pods.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const pod of pods) absorbPod(ledger, pod, now);
  // What one Pod tells may take another one's node out of the target.
  for (const { name } of pods) condemnIfDue(ledger, ledger.pods.get(name), now);
}

function isGone({ name, facts, startedAt }: PodRecord, { pods }: ClusterFacts, now: number) {
  const present = pods.get(name);
  if (facts === undefined) return present === undefined && now >= startedAt + UNSEEN_MS;
  return present?.uid !== facts.uid;
}

/** The Pod is no more. What it never told of is unknown; a Pod that nobody ever saw was never there. */
function absorbEnd(ledger: Ledger, record: PodRecord, now: number): void {
  ledger.pods.delete(record.name);
  if (record.facts !== undefined) settleRest(ledger, record, { ending: "Gone", now });
  touchItems(ledger, record);
  const slot = ledger.slots.byName.get(record.nodeName);
  const turn = slot === undefined ? undefined : ledger.turns.get(slot);
  if (slot === undefined || turn === undefined) return;
  // Nobody knows for how long the node has had none.
  const endedAt = record.facts === undefined ? record.startedAt : now;
  ledger.turns.set(slot, { ...turn, endedAt });
}

function absorbPod(ledger: Ledger, pod: PodFacts, now: number): void {
  const known = ledger.pods.get(pod.name);
  const record = known?.facts === undefined ? appear(ledger, known, { pod, now }) : known;
  if (record.facts !== pod) {
    record.facts = pod;
    const { outcomes, isFinished } = readPod(pod);
    settleAll(ledger, record, { outcomes, now });
    record.isFinished = isFinished;
    touchItems(ledger, record);
  }
  if (pod.startedAt !== undefined && record.takenUpAt === undefined) {
    record.takenUpAt = Math.min(now, Math.max(pod.startedAt, record.startedAt));
  }
}

interface Sight {
  readonly pod: PodFacts;
  readonly now: number;
}

/** The watch shows a Pod for the first time: one that was assumed, or one of an earlier leader. */
function appear(ledger: Ledger, assumed: PodRecord | undefined, { pod, now }: Sight): PodRecord {
  const { work } = pod;
  const policyKey = policyKeyOf(work?.policyName);
  const own = assumed?.policyKey === policyKey ? assumed : undefined;
  const record: PodRecord = {
    ...{ name: pod.name, nodeName: pod.nodeName, policyKey, work },
    ...{ startedAt: startOf(own, pod, now), isAsked: false },
    timeoutMs: own?.timeoutMs ?? paceOf(ledger, policyKey).pullTimeoutMs,
    ends: (work?.items ?? []).map(() => undefined),
    ...{ facts: undefined, takenUpAt: undefined, isFinished: false },
    ...{ condemned: undefined, deletedAt: undefined, beginsTurn: own?.beginsTurn ?? true },
  };
  ledger.pods.set(pod.name, record);
  if (work === undefined) return record;
  noteSeenStart(ledger, record);
  noteAttempt(ledger, work, pod.createdAt);
  noteAccepted(ledger, policyKey, work);
  return record;
}

/** A request may have waited for its turn at the API server, which tells whole seconds. */
function startOf(own: PodRecord | undefined, { createdAt }: PodFacts, now: number): number {
  if (own !== undefined && !own.isAsked) return own.startedAt;
  return Math.min(now, createdAt + SECOND_CUT_MS);
}

/** Counts the start of a Pod that is known to exist. */
export function noteSeenStart(ledger: Ledger, record: PodRecord): void {
  const { policyKey, nodeName, startedAt, beginsTurn } = record;
  if (beginsTurn) noteStart(ledger, policyKey, nodeName, startedAt);
  const slot = ledger.slots.byName.get(nodeName);
  if (slot === undefined) return;
  const before = ledger.turns.get(slot);
  const wasRetry = before?.endedAt === undefined && before?.wasRetry === true;
  ledger.turns.set(slot, { policyKey, startedAt, endedAt: undefined, wasRetry });
}

/** Of every CachedImage in the work; a time of whole seconds, as status tells it. */
export function noteAttempt(ledger: Ledger, { items }: PodWork, at: number): void {
  for (const name of items.flatMap(({ images }) => images)) {
    const record = ledger.images.get(name);
    if (record === undefined) continue;
    record.lastAttemptedAt = Math.max(record.lastAttemptedAt ?? 0, at);
  }
}

function condemnIfDue(ledger: Ledger, record: PodRecord | undefined, now: number): void {
  if (record === undefined || record.isFinished || record.condemned !== undefined) return;
  const due = condemnation(ledger, record, now);
  if (due === undefined) return;
  record.condemned = due.why;
  settleRest(ledger, record, { ...due, now });
}

function touchItems(ledger: Ledger, { work }: PodRecord): void {
  for (const { reference, images } of work?.items ?? []) {
    touch(ledger, images);
    for (const source of ledger.evidence.get(reference)?.sources ?? []) {
      touch(ledger, source.images);
    }
  }
}
