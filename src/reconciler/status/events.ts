import type { CachedImageStatus, FailedNode } from "../../api/types.gen.ts";
import type { Action } from "../model/action.ts";
import type { ImageFacts } from "../model/facts.ts";
import type { FailureReason } from "../model/failure.ts";
import { hasStarted } from "./due.ts";
import { failureReasons } from "./failure-reasons.ts";
import { conditionOf, isReady } from "./verdict.ts";
import { holdersText, messageOf } from "./words.ts";

/** An Event to be made. */
export type Emit = Extract<Action, { readonly type: "Emit" }>;

/** A status that takes the place of another, both as the API server keeps them. */
export interface StatusStep {
  readonly image: Pick<ImageFacts, "name" | "uid">;
  readonly before: CachedImageStatus;
  readonly after: CachedImageStatus;
}

/** What people are told of a CachedImage's turn: at most one of each kind, and never one for each pull. */
export function eventsBetween(step: StatusStep): readonly Emit[] {
  return [started(step), ...failed(step), succeeded(step)].filter((one) => one !== undefined);
}

/** The first node of a piece of work has begun. */
function started(step: StatusStep): Emit | undefined {
  const { before, after } = step;
  const { workStartedAt } = after;
  if (workStartedAt === undefined || !hasStarted(after, workStartedAt)) return undefined;
  if (hasStarted(before, workStartedAt)) return undefined;
  const { reference = "", nodesTargeted = 0, nodesReady = 0 } = after;
  const left = Math.max(1, nodesTargeted - nodesReady);
  const note = `pulling ${reference} onto ${left === 1 ? "1 node" : `${left} nodes`}`;
  return emit(step, "PullStarted", note);
}

/** A reason that the status did not tell of before. */
function failed(step: StatusStep): readonly Emit[] {
  const known = new Set(failureReasons(step.before));
  return failureReasons(step.after)
    .filter((reason) => !known.has(reason))
    .map((reason) => emit(step, "PullFailed", failureNote(step.after, reason)));
}

function failureNote(
  { failedNodes = [], reference, conditions }: CachedImageStatus,
  reason: FailureReason,
) {
  const first = failedNodes.find((failure) => failure.reason === reason);
  if (first !== undefined) return messageOf([failedNodeText(first, reference)]);
  const message = conditionOf(conditions, "Ready")?.message ?? "";
  return messageOf([reason, message]);
}

function failedNodeText({ node, reason, message }: FailedNode, reference = ""): string {
  return `${reference} on ${node}: ${reason}: ${message}`;
}

/** The last node that counts has it, or has it again after failures. */
function succeeded(step: StatusStep): Emit | undefined {
  const { before, after } = step;
  const { nodesReady = 0, nodesTargeted = 0, lastPulledAt, reference = "" } = after;
  if (!isReady(after) || nodesReady === 0) return undefined;
  if (lastPulledAt === undefined || lastPulledAt === before.lastPulledAt) return undefined;
  const isComplete = nodesReady === nodesTargeted;
  const isNews = isFirstPull(step) || failureReasons(before).length > 0;
  if (isReady(before) && !(isComplete && isNews)) return undefined;
  const note = holdersText({ ready: nodesReady, targeted: nodesTargeted }, reference);
  return emit(step, "PullSucceeded", note);
}

function isFirstPull({ before: { lastPulledAt }, after: { workStartedAt } }: StatusStep): boolean {
  return lastPulledAt === undefined || lastPulledAt < (workStartedAt ?? "");
}

function emit(
  { image: { name, uid } }: StatusStep,
  reason: "PullStarted" | "PullSucceeded" | "PullFailed",
  note: string,
): Emit {
  const severity = reason === "PullFailed" ? "Warning" : "Normal";
  return { type: "Emit", regarding: { kind: "CachedImage", name, uid }, severity, reason, note };
}
