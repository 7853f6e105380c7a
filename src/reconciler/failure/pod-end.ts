import type { Failure, FailureReason } from "../model/failure.ts";
import type { PodFacts } from "../model/pod.ts";
import { failureOf } from "./scope.ts";
import { causeIn } from "./text.ts";

/** Kubelet's words for a Pod that it ends after having taken it up. */
const ENDS: ReadonlyMap<string, FailureReason> = new Map([
  ["Evicted", "PodEvicted"],
  ["Preempting", "PodEvicted"],
  ["Preempted", "PodEvicted"],
  ["NodeLost", "PodEvicted"],
  ["Shutdown", "PodEvicted"],
  ["Terminated", "PodEvicted"],
]);

/** Kubelet's eviction and admission both name what the node lacks, and disk is what pulls need. */
const DISK = /low on resource: (?:ephemeral-storage|inodes)|diskpressure/;

/** What a Pod that failed as a whole means for the images that have no outcome; undefined for any other Pod. */
export function podFailure(pod: PodFacts): Failure | undefined {
  const { phase, reason, message, isDeleting } = pod;
  // The containers of a Pod that is being deleted are killed, which makes it fail without a reason.
  if (phase !== "Failed" || (isDeleting && reason === "")) return undefined;
  const cause = causeIn(message) || reason;
  if (reason === "") return failureOf("Unknown", cause || "the Pod ended without saying why");
  // Kubelet's own deadline: like Drop's, it says that an image was slow and not that its registry is.
  if (reason === "DeadlineExceeded") return failureOf("Timeout", cause, "cell");
  const said = `${reason}: ${cause}`;
  const end = ENDS.get(reason);
  if (end !== undefined && DISK.test(message.slice(0, 4_096).toLowerCase())) {
    return failureOf("DiskPressure", said);
  }
  // Every other word is one that kubelet refuses a Pod with, and the list is open: NodeAffinity, OutOfpods, …
  return failureOf(end ?? "NodeRejected", said);
}
