import type { ImageOrigin } from "../../api/labels.ts";
import type { CachedImageSetStatus, CachedImageStatus, Toleration } from "../../api/types.gen.ts";
import type { PodFacts } from "./pod.ts";

/** A taint of a node, as in the core API. */
export interface Taint {
  readonly key: string;
  readonly value: string;
  readonly effect: string;
}

/** What `node.status.images` says. */
export interface NodeImages {
  /** Every name of every entry, sorted by code unit, each once. */
  readonly names: readonly string[];
  readonly entryCount: number;
  /** Some entry has as many names as kubelet reports at most, so that others may be missing. */
  readonly hasFullEntry: boolean;
  /**
   * The digest that a name stands for, as its own entry tells: only of repositories that the list has several digests of,
   * since a tag that was moved leaves its old image behind.
   */
  readonly digests?: ReadonlyMap<string, string>;
}

/** What Drop reads of a Node. Times are milliseconds since 1970 here and everywhere in the reconciler. */
export interface NodeFacts {
  readonly name: string;
  readonly uid: string;
  readonly createdAt: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly taints: readonly Taint[];
  readonly isUnschedulable: boolean;
  readonly isDeleting: boolean;
  readonly isReady: boolean;
  readonly hasDiskPressure: boolean;
  /** `linux` or `windows`. */
  readonly operatingSystem: string;
  /** As in GOARCH: `amd64`, `arm64`. */
  readonly architecture: string;
  /** For example `v1.36.3`; empty for a virtual kubelet that reports none. */
  readonly kubeletVersion: string;
  /** For example `containerd://2.4.2`. */
  readonly containerRuntime: string;
  readonly images: NodeImages;
}

/** What Drop reads of a CachedImage. */
export interface ImageFacts {
  readonly name: string;
  readonly uid: string;
  readonly generation: number;
  readonly createdAt: number;
  readonly isDeleting: boolean;
  readonly origin: ImageOrigin | undefined;
  /** The set that the labels of Drop or an ownerReference name. */
  readonly setName: string | undefined;
  /** The spec as the reconciler understands it; a text says why it cannot be understood. */
  readonly spec: ImageSpecFacts | string;
  readonly status: CachedImageStatus;
}

export interface ImageSpecFacts {
  /** Normalised and complete: `docker.io/library/nginx:latest`. */
  readonly reference: string;
  /** The host[:port] part of it. */
  readonly registryHost: string;
  /** It is pinned by a digest, so that its content never changes. */
  readonly isPinned: boolean;
  readonly imagePullPolicy: "Always" | "IfNotPresent" | "Never";
  /** Sorted by code unit, each once. */
  readonly imagePullSecrets: readonly string[];
  readonly nodeSelector: Readonly<Record<string, string>>;
  readonly tolerations: readonly Toleration[];
  readonly priority: number;
  readonly policyName: string | undefined;
  readonly isSuspended: boolean;
}

/** A PullPolicy as numbers. The one without a name holds for CachedImages that name none. */
export interface PolicyFacts {
  readonly name: string | undefined;
  readonly maxConcurrentNodes: number;
  readonly minDelayMs: number;
  readonly backoffInitialMs: number;
  readonly backoffMaxMs: number;
  /** Undefined: never. */
  readonly repullIntervalMs: number | undefined;
  readonly pullTimeoutMs: number;
  readonly nodeSelector: Readonly<Record<string, string>>;
  readonly tolerations: readonly Toleration[];
  readonly isSuspended: boolean;
}

/** What Drop reads of a CachedImageSet. */
export interface SetFacts {
  readonly name: string;
  readonly uid: string;
  readonly generation: number;
  readonly isDeleting: boolean;
  /** The normalised references that the set lists itself. */
  readonly staticReferences: readonly string[];
  /** A discoveryPolicyRef is set, so that discovered children are to be expected. */
  readonly hasDiscovery: boolean;
  readonly isSuspended: boolean;
  readonly status: CachedImageSetStatus;
}

/** Everything that a decision is made from, each kind by metadata.name. */
export interface ClusterFacts {
  readonly nodes: ReadonlyMap<string, NodeFacts>;
  readonly images: ReadonlyMap<string, ImageFacts>;
  readonly policies: ReadonlyMap<string, PolicyFacts>;
  readonly sets: ReadonlyMap<string, SetFacts>;
  /** Pull Pods only. */
  readonly pods: ReadonlyMap<string, PodFacts>;
}
