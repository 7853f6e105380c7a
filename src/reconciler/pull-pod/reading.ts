import { classify } from "../failure/classify.ts";
import { podFailure } from "../failure/pod-end.ts";
import { failureOf } from "../failure/scope.ts";
import { causeIn } from "../failure/text.ts";
import type { Failure } from "../model/failure.ts";
import type {
  ContainerFacts,
  ItemOutcome,
  PodFacts,
  PodReading,
  PodWork,
  WorkItem,
} from "../model/pod.ts";
import { TOOL_CONTAINER } from "./containers.ts";
import { isUnderWay, outcomeOf } from "./outcome.ts";

/**
 * How each image of a pull Pod fares, from the Pod alone. `at` of a success is the end of its container; kubelet tells
 * no time for a failure, so that its `at` is the latest time that the Pod tells of: whoever has a clock takes the time
 * of first seeing it where that is later. A Pod whose work cannot be read has no outcomes and can go.
 */
export function readPod(pod: PodFacts): PodReading {
  const { work, phase, isDeleting } = pod;
  if (work === undefined) return { outcomes: [], isFinished: true };
  const at = latestTime(pod);
  const wide = podFailure(pod) ?? initFailure(pod, work);
  const outcomes = work.items.map((item): ItemOutcome => {
    const own = ownOutcome(pod, { work, item, at });
    return own.type === "pulling" && wide !== undefined
      ? { type: "failed", at, failure: wide }
      : own;
  });
  const isOver = isDeleting || phase === "Failed" || phase === "Succeeded";
  return { outcomes, isFinished: isOver || outcomes.every(({ type }) => type !== "pulling") };
}

interface ItemOfPod {
  readonly work: PodWork;
  readonly item: WorkItem;
  readonly at: number;
}

function ownOutcome(pod: PodFacts, { work, item, at }: ItemOfPod): ItemOutcome {
  const container = pod.containers.find(({ name }) => name === item.container);
  const { method } = work;
  if (container !== undefined) return outcomeOf({ container, item, method, at });
  // Kubelet says so only when every container ended with 0.
  if (pod.phase === "Succeeded") return { type: "pulled", at, digest: undefined };
  return { type: "pulling" };
}

function latestTime({ createdAt, startedAt, containers, initContainers }: PodFacts): number {
  const ends = [...containers, ...initContainers].map(({ finishedAt }) => finishedAt ?? 0);
  return Math.max(createdAt, startedAt ?? 0, ...ends);
}

/** Nothing in a Pod starts after an init container that failed. */
function initFailure({ initContainers, isDeleting }: PodFacts, work: PodWork): Failure | undefined {
  const failed = initContainers.find(hasFailed);
  // One that was killed with its Pod has not failed of itself.
  if (failed === undefined || isDeleting) return undefined;
  const { name, reason, message, image = "" } = failed;
  if (name !== TOOL_CONTAINER) {
    const said = causeIn(message) || reason;
    return failureOf(
      "PodRejected",
      `init container "${name}", added to the Pod on its way: ${said}`,
    );
  }
  const failure = classify({
    reason,
    message,
    ...{ method: work.method, reference: image, toolImage: image },
  });
  // A tool that no node can have is the installation's matter, a node in trouble is that node's.
  return failure.scope === "node" ? failure : { ...failure, scope: "installation" };
}

function hasFailed({ state, reason, exitCode }: ContainerFacts): boolean {
  if (state === "terminated") return exitCode !== undefined && exitCode !== 0;
  return state === "waiting" && !isUnderWay(reason);
}
