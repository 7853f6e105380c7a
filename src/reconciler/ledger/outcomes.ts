import { failureOf } from "../failure/scope.ts";
import type { PolicyFacts } from "../model/facts.ts";
import type { Failure } from "../model/failure.ts";
import type { ItemOutcome, WorkItem } from "../model/pod.ts";
import { type Ending, unfinishedOutcome } from "../pull-pod/unfinished.ts";
import { blame, releaseNode } from "./blame.ts";
import { noteDigest, type Source } from "./evidence.ts";
import { type Ledger, suspicionIn, touchAll, touchReference } from "./ledger.ts";
import type { PodRecord } from "./pods.ts";
import { paceOf } from "./policies.ts";
import { LIST_LAG_MS } from "./restore.ts";
import { slotOf } from "./slots.ts";
import { clearRegistry } from "./suspects.ts";
import { clear } from "./suspicion.ts";

/** Takes in what a Pod tells of its items. What was taken in before is not taken in again. */
export function settleAll(
  ledger: Ledger,
  record: PodRecord,
  { outcomes, now }: { readonly outcomes: readonly ItemOutcome[]; readonly now: number },
): void {
  for (const [index, outcome] of outcomes.entries()) {
    const item = record.work?.items[index];
    if (item === undefined || outcome.type === "pulling") continue;
    // Kubelet goes on trying, so that a failure may yet become a success; never the other way round.
    if (record.ends[index] === outcome.type || record.ends[index] === "pulled") continue;
    record.ends[index] = outcome.type;
    if (outcome.type === "pulled") succeed(ledger, record, { item, outcome, now });
    else fail(ledger, record, { item, failure: outcome.failure, now });
  }
}

interface Rest {
  readonly ending: Ending;
  readonly failure?: Failure;
  readonly now: number;
}

/** Takes in that nothing more comes of a Pod. */
export function settleRest(ledger: Ledger, record: PodRecord, rest: Rest): void {
  const { facts, work, ends } = record;
  if (facts === undefined) return;
  for (const [index, item] of (work?.items ?? []).entries()) {
    if (ends[index] !== undefined) continue;
    const failure = rest.failure ?? failureAt(rest.ending);
    const told = failure ?? unfinishedOutcome(facts, item, rest.ending);
    ends[index] = "failed";
    if (told === undefined) continue;
    fail(ledger, record, { item, failure: told, now: rest.now });
    if (rest.ending === "PullTimeout")
      leaveToKubelet(ledger, record, { failure: told, now: rest.now });
  }
}

/** Kubelet ends no pull with its Pod: those of a silent registry end after 60 s, and others queue behind them. */
const PULL_OUTLIVES_POD_MS = 60_000;

/** Lest more be queued there, and be called slow because of what they wait for. */
function leaveToKubelet(
  ledger: Ledger,
  record: PodRecord,
  { failure, now }: Pick<Failing, "failure" | "now">,
): void {
  const slot = slotIn(ledger, record);
  if (slot === undefined || failure.reason !== "Timeout") return;
  const attempts = (ledger.slots.failing.get(slot)?.attempts ?? 0) + 1;
  const until = now + PULL_OUTLIVES_POD_MS;
  ledger.slots.failing.set(slot, { failure, attempts, at: now, since: now, until });
  touchAll(ledger);
}

/** A Pod that somebody deleted says nothing about its node. */
function failureAt(ending: Ending): Failure | undefined {
  if (ending !== "Gone") return undefined;
  return failureOf("Unknown", "the pull Pod was deleted before it had a result");
}

interface Success {
  readonly item: WorkItem;
  readonly outcome: Extract<ItemOutcome, { readonly type: "pulled" }>;
  readonly now: number;
}

function succeed(ledger: Ledger, record: PodRecord, { item, outcome, now }: Success): void {
  const { work } = record;
  const evidence = ledger.evidence.get(item.reference);
  const slot = slotIn(ledger, record);
  if (work === undefined || evidence === undefined || slot === undefined) return;
  // A node's clock may be wrong.
  const at = Math.min(now, Math.max(outcome.at, record.startedAt));
  evidence.since[slot] = at;
  if (evidence.listed[slot] !== 1) evidence.unconfirmed.set(slot, now + LIST_LAG_MS);
  if (outcome.digest !== undefined) noteDigest(evidence, slot, outcome.digest);
  for (const source of evidence.sources) {
    source.failures.delete(slot);
    noteSuccess(ledger, source, at);
    // Who only looked has asked no registry.
    if (item.pullPolicy === "Never") continue;
    clear(source.suspicion, slot, at);
    clearRegistry(ledger, source.registryHost, { slot, at });
  }
  if (clear(suspicionIn(ledger.methods, work.method), slot, at)) touchAll(ledger);
  releaseNode(ledger, slot);
  touchReference(ledger, evidence);
}

function noteSuccess(ledger: Ledger, { images }: Source, at: number): void {
  for (const name of images) {
    const record = ledger.images.get(name);
    if (record === undefined) continue;
    record.consecutiveFailures = 0;
    record.lastPulledAt = Math.max(record.lastPulledAt ?? 0, at);
  }
}

interface Failing {
  readonly item: WorkItem;
  readonly failure: Failure;
  readonly now: number;
}

function fail(ledger: Ledger, record: PodRecord, { item, failure, now }: Failing): void {
  const slot = slotIn(ledger, record);
  const evidence = ledger.evidence.get(item.reference);
  if (slot === undefined || evidence === undefined) return;
  const policy: PolicyFacts = paceOf(ledger, record.policyKey);
  const isThere = evidence.since[slot] !== 0 && record.work?.isRefresh !== true;
  // A list of images has shown it meanwhile.
  if (isThere) return;
  for (const source of sourcesOf(ledger, item)) {
    blame(ledger, { record, item, source, slot, failure, policy, now });
  }
  touchReference(ledger, evidence);
}

/** The ways of getting the reference that the item was for. */
function sourcesOf(ledger: Ledger, { images, reference }: WorkItem): ReadonlySet<Source> {
  const sources = new Set<Source>();
  for (const name of images) {
    const source = ledger.images.get(name)?.source;
    if (source?.reference === reference) sources.add(source);
  }
  return sources;
}

function slotIn({ slots }: Ledger, { nodeName, work }: PodRecord): number | undefined {
  return work === undefined ? undefined : slotOf(slots, { name: nodeName, uid: work.nodeUid });
}
