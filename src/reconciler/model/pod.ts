import type { Toleration } from "../../api/types.gen.ts";
import type { Failure } from "./failure.ts";

/** How kubelet is made to pull: by mounting the image, or by running a static program of ours inside it. */
export type PullMethod = "image-volume" | "helper";

/** What one container of a pull Pod is for. */
export interface WorkItem {
  /** The name of the container. */
  readonly container: string;
  readonly reference: string;
  /** 1 for the first attempt since the last success on this node. */
  readonly attempt: number;
  /** Whether kubelet may and must ask the registry. */
  readonly pullPolicy: "Always" | "IfNotPresent" | "Never";
  /** The CachedImages that want it, by name, sorted. */
  readonly images: readonly string[];
}

/** One node's next piece of work: everything that a pull Pod is made from. */
export interface PodWork {
  readonly nodeName: string;
  readonly nodeUid: string;
  /** The PullPolicy whose budget it counts for; undefined for the default one. */
  readonly policyName: string | undefined;
  readonly method: PullMethod;
  /** It asks again for what the node already holds. */
  readonly isRefresh: boolean;
  /** One to ten, all of the same pull secrets. */
  readonly items: readonly WorkItem[];
}

/** A pull Pod to be made: its work, and what of the CachedImages and their policy goes into the Pod. */
export interface PodRequest {
  readonly work: PodWork;
  /** Each becomes an ownerReference, so that the Pod ends with the last of them. */
  readonly owners: readonly { readonly name: string; readonly uid: string }[];
  /** The union of the images' and the policy's. */
  readonly tolerations: readonly Toleration[];
  /** Names, in the pull namespace. */
  readonly imagePullSecrets: readonly string[];
  /** When kubelet itself gives up; Drop's own deadline comes before. */
  readonly activeDeadlineMs: number;
}

/** A container's state, of the core API's ContainerStatus. */
export interface ContainerFacts {
  readonly name: string;
  readonly state: "waiting" | "running" | "terminated" | "unknown";
  /** Of the waiting or terminated state. */
  readonly reason: string;
  readonly message: string;
  readonly exitCode: number | undefined;
  readonly finishedAt: number | undefined;
  /** The image's ID as the runtime tells it, often with a digest; empty where there is none. */
  readonly imageId: string;
  /** The image of the container in the Pod's spec. */
  readonly image?: string;
  /** The reference of the image volume that it mounts, in the Pod's spec. */
  readonly volumeImage?: string;
}

/** What Drop reads of a Pod in the pull namespace. */
export interface PodFacts {
  readonly name: string;
  readonly uid: string;
  readonly nodeName: string;
  readonly createdAt: number;
  /** When kubelet took it up. */
  readonly startedAt: number | undefined;
  /** Kubelet says that the Pod's sandbox and network are there, or that they are not; undefined: it says neither. */
  readonly hasSandbox?: boolean;
  readonly isDeleting: boolean;
  readonly phase: string;
  /** Of the Pod as a whole: `Evicted`, `NodeAffinity`, `OutOfpods`. */
  readonly reason: string;
  readonly message: string;
  readonly containers: readonly ContainerFacts[];
  readonly initContainers: readonly ContainerFacts[];
  /** What its annotations say it does; undefined where they are missing or have been changed into something else. */
  readonly work: PodWork | undefined;
}

/** How one image of a pull Pod fares. */
export type ItemOutcome =
  | { readonly type: "pulling" }
  | { readonly type: "pulled"; readonly at: number; readonly digest: string | undefined }
  | { readonly type: "failed"; readonly at: number; readonly failure: Failure };

/** A pull Pod, read. */
export interface PodReading {
  /** One for each item of the work, in its order. */
  readonly outcomes: readonly ItemOutcome[];
  /** Every item has its outcome, or will never get one: the Pod can go. */
  readonly isFinished: boolean;
}
