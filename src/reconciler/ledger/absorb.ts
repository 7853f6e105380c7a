import type { ClusterFacts } from "../model/facts.ts";
import type { DecisionOptions } from "../model/options.ts";
import { forgetOldRefusals } from "./admission.ts";
import { absorbImages } from "./images.ts";
import { forgetSlot, type Ledger, makeRoom, touchAll } from "./ledger.ts";
import { type ListReading, readList, readOverdue } from "./lists.ts";
import { forgetMeanings } from "./names.ts";
import { absorbPods } from "./pods.ts";
import { beginRefreshes } from "./refresh.ts";
import { restoreEvictingNodes } from "./restore.ts";
import { absorbNodes, type NodeChanges } from "./slots.ts";
import { boundStarts } from "./starts.ts";
import { retarget, TARGET } from "./targets.ts";

/** Names of the CachedImages whose summary may have changed; those that are gone are not among them. */
export type Touched = ReadonlySet<string>;

/**
 * Folds what the cluster says now into the ledger: nodes, images, outcomes of pull Pods, lists of images, time that
 * has passed. Doing it twice changes nothing more.
 */
export function absorb(
  ledger: Ledger,
  facts: ClusterFacts,
  options: DecisionOptions,
  now: number,
): Touched {
  const { evictionBackoffMs } = options;
  boundStarts(ledger, now);
  forgetOtherPolicies(ledger, facts);
  const nodes = absorbNodes(ledger.slots, facts);
  makeRoom(ledger);
  for (const slot of nodes.left) forgetSlot(ledger, slot);
  absorbChanges(ledger, nodes);
  absorbImages(ledger, facts, { now, evictionBackoffMs });
  if (ledger.absorbedAt === 0) restoreEvictingNodes(ledger, now);
  absorbPods(ledger, facts, now);
  absorbLists({ ledger, options, now }, nodes);
  beginRefreshes(ledger, now);
  forgetOldRefusals(ledger, now);
  releaseEvictingNodes(ledger, now);
  touchPassedWaits(ledger, now);
  ledger.absorbedAt = now;
  return takeTouched(ledger, facts);
}

/** An edited policy may let other Pods pass. */
function forgetOtherPolicies(ledger: Ledger, { policies }: ClusterFacts): void {
  for (const key of ledger.admissions.keys()) {
    if (ledger.policies.get(key) === policies.get(key)) continue;
    ledger.admissions.delete(key);
    touchAll(ledger);
  }
  ledger.policies = new Map(policies);
}

/** New images find their targets themselves. */
function absorbChanges(ledger: Ledger, { changed, joined, left }: NodeChanges): void {
  for (const record of ledger.images.values()) {
    retarget(ledger, record, changed);
    const isConcerned = joined.some((slot) => record.exclusions[slot] === TARGET);
    if (isConcerned || left.length > 0) ledger.touched.add(record.name);
  }
}

function absorbLists(reading: ListReading, { listed }: NodeChanges): void {
  const { ledger } = reading;
  const isStale = ledger.names.isStale;
  if (isStale) forgetMeanings(ledger.names, ledger.evidence.keys());
  for (const slot of isStale ? ledger.slots.inNameOrder : listed) readList(reading, slot);
  readOverdue(reading);
}

/** Kubelet has had the time to find its disk. */
function releaseEvictingNodes(ledger: Ledger, now: number): void {
  const { evicting } = ledger.slots;
  for (const [slot, { until }] of evicting) {
    if (until > now) continue;
    evicting.delete(slot);
    touchAll(ledger);
  }
}

/** What waited for a time waits for its turn now. */
function touchPassedWaits(ledger: Ledger, now: number): void {
  const { absorbedAt } = ledger;
  const hasPassed = (at: number) => at > absorbedAt && at <= now;
  for (const { failures, evidence, images } of ledger.sources.values()) {
    const isPassed =
      failures.values().some(({ nextAt }) => hasPassed(nextAt)) ||
      evidence.evictions.values().some(({ nextAt }) => hasPassed(nextAt));
    if (isPassed) for (const name of images) ledger.touched.add(name);
  }
}

function takeTouched(ledger: Ledger, { images }: ClusterFacts): Touched {
  const touched = new Set([...ledger.touched].filter((name) => images.has(name)));
  ledger.touched = new Set();
  return touched;
}
