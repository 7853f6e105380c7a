import { isDeepStrictEqual } from "node:util";
import { policyFor } from "../facts/policy.ts";
import type {
  ClusterFacts,
  ImageFacts,
  ImageSpecFacts,
  NodeFacts,
  PolicyFacts,
} from "../model/facts.ts";
import type { Source } from "./evidence.ts";
import type { Ledger } from "./ledger.ts";
import { type FirstSight, restoreImage } from "./restore.ts";
import { forgetTroubles, leaveSource, moveToSource } from "./sources.ts";
import { NO_NODE, retarget } from "./targets.ts";

/** What is remembered of a CachedImage. Times are milliseconds since 1970. */
export interface ImageRecord {
  readonly name: string;
  readonly uid: string;
  facts: ImageFacts;
  /** Undefined: it cannot be understood. */
  spec: ImageSpecFacts | undefined;
  /** Undefined: the one that it names is not there. */
  policy: PolicyFacts | undefined;
  source: Source | undefined;
  /** By slot: why a node is not a target. */
  exclusions: Uint8Array;
  workStartedAt: number;
  lastPulledAt: number | undefined;
  lastAttemptedAt: number | undefined;
  consecutiveFailures: number;
  refreshStartedAt: number | undefined;
  /** When the next round of repeated pulls begins, as far as is known. */
  nextRefreshAt: number | undefined;
  /** What an earlier leader wrote, until a node reports one. */
  resolvedDigest: string | undefined;
}

/** Takes in the CachedImages and their policies as they are now. */
export function absorbImages(
  ledger: Ledger,
  facts: ClusterFacts,
  { now, evictionBackoffMs }: FirstSight,
): void {
  const { images } = ledger;
  for (const record of [...images.values()]) {
    if (facts.images.get(record.name)?.uid === record.uid) continue;
    images.delete(record.name);
    leaveSource(ledger, record, now);
  }
  // By name, since two of them may tell different things of the same reference.
  const others = [...facts.images.values()].filter((image) => isOther(ledger, facts, image));
  for (const image of others.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const sight = { image, policy: policyFor(image, facts), now, evictionBackoffMs };
    const record = images.get(image.name);
    if (record === undefined) addImage(ledger, sight);
    else updateImage(ledger, record, sight);
  }
  for (const evidence of ledger.evidence.values()) evidence.isRestorable = false;
}

function isOther({ images }: Ledger, facts: ClusterFacts, image: ImageFacts): boolean {
  const record = images.get(image.name);
  return record?.facts !== image || record.policy !== policyFor(image, facts);
}

interface Sight extends FirstSight {
  readonly image: ImageFacts;
  readonly policy: PolicyFacts | undefined;
}

function addImage(ledger: Ledger, { image, policy, now, evictionBackoffMs }: Sight): void {
  const record: ImageRecord = {
    ...{ name: image.name, uid: image.uid, facts: image, policy, source: undefined },
    spec: understood(image),
    exclusions: new Uint8Array(ledger.slots.capacity).fill(NO_NODE),
    ...{ workStartedAt: wholeSecond(now), lastPulledAt: undefined, lastAttemptedAt: undefined },
    ...{ consecutiveFailures: 0, refreshStartedAt: undefined, nextRefreshAt: undefined },
    resolvedDigest: undefined,
  };
  ledger.images.set(image.name, record);
  ledger.touched.add(image.name);
  moveToSource(ledger, record, now);
  restoreImage(ledger, record, { now, evictionBackoffMs });
  retarget(ledger, record, ledger.slots.inNameOrder);
}

function updateImage(ledger: Ledger, record: ImageRecord, { image, policy, now }: Sight): void {
  const before = record.facts;
  const hasOtherPolicy = record.policy !== policy;
  record.facts = image;
  record.policy = policy;
  const isOther = before.generation !== image.generation;
  if (isOther) respecify(ledger, record, now);
  if (isOther || hasOtherPolicy || before.isDeleting !== image.isDeleting) {
    ledger.touched.add(record.name);
    retarget(ledger, record, ledger.slots.inNameOrder);
  }
}

/** A new generation: backoff and holds go; evidence goes with the reference alone, which it belongs to. */
function respecify(ledger: Ledger, record: ImageRecord, now: number): void {
  const before = record.spec;
  const spec = understood(record.facts);
  record.spec = spec;
  record.consecutiveFailures = 0;
  if (isOtherWork(before, spec)) record.workStartedAt = wholeSecond(now);
  if (before?.reference !== spec?.reference) {
    record.refreshStartedAt = undefined;
    record.resolvedDigest = undefined;
  }
  moveToSource(ledger, record, now);
  forgetTroubles(ledger, record);
}

/** Whether other nodes than before may be what Ready waits for. */
function isOtherWork(before: ImageSpecFacts | undefined, after: ImageSpecFacts | undefined) {
  return !isDeepStrictEqual(workOf(before), workOf(after));
}

function workOf(spec: ImageSpecFacts | undefined): unknown {
  return [spec?.reference, spec?.nodeSelector, spec?.tolerations, spec?.policyName];
}

function understood({ spec }: ImageFacts): ImageSpecFacts | undefined {
  return typeof spec === "string" ? undefined : spec;
}

/** Statuses tell of whole seconds: what is remembered is what a successor will read. */
export function wholeSecond(at: number): number {
  return Math.floor(at / 1_000) * 1_000;
}

/** Whether Ready waits for a node: it was there when the work began. */
export function isAwaited({ workStartedAt }: ImageRecord, { createdAt }: NodeFacts): boolean {
  return createdAt <= workStartedAt;
}
