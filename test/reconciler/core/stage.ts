import { type Decision, decide } from "../../../src/reconciler/decide/decide.ts";
import { absorb, type Touched } from "../../../src/reconciler/ledger/absorb.ts";
import { assume, noteCreated } from "../../../src/reconciler/ledger/assume.ts";
import { cellOf } from "../../../src/reconciler/ledger/cell.ts";
import { createLedger, type Ledger } from "../../../src/reconciler/ledger/ledger.ts";
import type { Cell } from "../../../src/reconciler/model/cell.ts";
import type {
  ImageFacts,
  NodeFacts,
  PolicyFacts,
  SetFacts,
} from "../../../src/reconciler/model/facts.ts";
import type { FailureReason } from "../../../src/reconciler/model/failure.ts";
import type { DecisionOptions } from "../../../src/reconciler/model/options.ts";
import type { ContainerFacts, PodFacts, PodRequest } from "../../../src/reconciler/model/pod.ts";
import type { ImageSummary } from "../../../src/reconciler/model/summary.ts";
import { pullPodName } from "../../../src/reconciler/pull-pod/name.ts";
import { summaryOf } from "../../../src/reconciler/summary/summary.ts";
import { OPTIONS, START } from "./facts.ts";

/** A cluster that stands still unless a test moves it, and a ledger that looks at it. */
export interface Stage {
  now: number;
  ledger: Ledger;
  options: DecisionOptions;
  readonly facts: {
    readonly nodes: Map<string, NodeFacts>;
    readonly images: Map<string, ImageFacts>;
    readonly policies: Map<string, PolicyFacts>;
    readonly sets: Map<string, SetFacts>;
    readonly pods: Map<string, PodFacts>;
  };
  serial: number;
}

export interface Props {
  readonly nodes?: readonly NodeFacts[];
  readonly images?: readonly ImageFacts[];
  readonly policies?: readonly PolicyFacts[];
  readonly options?: Partial<DecisionOptions>;
}

export function createStage({ nodes = [], images = [], policies = [], options }: Props): Stage {
  return {
    ...{ now: START, ledger: createLedger(), options: { ...OPTIONS, ...options }, serial: 0 },
    facts: {
      nodes: new Map(nodes.map((node) => [node.name, node])),
      images: new Map(images.map((image) => [image.name, image])),
      policies: new Map(policies.map((policy) => [policy.name ?? "", policy])),
      sets: new Map(),
      pods: new Map(),
    },
  };
}

/** Looks at the cluster as it is, and decides. */
export function look(stage: Stage): Decision & { readonly touched: Touched } {
  const { ledger, facts, options, now } = stage;
  const touched = absorb(ledger, facts, options, now);
  return { touched, ...decide(ledger, facts, options, now) };
}

/** What would be started now, without starting it: the Pods' requests. */
export function wanted(stage: Stage): readonly PodRequest[] {
  return look(stage).actions.flatMap((one) => (one.type === "CreatePullPod" ? one.request : []));
}

/** Looks, and starts what was decided; the watch shows the Pods at once. Deletions are done as well. */
export function step(stage: Stage, afterMs = 0): readonly PodRequest[] {
  stage.now += afterMs;
  const requests = removeFinished(stage);
  for (const request of requests) {
    assume(stage.ledger, request, stage.now);
    noteCreated(stage.ledger, request, stage.now);
    showPod(stage, request);
  }
  return requests;
}

function removeFinished(stage: Stage): readonly PodRequest[] {
  for (;;) {
    const { actions } = look(stage);
    const deletions = actions.filter((one) => one.type === "DeletePullPod");
    if (deletions.length === 0) {
      return actions.flatMap((one) => (one.type === "CreatePullPod" ? one.request : []));
    }
    for (const { name } of deletions) stage.facts.pods.delete(name);
  }
}

/** The Pod of a request as kubelet has taken it up. */
export function showPod(
  stage: Stage,
  { work }: PodRequest,
  over: Partial<PodFacts> = {},
): PodFacts {
  const pod: PodFacts = {
    ...{ name: pullPodName(work.nodeUid), uid: `pod-${++stage.serial}`, nodeName: work.nodeName },
    ...{ createdAt: Math.floor(stage.now / 1_000) * 1_000, startedAt: stage.now, phase: "Pending" },
    ...{ isDeleting: false, reason: "", message: "", containers: [], initContainers: [], work },
    ...over,
  };
  stage.facts.pods.set(pod.name, pod);
  return pod;
}

/** How one image of a Pod ends: pulled, or with kubelet's words. */
export type End = "pulled" | FailureReason;

/** What kubelet and containerd say for a reason. */
const WORDS: Partial<Record<End, readonly [reason: string, message: string]>> = {
  NotFound: ["ErrImagePull", "failed to resolve reference: manifest unknown"],
  Unauthorized: ["ErrImagePull", "pull access denied: authorization failed: 401 Unauthorized"],
  ConnectionRefused: ["ErrImagePull", "dial tcp 192.0.2.1:443: connect: connection refused"],
  PlatformMismatch: ["ErrImagePull", "no match for platform in manifest: not found"],
  InvalidReference: ["InvalidImageName", "couldn't parse image name: invalid reference format"],
  DiskPressure: ["ErrImagePull", "write /var/lib: no space left on device"],
  NotPresent: ["ErrImageNeverPull", ""],
  Unknown: ["ErrImagePull", "something that nobody has seen before"],
};

/** A second later some images of the Pod on a node have ended; those without a name of their own end as `rest` says, or not at all. */
export function end(stage: Stage, node: string, ends: Readonly<Record<string, End>>, rest?: End) {
  const pod = [...stage.facts.pods.values()].find(({ nodeName }) => nodeName === node);
  if (pod === undefined) throw new Error(`there is no Pod on ${node}`);
  stage.now += 1_000;
  const containers = (pod.work?.items ?? []).flatMap(({ container, reference }) => {
    const how = ends[reference] ?? rest;
    return how === undefined ? [] : containerOf(container, how, stage.now);
  });
  stage.facts.pods.set(pod.name, { ...pod, phase: "Running", containers });
}

function containerOf(name: string, how: End, now: number): ContainerFacts {
  if (how === "pulled") {
    const done = { state: "terminated", reason: "Completed", message: "", exitCode: 0 } as const;
    return { name, ...done, finishedAt: now, imageId: "" };
  }
  const [reason, message] = WORDS[how] ?? ["ErrImagePull", how];
  const waiting = { state: "waiting", reason, message, exitCode: undefined } as const;
  return { name, ...waiting, finishedAt: undefined, imageId: "" };
}

/** Changes a node; its facts are another object then, as the watch does it. */
export function changeNode(stage: Stage, name: string, over: Partial<NodeFacts>): void {
  const node = stage.facts.nodes.get(name);
  if (node === undefined) throw new Error(`there is no ${name}`);
  stage.facts.nodes.set(name, { ...node, ...over });
}

/** A new generation of an image. */
export function changeSpec(stage: Stage, name: string, over: object): void {
  const image = stage.facts.images.get(name);
  if (image === undefined || typeof image.spec === "string") throw new Error(`there is no ${name}`);
  const spec = { ...image.spec, ...over };
  stage.facts.images.set(name, { ...image, generation: image.generation + 1, spec });
}

export function cell(stage: Stage, reference: string, nodeName: string): Cell {
  const node = stage.facts.nodes.get(nodeName);
  if (node === undefined) throw new Error(`there is no ${nodeName}`);
  return cellOf(stage.ledger, reference, node);
}

export function summary(stage: Stage, name: string): ImageSummary {
  const found = summaryOf(stage.ledger, stage.facts, name, stage.now);
  if (found === undefined) throw new Error(`there is no ${name}`);
  return found;
}

/** `node: reference reference` for each Pod. */
export function told(requests: readonly PodRequest[]): readonly string[] {
  return requests.map(({ work: { nodeName, items } }) => {
    return `${nodeName}: ${items.map(({ reference }) => shortOf(reference)).join(" ")}`;
  });
}

/** `r.example/web:1` as `web`. */
function shortOf(reference: string): string {
  return reference.slice(reference.lastIndexOf("/") + 1).split(/[:@]/)[0] ?? reference;
}
