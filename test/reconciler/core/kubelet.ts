import type { ContainerFacts, PodFacts, WorkItem } from "../../../src/reconciler/model/pod.ts";

/** What is broken in the simulated cluster, and how. */
export interface Faults {
  /** References that their registry does not have. */
  readonly missing: Set<string>;
  /** References whose pull never ends. */
  readonly endless: Set<string>;
  /** Hosts that refuse connections. */
  readonly registries: Set<string>;
  /** Nodes whose kubelet takes no Pod up. */
  readonly kubelets: Set<string>;
  /** Nodes that reach no registry. */
  readonly isolated: Set<string>;
  /** References that exist for amd64 only. */
  readonly amd64Only: Set<string>;
  /** Pull methods whose tool image is gone. */
  readonly tools: Set<string>;
  /** What the API server says no to: `quota`, a pull method, or a reference. */
  readonly refused: Set<string>;
}

export function noFaults(): Faults {
  return {
    ...{ missing: new Set(), endless: new Set(), registries: new Set(), kubelets: new Set() },
    ...{ isolated: new Set(), amd64Only: new Set(), tools: new Set(), refused: new Set() },
  };
}

/** Where a pull happens. */
export interface PullSite {
  readonly node: string;
  readonly architecture: string;
  readonly faults: Faults;
  readonly isHeld: (reference: string) => boolean;
}

/** How one container of a pull Pod ends, and after how many milliseconds; undefined: never. */
export interface PullEnd {
  readonly afterMs: number;
  readonly state: Pick<ContainerFacts, "state" | "reason" | "message" | "exitCode">;
}

const SECONDS = 1_000;

/** What kubelet does with one item of a Pod whose tool image is there. */
export function pullEnd(item: WorkItem, site: PullSite): PullEnd | undefined {
  const { reference, pullPolicy } = item;
  const { faults, node, architecture } = site;
  const isHeld = site.isHeld(reference);
  if (pullPolicy === "Never" && !isHeld) return waiting("ErrImageNeverPull", "", 300);
  if (pullPolicy !== "Always" && isHeld) return ended(300);
  const host = reference.split("/")[0] ?? "";
  if (faults.registries.has(host) || faults.isolated.has(node)) {
    return waiting("ErrImagePull", `dial tcp 192.0.2.1:443: connect: connection refused`, 900);
  }
  if (faults.endless.has(reference)) return undefined;
  if (faults.missing.has(reference)) {
    const message = `failed to resolve reference "${reference}": ${reference}: not found`;
    return waiting("ErrImagePull", message, 700);
  }
  if (faults.amd64Only.has(reference) && architecture !== "amd64") {
    return waiting("ErrImagePull", "no match for platform in manifest: not found", 700);
  }
  return ended(isHeld ? 600 : 3 * SECONDS);
}

function waiting(reason: string, message: string, afterMs: number): PullEnd {
  return { afterMs, state: { state: "waiting", reason, message, exitCode: undefined } };
}

function ended(afterMs: number): PullEnd {
  return { afterMs, state: { state: "terminated", reason: "Completed", message: "", exitCode: 0 } };
}

/** A Pod as it is right after its creation. */
export function newPod(pod: Pick<PodFacts, "name" | "uid" | "nodeName" | "createdAt" | "work">) {
  const facts: PodFacts = {
    ...pod,
    ...{ startedAt: undefined, isDeleting: false, phase: "Pending", reason: "", message: "" },
    ...{ containers: [], initContainers: [] },
  };
  return facts;
}

/** The Pod once one of its containers ended. */
export function withEnd(pod: PodFacts, item: WorkItem, end: PullEnd, at: number): PodFacts {
  const container: ContainerFacts = {
    ...{ name: item.container, imageId: "", ...end.state },
    finishedAt: end.state.state === "terminated" ? wholeSecond(at) : undefined,
  };
  return { ...pod, phase: "Running", containers: [...pod.containers, container] };
}

/** The Pod whose tool image cannot be had. */
export function withoutTool(pod: PodFacts): PodFacts {
  const tool = "tools.example.com/pause:1";
  const message = `failed to resolve reference "${tool}": ${tool}: not found`;
  const state = { state: "waiting", reason: "ErrImagePull", message, exitCode: undefined } as const;
  const base = { finishedAt: undefined, imageId: "", image: tool, ...state };
  if (pod.work?.method === "helper") {
    return { ...pod, initContainers: [{ ...base, name: "drop-tool" }] };
  }
  const containers = (pod.work?.items ?? []).map(({ container, reference }) => {
    return { ...base, name: container, volumeImage: reference };
  });
  return { ...pod, containers };
}

export function wholeSecond(at: number): number {
  return Math.floor(at / 1_000) * 1_000;
}
