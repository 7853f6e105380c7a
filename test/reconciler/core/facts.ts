import type {
  ImageFacts,
  ImageSpecFacts,
  NodeFacts,
  NodeImages,
  PolicyFacts,
} from "../../../src/reconciler/model/facts.ts";
import type { DecisionOptions } from "../../../src/reconciler/model/options.ts";

/** Where all histories begin: a whole second, as the API server tells times. */
export const START = Date.UTC(2026, 0, 1);

export const OPTIONS: DecisionOptions = {
  maxImagesPerPod: 10,
  pullMethod: undefined,
  nodeStatusMaxImages: 50,
  evictionBackoffMs: 6 * 3_600_000,
};

export const NO_LIST: NodeImages = { names: [], entryCount: 0, hasFullEntry: false };

/** A node that was there a day before the history begins. */
export function aNode(name: string, over: Partial<NodeFacts> = {}): NodeFacts {
  return {
    ...{ name, uid: `uid-of-${name}`, createdAt: START - 86_400_000, labels: {}, taints: [] },
    ...{ isUnschedulable: false, isDeleting: false, isReady: true, hasDiskPressure: false },
    ...{ operatingSystem: "linux", architecture: "amd64", kubeletVersion: "v1.36.3" },
    ...{ containerRuntime: "containerd://2.4.2", images: NO_LIST },
    ...over,
  };
}

/** What a node's list says that names these references and nothing else. */
export function aList(...references: readonly string[]): NodeImages {
  return { names: references.toSorted(), entryCount: references.length, hasFullEntry: false };
}

/** A list that was cut, or names too many for one image. */
export function aCutList(...references: readonly string[]): NodeImages {
  return { ...aList(...references), entryCount: OPTIONS.nodeStatusMaxImages };
}

export function aSpec(reference: string, over: Partial<ImageSpecFacts> = {}): ImageSpecFacts {
  return {
    ...{ reference, registryHost: reference.split("/")[0] ?? "" },
    ...{ isPinned: reference.includes("@"), imagePullPolicy: "Always", imagePullSecrets: [] },
    ...{ nodeSelector: {}, tolerations: [], priority: 0, policyName: undefined },
    isSuspended: false,
    ...over,
  };
}

/** A CachedImage that nobody has looked at yet. */
export function anImage(name: string, spec: ImageSpecFacts | string): ImageFacts {
  return {
    ...{ name, uid: `uid-of-${name}`, generation: 1, createdAt: START, isDeleting: false },
    ...{ origin: undefined, setName: undefined, spec, status: { observedGeneration: -1 } },
  };
}

/** A PullPolicy that waits for nothing and lets ten nodes pull. */
export function aPolicy(name: string | undefined, over: Partial<PolicyFacts> = {}): PolicyFacts {
  return {
    ...{ name, maxConcurrentNodes: 10, minDelayMs: 0, backoffInitialMs: 30_000 },
    ...{ backoffMaxMs: 300_000, repullIntervalMs: undefined, pullTimeoutMs: 1_800_000 },
    ...{ nodeSelector: {}, tolerations: [], isSuspended: false },
    ...over,
  };
}
