import type { CachedImageStatus, EvictedNode, FailedNode } from "../../api/types.gen.ts";
import { cut, kubernetesTime } from "../../discovery/status.ts";
import type { ImageFacts, PolicyFacts } from "../model/facts.ts";
import type { EvictedCell, FailedCell, ImageSummary } from "../model/summary.ts";
import { progressVerdict, reconcilingVerdict } from "./progress.ts";
import { readyVerdict, stalledVerdict } from "./readiness.ts";
import { conditionsOf, type Verdict } from "./verdict.ts";
import { MAX_CACHED_NODES, messageOf } from "./words.ts";

/** What a CachedImage's status is written from. */
export interface ImageStatusInput {
  /** Its `status` being the last one that was applied, where the watch has not brought that back yet. */
  readonly image: ImageFacts;
  readonly summary: ImageSummary;
  /** The PullPolicy in force; undefined where the one that the spec names is not there or cannot be understood. */
  readonly policy: PolicyFacts | undefined;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** The whole of what the reconciler says about a CachedImage. Applied to its own result it changes nothing. */
export function imageStatus(input: ImageStatusInput): CachedImageStatus {
  const { image, summary, now } = input;
  const { status, generation } = image;
  const verdicts = verdictsOf(input);
  return {
    observedGeneration: generation,
    phase: phaseOf(verdicts, summary),
    ...countsOf(summary),
    ...holdersOf(image, summary),
    ...timesOf(summary),
    ...troublesOf(summary),
    conditions: conditionsOf(verdicts, { before: status.conditions, generation, now }),
  };
}

function verdictsOf({ image, summary, policy }: ImageStatusInput): readonly Verdict[] {
  const { spec } = image;
  if (typeof spec === "string") return incomprehensible(spec);
  const standing = { image, spec, summary, policy };
  const ready = readyVerdict(standing);
  const stalled = stalledVerdict(standing);
  const reconciling = stalled === undefined ? reconcilingVerdict(standing, ready) : undefined;
  return [ready, progressVerdict(standing), reconciling, stalled].filter(
    (one) => one !== undefined,
  );
}

/** A spec that the API server let through and Drop cannot read. */
function incomprehensible(why: string): readonly Verdict[] {
  const message = messageOf([`the spec cannot be understood: ${why}`]);
  return [
    { type: "Ready", holds: false, reason: "InvalidReference", message },
    { type: "PullProgress", holds: false, reason: "Idle", message: "nothing is pulled" },
    { type: "Stalled", holds: true, reason: "InvalidReference", message },
  ];
}

/** Failures in a row from which on an image that is not ready counts as degraded. */
const DEGRADED_AFTER = 3;

function phaseOf(
  verdicts: readonly Verdict[],
  { consecutiveFailures, pulling }: ImageSummary,
): NonNullable<CachedImageStatus["phase"]> {
  const isReady = verdicts.some(({ type, holds }) => type === "Ready" && holds);
  const isStalled = verdicts.some(({ type }) => type === "Stalled");
  if (isStalled || (!isReady && consecutiveFailures >= DEGRADED_AFTER)) return "Degraded";
  if (pulling > 0) return "Pulling";
  return isReady ? "Ready" : "Pending";
}

function countsOf({ ready, targeted, pulling, consecutiveFailures }: ImageSummary) {
  return {
    ready: `${ready}/${targeted}`,
    nodesTargeted: targeted,
    nodesReady: ready,
    nodesPulling: pulling,
    consecutiveFailures,
  };
}

/** What is where. A spec that cannot be understood takes nothing away from what was known before. */
function holdersOf({ spec, status }: ImageFacts, { cachedNodes, resolvedDigest }: ImageSummary) {
  const isUnderstood = typeof spec !== "string";
  const reference = isUnderstood ? spec.reference : status.reference;
  const nodes = isUnderstood ? cachedNodes : (status.cachedNodes ?? []);
  const digest = isUnderstood ? resolvedDigest : status.resolvedDigest;
  return {
    ...(reference !== undefined && { reference }),
    ...(digest !== undefined && { resolvedDigest: digest }),
    ...(nodes.length > 0 && { cachedNodes: nodes.slice(0, MAX_CACHED_NODES) }),
  };
}

function timesOf(summary: ImageSummary) {
  const { lastPulledAt, lastAttemptedAt, workStartedAt, refreshStartedAt } = summary;
  const { refreshedThrough } = summary;
  return {
    ...(lastPulledAt !== undefined && { lastPulledAt: kubernetesTime(lastPulledAt) }),
    ...(lastAttemptedAt !== undefined && { lastAttemptedAt: kubernetesTime(lastAttemptedAt) }),
    workStartedAt: kubernetesTime(workStartedAt),
    ...(refreshStartedAt !== undefined && { refreshStartedAt: kubernetesTime(refreshStartedAt) }),
    ...(refreshedThrough !== undefined && { refreshedThrough }),
  };
}

/** The CRD's limits. */
const MAX_FAILED_NODES = 10;
const MAX_EVICTED_NODES = 200;
const MAX_FAILURE_MESSAGE = 1_024;

function troublesOf({ failedNodes, evictedNodes }: ImageSummary) {
  return {
    ...(failedNodes.length > 0 && {
      failedNodes: failedNodes.slice(0, MAX_FAILED_NODES).map(failedNode),
    }),
    ...(evictedNodes.length > 0 && {
      evictedNodes: evictedNodes.slice(0, MAX_EVICTED_NODES).map(evictedNode),
    }),
  };
}

function failedNode({ node, failure, attempts, nextAttemptAt }: FailedCell): FailedNode {
  return {
    node,
    reason: failure.reason,
    message: cut(failure.message, MAX_FAILURE_MESSAGE),
    attempts,
    ...(nextAttemptAt !== undefined && { nextAttemptTime: kubernetesTime(nextAttemptAt) }),
  };
}

function evictedNode({ node, count, nextAttemptAt }: EvictedCell): EvictedNode {
  return { node, count, nextAttemptTime: kubernetesTime(nextAttemptAt) };
}
