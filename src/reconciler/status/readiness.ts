import { kubernetesTime } from "../../discovery/status.ts";
import type { ImageFacts, ImageSpecFacts, PolicyFacts } from "../model/facts.ts";
import type { Hold, ImageSummary } from "../model/summary.ts";
import type { Verdict } from "./verdict.ts";
import { isReady } from "./verdict.ts";
import { causeText, holdersText, messageOf, remainderOf, worstFailure } from "./words.ts";

/** A CachedImage whose spec is understood, with all that its conditions follow from. */
export interface Standing {
  readonly image: ImageFacts;
  readonly spec: ImageSpecFacts;
  readonly summary: ImageSummary;
  /** Undefined: the one that the spec names is not there, or cannot be understood. */
  readonly policy: PolicyFacts | undefined;
}

/** The condition Ready: once true it stays so until new work begins, or the image itself cannot be had. */
export function readyVerdict(standing: Standing): Verdict {
  const { image, summary } = standing;
  const { hold } = summary;
  if (hold !== undefined && isOfImage(hold) && image.origin !== "discovered") {
    return verdict(standing, false, hold.reason);
  }
  const pause = pauseOf(standing);
  const isDone = summary.blocking === 0 || isForgiven(standing) || isLatched(standing);
  if (pause === "PolicyNotFound") return verdict(standing, isLatched(standing), pause);
  if (pause === "Suspended") return verdict(standing, isDone, pause);
  if (summary.targeted === 0) return verdict(standing, true, "NoMatchingNodes");
  if (!isDone) return verdict(standing, false, unfinishedReason(summary));
  return verdict(standing, true, summary.ready === summary.targeted ? "Cached" : "CatchingUp");
}

/** Why nothing is to be pulled although nothing failed. */
export function pauseOf({
  spec,
  policy,
  summary: { hold },
}: Standing): "PolicyNotFound" | "Suspended" | undefined {
  if (policy === undefined && spec.policyName !== undefined) return "PolicyNotFound";
  if (spec.isSuspended || policy?.isSuspended === true) return "Suspended";
  return hold?.reason === "PolicyNotFound" || hold?.reason === "Suspended"
    ? hold.reason
    : undefined;
}

/** Whether the image itself is what cannot be had, whichever node asks. */
function isOfImage({ scope, reason }: Hold): boolean {
  return scope === "image" && reason !== "PolicyNotFound" && reason !== "Suspended";
}

/** Discovery finds what runs, also what its registry has meanwhile lost: nobody can mend that in Git. */
function isForgiven({ image, summary: { hold } }: Standing): boolean {
  return hold !== undefined && isOfImage(hold) && image.origin === "discovered";
}

function isLatched({ image: { status }, spec, summary }: Standing): boolean {
  return (
    isReady(status) &&
    status.reference === spec.reference &&
    status.workStartedAt === kubernetesTime(summary.workStartedAt)
  );
}

function unfinishedReason(summary: ImageSummary): string {
  if (summary.hold !== undefined) return summary.hold.reason;
  if (summary.pulling > 0 || summary.waiting > 0) return "Pulling";
  return worstFailure(summary.failedNodes)?.failure.reason ?? "Pulling";
}

function verdict(standing: Standing, holds: boolean, reason: string): Verdict {
  return { type: "Ready", holds, reason, message: readyMessage(standing, reason) };
}

function readyMessage({ spec, policy, summary }: Standing, reason: string): string {
  if (reason === "NoMatchingNodes") return `no node is to hold ${spec.reference}`;
  const holders = holdersText(summary, spec.reference);
  if (reason === "PolicyNotFound") {
    const why = `the PullPolicy ${spec.policyName} is not there or has mistakes`;
    return messageOf([holders, `no pull starts while ${why}`]);
  }
  if (reason === "Suspended") {
    const whose = spec.isSuspended ? "" : ` of the PullPolicy ${policy?.name ?? ""}`;
    return messageOf([holders, `no pull starts while spec.suspend${whose} is true`]);
  }
  return messageOf([holders, ...remainderOf(summary)]);
}

/** What a person has to mend before any further attempt makes sense; absent where time may help. */
export function stalledVerdict(standing: Standing): Verdict | undefined {
  const { ready, targeted, hold } = standing.summary;
  if (hold === undefined || hold.until !== undefined || !isForPeople(hold)) return undefined;
  if (isForgiven(standing) || (ready === targeted && !isOfImage(hold))) return undefined;
  if (pauseOf(standing) !== undefined) return undefined;
  return {
    type: "Stalled",
    holds: true,
    reason: hold.reason,
    message: messageOf([causeText(hold)]),
  };
}

/** Registries and nodes come back by themselves, whether or not it is known when they are tried next. */
function isForPeople({ scope, reason }: Hold): boolean {
  if (reason === "PolicyNotFound" || reason === "Suspended") return false;
  return scope !== "registry" && scope !== "node" && scope !== "cell";
}
