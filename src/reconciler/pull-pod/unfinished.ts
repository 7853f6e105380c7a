import { failureOf } from "../failure/scope.ts";
import type { Failure } from "../model/failure.ts";
import type { PodFacts, WorkItem } from "../model/pod.ts";

/** Why a pull Pod ended before each of its images had an outcome. */
export type Ending =
  /** Drop's own deadline for its pulls passed. */
  | "PullTimeout"
  /** Kubelet did not take it up in time. */
  | "NotStarted"
  /** Its node or its image stopped being a target. */
  | "Untargeted"
  /** Somebody else deleted it, or it went with its node. */
  | "Gone";

/**
 * What an image without an outcome is taken to have failed of; undefined where the ending says nothing about it.
 * A deadline says that this image was slow on this node, and not that its registry is: a registry that does not
 * answer is told by kubelet long before.
 */
export function unfinishedOutcome(
  pod: PodFacts,
  item: WorkItem,
  ending: Ending,
): Failure | undefined {
  switch (ending) {
    case "Untargeted":
      return undefined;
    case "Gone":
      return failureOf(
        "PodEvicted",
        "the pull Pod was removed by somebody else before it was done",
      );
    case "NotStarted":
      return failureOf("NodeRejected", "kubelet did not take up the pull Pod");
    case "PullTimeout":
      break;
  }
  if (pod.hasSandbox === false) {
    const message = "kubelet could not set up the pull Pod: its sandbox or network never came up";
    return failureOf("NodeRejected", message);
  }
  return failureOf(
    "Timeout",
    `${item.reference} was not there at the deadline of its pull`,
    "cell",
  );
}
