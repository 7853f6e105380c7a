import type { CachedImageStatus, Condition } from "../../api/types.gen.ts";
import { kubernetesTime } from "../../discovery/status.ts";
import type { ImageFacts, NodeFacts } from "../model/facts.ts";
import type { ImageSummary } from "../model/summary.ts";
import { conditionOf } from "../status/verdict.ts";
import { type CellFacts, cellState } from "./cell-state.ts";
import { holdCause } from "./hold-report.ts";
import type { FailureReport, ImageReport, NodeRow, ReadyReport } from "./model.ts";
import { type RunningPull, runningReport } from "./running.ts";
import { timesOf } from "./times.ts";
import type { View } from "./view.ts";

/** What runs, by reference. */
export type RunningByReference = ReadonlyMap<string, readonly RunningPull[]>;

/** How one CachedImage stands. */
export function imageReport(
  view: View,
  image: ImageFacts,
  running: RunningByReference,
): ImageReport {
  const { name, spec, setName } = image;
  const status = view.statusOf(image);
  const summary = view.summaryOf(image);
  const { nodesTargeted = 0, nodesReady = 0, nodesPulling = 0, consecutiveFailures = 0 } = status;
  const reference = typeof spec === "string" ? undefined : spec.reference;
  const policy = typeof spec === "string" ? undefined : spec.policyName;
  return {
    name,
    ...(reference !== undefined && { reference }),
    ...(setName !== undefined && { set: setName }),
    ...(policy !== undefined && { policy }),
    ...(status.resolvedDigest !== undefined && { digest: status.resolvedDigest }),
    phase: status.phase ?? "Pending",
    ready: readyReport(status.conditions),
    ...{ nodesTargeted, nodesReady, nodesPulling, consecutiveFailures },
    ...countsOf(summary),
    running: (running.get(reference ?? "") ?? []).map(runningReport),
    ...nextOf(status, summary),
    failedNodes: status.failedNodes ?? [],
    evictedNodes: status.evictedNodes ?? [],
    ...(status.lastPulledAt !== undefined && { lastPulledTime: status.lastPulledAt }),
    ...(status.lastAttemptedAt !== undefined && { lastAttemptedTime: status.lastAttemptedAt }),
  };
}

/** What a condition Ready says; nothing was looked at where there is none. */
export function readyReport(conditions: readonly Condition[] | undefined): ReadyReport {
  const condition = conditionOf(conditions, "Ready");
  if (condition === undefined) {
    return { isReady: false, reason: "Pending", message: "not looked at yet" };
  }
  const { status, reason = "", message = "", lastTransitionTime: since } = condition;
  const isReady = status === "True";
  return { isReady, reason, message, ...(since !== undefined && { since }) };
}

function countsOf(summary: ImageSummary | undefined) {
  if (summary === undefined) return {};
  const { waiting, backingOff, unverified, hold } = summary;
  return {
    ...{ nodesWaiting: waiting, nodesBackingOff: backingOff, nodesUnverified: unverified },
    ...(hold !== undefined && { hold: holdCause(hold) }),
  };
}

function nextOf({ failedNodes = [] }: CachedImageStatus, summary: ImageSummary | undefined) {
  if (summary !== undefined) return timesOf({ nextAttemptTime: summary.nextAttemptAt });
  const times = failedNodes.flatMap(({ nextAttemptTime }) => nextAttemptTime ?? []).sort();
  const [nextAttemptTime] = times;
  return nextAttemptTime === undefined ? {} : { nextAttemptTime };
}

/** Node by node, by name; nodes that the image does not select are passed over unless they hold it. */
export function nodeRows(
  view: View,
  image: ImageFacts,
  running: RunningByReference,
): readonly NodeRow[] {
  const { spec } = image;
  if (typeof spec === "string") return [];
  const byNode = new Map((running.get(spec.reference) ?? []).map((pull) => [pull.node, pull]));
  const whole = {
    isHeld: view.summaryOf(image)?.hold !== undefined,
    isPaused: view.pauseOf(image) !== undefined,
    isQueued: view.source === "reconciler",
  };
  return [...view.facts.nodes.values()]
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((node) => {
      const cell = view.cellOf(spec.reference, node);
      const exclusion = view.exclusionOf(image, node);
      const pull = byNode.get(node.name);
      return nodeRow(node, pull, { ...whole, cell, exclusion, now: view.now }) ?? [];
    });
}

function nodeRow(
  node: NodeFacts,
  pull: RunningPull | undefined,
  facts: Omit<CellFacts, "isRunning">,
): NodeRow | undefined {
  const { cell, exclusion } = facts;
  if (exclusion === "SelectorMismatch" && !cell.isPresent && pull === undefined) return undefined;
  const state = cellState({ ...facts, isRunning: pull !== undefined });
  const { since, lostAt, nextAttemptAt, isVerified, isPresent } = cell;
  const known = pull?.since ?? timeText(isPresent ? since : lostAt);
  return {
    ...{ node: node.name, state },
    ...(exclusion !== undefined && { exclusion }),
    ...(known !== undefined && { since: known }),
    ...(isPresent && facts.isQueued && { isVerified }),
    ...(state === "Backoff" && timesOf({ nextAttemptTime: nextAttemptAt })),
    ...failureOn(cell),
  };
}

function timeText(at: number | undefined): string | undefined {
  return at === undefined ? undefined : kubernetesTime(at);
}

/** A cell's last failure, for spreading. */
export function failureOn({
  failure,
  attempts,
}: {
  readonly failure: Omit<FailureReport, "attempts"> | undefined;
  readonly attempts: number;
}): { readonly failure?: FailureReport } {
  if (failure === undefined) return {};
  const { reason, scope, message } = failure;
  return { failure: { reason, scope, message, attempts } };
}
