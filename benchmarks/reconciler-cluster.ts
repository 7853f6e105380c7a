import type { PodAction } from "../src/reconciler/decide/decide.ts";
import type {
  ClusterFacts,
  ImageFacts,
  NodeFacts,
  PolicyFacts,
} from "../src/reconciler/model/facts.ts";
import type { ContainerFacts, PodFacts, PodWork } from "../src/reconciler/model/pod.ts";
import { pullPodName } from "../src/reconciler/pull-pod/name.ts";

/** What the watches would hold of a big cluster. */
export interface BigCluster {
  readonly facts: ClusterFacts & {
    readonly nodes: Map<string, NodeFacts>;
    readonly images: Map<string, ImageFacts>;
    readonly pods: Map<string, PodFacts>;
  };
  serial: number;
}

export interface BigClusterOptions {
  readonly nodes: number;
  readonly images: number;
  /** Milliseconds since 1970. */
  readonly now: number;
}

const POLICIES = 4;

/** Nodes of four pools, each with thirty other images, and images under four policies. */
export function bigCluster({ nodes, images, now }: BigClusterOptions): BigCluster {
  const policies = Array.from({ length: POLICIES }, (_, n) => policyAt(n));
  const others = Array.from(
    { length: 300 },
    (_, n) => `registry.example.com/other/app-${n}:1.${n}`,
  );
  return {
    serial: 0,
    facts: {
      nodes: byName(Array.from({ length: nodes }, (_, n) => nodeAt(n, { others, now }))),
      images: byName(Array.from({ length: images }, (_, n) => imageAt(n, now))),
      policies: new Map(policies.map((policy) => [policy.name ?? "", policy])),
      sets: new Map(),
      pods: new Map(),
    },
  };
}

function byName<T extends { readonly name: string }>(all: readonly T[]): Map<string, T> {
  return new Map(all.map((one) => [one.name, one]));
}

function policyAt(n: number): PolicyFacts {
  return {
    ...{ name: `policy-${n}`, maxConcurrentNodes: 500, minDelayMs: 0 },
    ...{ backoffInitialMs: 30_000, backoffMaxMs: 300_000, repullIntervalMs: 7 * 86_400_000 },
    ...{ pullTimeoutMs: 1_800_000, nodeSelector: {}, isSuspended: false },
    tolerations: [{ key: "dedicated", operator: "Exists" }],
  };
}

function nodeAt(
  n: number,
  { others, now }: { readonly others: readonly string[]; readonly now: number },
): NodeFacts {
  const name = `node-${String(n).padStart(5, "0")}.cluster.example.com`;
  const names = others.filter((_, index) => (index + n) % 10 === 0).sort();
  return {
    ...{ name, uid: `00000000-0000-4000-8000-${String(n).padStart(12, "0")}` },
    createdAt: now - 86_400_000 - 60_000 * (n % 997),
    labels: { "kubernetes.io/hostname": name, "kubernetes.io/os": "linux", pool: `pool-${n % 4}` },
    taints: n % 10 === 0 ? [{ key: "dedicated", value: "builds", effect: "NoSchedule" }] : [],
    ...{ isUnschedulable: false, isDeleting: false, isReady: true, hasDiskPressure: false },
    ...{ operatingSystem: "linux", architecture: n % 5 === 0 ? "arm64" : "amd64" },
    ...{ kubeletVersion: "v1.36.3", containerRuntime: "containerd://2.4.2" },
    images: { names, entryCount: names.length, hasFullEntry: true },
  };
}

function imageAt(n: number, now: number): ImageFacts {
  const name = `image-${String(n).padStart(3, "0")}`;
  return {
    ...{ name, uid: `image-uid-${n}`, generation: 1, createdAt: now, isDeleting: false },
    ...{ origin: undefined, setName: undefined, status: { observedGeneration: -1 } },
    spec: {
      reference: `registry-${n % 3}.example.com/team/${name}:1.0.${n}`,
      registryHost: `registry-${n % 3}.example.com`,
      ...{ isPinned: false, imagePullPolicy: "Always", imagePullSecrets: [], priority: n % 7 },
      ...{ nodeSelector: {}, tolerations: [], isSuspended: false },
      policyName: `policy-${n % POLICIES}`,
    },
  };
}

/** Does what was decided, and has every new Pod finished at once with everything pulled. */
export function endPods(cluster: BigCluster, actions: readonly PodAction[], now: number): void {
  const { pods } = cluster.facts;
  for (const action of actions) {
    if (action.type === "DeletePullPod") {
      listPulled(cluster, pods.get(action.name));
      pods.delete(action.name);
    } else {
      const pod = finishedPod(action.request.work, `pod-uid-${++cluster.serial}`, now);
      pods.set(pod.name, pod);
    }
  }
}

function finishedPod(work: PodWork, uid: string, now: number): PodFacts {
  return {
    ...{ name: pullPodName(work.nodeUid), uid, nodeName: work.nodeName, createdAt: now },
    ...{ startedAt: now, isDeleting: false, phase: "Succeeded", reason: "", message: "" },
    containers: work.items.map(
      ({ container }): ContainerFacts => ({
        ...{ name: container, state: "terminated", reason: "Completed", message: "" },
        ...{ exitCode: 0, finishedAt: now + 5_000, imageId: "" },
      }),
    ),
    ...{ initContainers: [], work },
  };
}

/** The node's list names what a Pod pulled. */
function listPulled({ facts }: BigCluster, pod: PodFacts | undefined): void {
  const node = facts.nodes.get(pod?.nodeName ?? "");
  if (pod?.work === undefined || node === undefined) return;
  const pulled = pod.work.items.map(({ reference }) => reference);
  const names = [...new Set([...node.images.names, ...pulled])].sort();
  facts.nodes.set(node.name, { ...node, images: { ...node.images, names } });
}
