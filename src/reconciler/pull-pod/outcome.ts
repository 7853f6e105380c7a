import { parseDigest } from "../../api/image-reference.ts";
import { classify, type PullFailure } from "../failure/classify.ts";
import { failureOf } from "../failure/scope.ts";
import { classifyStart } from "../failure/start.ts";
import type { Failure } from "../model/failure.ts";
import type { ContainerFacts, ItemOutcome, PullMethod, WorkItem } from "../model/pod.ts";

/** One container of a pull Pod, and what it is for. */
export interface ItemContainer {
  readonly container: ContainerFacts;
  readonly item: WorkItem;
  readonly method: PullMethod;
  /** Taken where the container tells no time. */
  readonly at: number;
}

/** What kubelet says while nothing has gone wrong. */
const UNDER_WAY: ReadonlySet<string> = new Set(["", "ContainerCreating", "PodInitializing"]);

/** What kubelet says once it has the image and something else is wrong. */
const AFTER_PULL: ReadonlySet<string> = new Set([
  ...["CreateContainerConfigError", "PreCreateHookError", "CreateContainerError"],
  ...["PreStartHookError", "RunContainerError", "PostStartHookError"],
]);

/** What runtimes call the end of a container whose program did not start. */
const NEVER_RAN: ReadonlySet<string> = new Set([
  ...["StartError", "ContainerCannotRun", "RunContainerError", "ContainerCreateFailed"],
]);

/** What kubelet writes for a container that it cannot find: it may never have been there. */
const NOTHING_KNOWN = "ContainerStatusUnknown";

/** Whether a waiting container's reason is one of those that kubelet gives while nothing has gone wrong. */
export function isUnderWay(reason: string): boolean {
  return UNDER_WAY.has(reason);
}

/** How one image fares, as far as its own container tells. */
export function outcomeOf(seen: ItemContainer): ItemOutcome {
  const { container, at } = seen;
  const changed = changedOnItsWay(seen);
  if (changed !== undefined) return { type: "failed", at, failure: changed };
  if (container.state === "running") return pulled(seen);
  if (container.state === "terminated") return ended(seen);
  if (container.state !== "waiting" || isUnderWay(container.reason)) return { type: "pulling" };
  if (AFTER_PULL.has(container.reason)) return notStarted(seen);
  return { type: "failed", at, failure: classify(pullFailure(seen)) };
}

/** With whatever code the program ended: that it ran shows that its image, or the one mounted, is there. */
function ended(seen: ItemContainer): ItemOutcome {
  const { reason, exitCode } = seen.container;
  if (reason === NOTHING_KNOWN || exitCode === undefined) return { type: "pulling" };
  return NEVER_RAN.has(reason) ? notStarted(seen) : pulled(seen);
}

function notStarted(seen: ItemContainer): ItemOutcome {
  const failure = classifyStart(pullFailure(seen));
  return failure === undefined ? pulled(seen) : { type: "failed", at: seen.at, failure };
}

function pulled({ container, method, at }: ItemContainer): ItemOutcome {
  // With an image volume the container's image is the tool's.
  const digest = method === "helper" ? digestIn(container.imageId) : undefined;
  return { type: "pulled", at: container.finishedAt ?? at, digest };
}

/** Runtimes give `name@sha256:…`; a bare `sha256:…` is the ID of the image's configuration and no digest of it. */
function digestIn(imageId: string): string | undefined {
  const at = imageId.lastIndexOf("@");
  const digest = at === -1 ? undefined : parseDigest(imageId.slice(at + 1));
  return digest?.ok === true ? digest.value : undefined;
}

function pullFailure({ container, item, method }: ItemContainer): PullFailure {
  const { reason, message, image } = container;
  const toolImage = method === "image-volume" ? image : undefined;
  return { reason, message, method, reference: item.reference, toolImage };
}

/** Admission webhooks that write other registries into Pods would have the wrong name counted as pulled. */
function changedOnItsWay({ container, item, method }: ItemContainer): Failure | undefined {
  const { image, volumeImage } = container;
  if (image === undefined) return undefined;
  const asked = method === "helper" ? image : volumeImage;
  if (asked === item.reference) return undefined;
  const instead = asked === undefined ? "no image volume" : JSON.stringify(asked);
  const what = `something changed the Pod on its way: it asks for ${instead} instead of "${item.reference}"`;
  return failureOf(
    "PodRejected",
    `${what}; keep what rewrites images away from the namespace of the pull Pods, or name that image instead`,
  );
}
