import { printable } from "../../api/printable.ts";
import type { Exclusion } from "../../reconciler/model/cell.ts";
import type { CellReport, CellState, PolicyReport } from "../../reconciler/report/model.ts";
import { causeText, heldText, untilText, whenText } from "../reports/said.ts";
import { inText, sinceText } from "../terminal/age.ts";

/** Why the image is, or is not, on the node, in one sentence. */
export function answerText(report: CellReport): string {
  const subject = `${printable(report.node, 300)} ${report.isPresent ? "holds" : "does not hold"} it`;
  return `${subject}${REASONS[report.state](report)}`;
}

const REASONS: Readonly<Record<CellState, (report: CellReport) => string>> = {
  Present: presentText,
  Pulling: pullingText,
  Waiting: (report) => `: ${waitingText(report)}`,
  Backoff: (report) => `: ${backoffText(report)}`,
  Held: (report) => `: ${heldByText(report)}`,
  Paused: (report) => `: ${pausedText(report)}`,
  LeftOut: (report) => `: ${leftOutText(report)}`,
  Missing: () => "; why not, only the reconciler could tell",
};

function presentText({ since, time, isVerified, source }: CellReport): string {
  const known = since === undefined ? "" : `, for ${sinceText(since, time)} by now`;
  if (isVerified || source === "objects") return known;
  return `${known}; nothing confirms it, since the node's own list of images is cut short`;
}

function pullingText({ running, time, isPresent }: CellReport): string {
  const since = running === undefined ? "" : `, for ${sinceText(running.since, time)} by now`;
  return isPresent ? `; the registry is asked again${since}` : ` yet: it pulls it${since}`;
}

/** What stands in front of it: the node's own work, the policy's budget, its delay. */
function waitingText({ busyWith, wantedBy, time }: CellReport): string {
  const turn = "it waits for its turn";
  if (busyWith !== undefined) return `${turn}: the node pulls ${printable(busyWith, 600)} first`;
  const policy = wantedBy.find(({ exclusion, pause }) => !exclusion && !pause)?.policy;
  return policy === undefined ? turn : `${turn}: ${budgetText(policy, time)}`;
}

function budgetText(policy: PolicyReport, now: string): string {
  const { activeNodes, maxConcurrentNodes, nextStartTime, minDelayBetweenPulls } = policy;
  const [first = ""] = activeNodes;
  const name = policy.name === "" ? "without a PullPolicy" : `under ${printable(policy.name, 300)}`;
  if (activeNodes.length >= maxConcurrentNodes) {
    const others = activeNodes.length > 1 ? ` and ${activeNodes.length - 1} more` : "";
    return `${name} ${maxConcurrentNodes} at a time, now ${printable(first, 300)}${others}`;
  }
  if (nextStartTime === undefined) return name;
  return `${name} the next node starts ${inText(nextStartTime, now)}, nodes ${minDelayBetweenPulls} apart`;
}

function backoffText({ failure, nextAttemptTime, evictions, time }: CellReport): string {
  const when = nextAttemptTime === undefined ? "" : ` ${whenText(nextAttemptTime, time)}`;
  const again = `it is tried again${when}`;
  if (failure !== undefined) return `${again} after ${causeText(failure)}`;
  return evictions > 0 ? `${again}, since kubelet removed it` : again;
}

function heldByText({ holds, time }: CellReport): string {
  const [hold] = holds;
  if (hold === undefined) return "something holds it";
  return `${heldText(hold)} is held, again ${untilText(hold.until, time)}, after ${causeText(hold)}`;
}

function pausedText({ wantedBy }: CellReport): string {
  const paused = wantedBy.find(({ pause }) => pause !== undefined);
  if (paused === undefined) return "nothing is pulled";
  const { image, pause, policy } = paused;
  const name = printable(policy?.name ?? "", 300);
  if (pause === "PolicyNotFound") return `the PullPolicy ${name} is not there, or has mistakes`;
  const whose =
    policy?.isSuspended === true
      ? `the PullPolicy ${name}`
      : `the CachedImage ${printable(image, 300)}`;
  return `spec.suspend of ${whose} is true`;
}

function leftOutText({ wantedBy }: CellReport): string {
  const exclusion = wantedBy.find((want) => want.exclusion !== undefined)?.exclusion;
  return exclusion === undefined ? "the node is left out" : EXCLUSIONS[exclusion];
}

const EXCLUSIONS: Readonly<Record<Exclusion, string>> = {
  SelectorMismatch: "the node lacks a label that the image or its policy selects by",
  Windows: "the node runs Windows",
  VirtualKubelet: "the node is no machine but a virtual kubelet",
  NoContainerRuntime: "the node reports no container runtime",
  DiskPressure: "the node is short of disk space",
  Deleting: "the node is being deleted",
  Disrupted: "Karpenter is about to remove the node",
  ScaleDown: "the cluster autoscaler is about to remove the node",
  NotReady: "the node is not ready, and neither image nor policy tolerates that",
  Cordoned: "the node is cordoned, and neither image nor policy tolerates that",
  Tainted: "the node has a taint that neither image nor policy tolerates",
  PlatformMismatch: "the image has no variant for the node's platform",
};
