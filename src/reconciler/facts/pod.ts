import { isRecord, own, valueAt } from "../../api/record.ts";
import type { ContainerFacts, PodFacts, PodWork } from "../model/pod.ts";
import { parseWork } from "../pull-pod/annotations.ts";
import { pullPodName } from "../pull-pod/name.ts";
import { isDeleting, itemsIn, textIn, textsIn, timeIn } from "./fields.ts";

/** What Drop reads of a Pod in the pull namespace; undefined for what has no name or uid. */
export function podFacts(raw: unknown): PodFacts | undefined {
  const name = textIn(raw, "metadata", "name");
  const uid = textIn(raw, "metadata", "uid");
  if (name === "" || uid === "") return undefined;
  const sandbox = sandboxOf(raw);
  return {
    name,
    uid,
    nodeName: textIn(raw, "spec", "nodeName"),
    createdAt: timeIn(raw, "metadata", "creationTimestamp") ?? 0,
    startedAt: timeIn(raw, "status", "startTime"),
    ...(sandbox === undefined ? {} : { hasSandbox: sandbox }),
    isDeleting: isDeleting(raw),
    phase: textIn(raw, "status", "phase"),
    reason: textIn(raw, "status", "reason"),
    message: textIn(raw, "status", "message"),
    containers: containersOf(raw, "containers", "containerStatuses"),
    initContainers: containersOf(raw, "initContainers", "initContainerStatuses"),
    work: workOf(raw, name),
  };
}

/** Work that belongs to another Pod's name was copied here by somebody. */
function workOf(raw: unknown, name: string): PodWork | undefined {
  const annotations = textsIn(raw, "metadata", "annotations");
  const work = parseWork(annotations, textIn(raw, "spec", "nodeName"));
  return work !== undefined && pullPodName(work.nodeUid) === name ? work : undefined;
}

/** Kubelet 1.29 and later tells by a condition whether sandbox and network are set up. */
function sandboxOf(raw: unknown): boolean | undefined {
  const condition = itemsIn(raw, "status", "conditions").find(
    (each) => own(each, "type") === "PodReadyToStartContainers",
  );
  const status = own(condition, "status");
  if (status === "True") return true;
  return status === "False" ? false : undefined;
}

/** One for each container that the Pod's status tells of, by name. */
function containersOf(raw: unknown, inSpec: string, inStatus: string): readonly ContainerFacts[] {
  const specs = new Map(itemsIn(raw, "spec", inSpec).map((spec) => [own(spec, "name"), spec]));
  const volumes = new Map(
    itemsIn(raw, "spec", "volumes").map((volume) => [own(volume, "name"), volume]),
  );
  return itemsIn(raw, "status", inStatus).map((status) => {
    const spec = specs.get(own(status, "name"));
    return { ...stateOf(status), ...imagesOf(spec, volumes) };
  });
}

function stateOf(status: unknown): ContainerFacts {
  const state = own(status, "state");
  const kind = STATES.find((each) => isRecord(own(state, each))) ?? "unknown";
  return {
    name: textIn(status, "name"),
    state: kind,
    reason: textIn(state, kind, "reason"),
    message: textIn(state, kind, "message"),
    exitCode: exitCodeIn(state),
    finishedAt: timeIn(state, "terminated", "finishedAt"),
    imageId: textIn(status, "imageID"),
  };
}

const STATES = ["terminated", "running", "waiting"] as const;

function exitCodeIn(state: unknown): number | undefined {
  const code = valueAt(state, ["terminated", "exitCode"]);
  return typeof code === "number" && Number.isSafeInteger(code) ? code : undefined;
}

function imagesOf(
  spec: unknown,
  volumes: ReadonlyMap<unknown, unknown>,
): Pick<ContainerFacts, "image" | "volumeImage"> {
  const image = textIn(spec, "image");
  const mounted = itemsIn(spec, "volumeMounts").map((mount) => volumes.get(own(mount, "name")));
  const volumeImage = mounted
    .map((volume) => textIn(volume, "image", "reference"))
    .find((reference) => reference !== "");
  return { ...(image && { image }), ...(volumeImage !== undefined && { volumeImage }) };
}
