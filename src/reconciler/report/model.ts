import type { CachedImageStatus, EvictedNode, FailedNode } from "../../api/types.gen.ts";
import type { Exclusion } from "../model/cell.ts";
import type { FailureReason, FailureScope } from "../model/failure.ts";
import type { PullMethod } from "../model/pod.ts";

/** The version of both reports. Fields may be added within it; what changes a field's meaning gets another number. */
export const REPORT_VERSION = 1;

/** What both reports begin with. Times are RFC 3339 in UTC. */
export interface ReportHead {
  readonly version: typeof REPORT_VERSION;
  /** When it was taken. */
  readonly time: string;
  /** The reconciler itself, or only what is written in the cluster's objects. */
  readonly source: "reconciler" | "objects";
  /** Sentences that say what this source cannot tell, and why. */
  readonly unknown: readonly string[];
}

/** How everything stands: what `drop status` shows, and `/status` serves. */
export interface StatusReport extends ReportHead {
  /** By name. */
  readonly sets: readonly SetReport[];
  /** By name. */
  readonly images: readonly ImageReport[];
  /** By name, the default one first; those that an image is under, and those that exist. */
  readonly policies: readonly PolicyReport[];
  /** Nodes that no image goes to for a reason of their own, by reason. */
  readonly leftOut: readonly LeftOutReport[];
  /** What is wider than one image on one node, by kind, then subject. */
  readonly holds: readonly HoldReport[];
}

/** How a condition Ready stands. */
export interface ReadyReport {
  readonly isReady: boolean;
  readonly reason: string;
  readonly message: string;
  /** When `isReady` last changed. */
  readonly since?: string;
}

export interface SetReport {
  readonly name: string;
  readonly phase: NonNullable<CachedImageStatus["phase"]>;
  readonly ready: ReadyReport;
  readonly imagesManaged: number;
  readonly imagesReady: number;
}

export interface ImageReport {
  readonly name: string;
  /** Normalised; absent where the spec cannot be understood. */
  readonly reference?: string;
  readonly set?: string;
  readonly policy?: string;
  readonly digest?: string;
  readonly phase: NonNullable<CachedImageStatus["phase"]>;
  readonly ready: ReadyReport;
  readonly nodesTargeted: number;
  readonly nodesReady: number;
  readonly nodesPulling: number;
  /** Nodes that wait for their turn, and those that wait after a failure or eviction. */
  readonly nodesWaiting?: number;
  readonly nodesBackingOff?: number;
  /** Holders whose list of images is cut short, so that nothing confirms them. */
  readonly nodesUnverified?: number;
  /** The pulls that run now, by node. */
  readonly running: readonly RunningReport[];
  /** When some node is tried next, where that is known. */
  readonly nextAttemptTime?: string;
  /** Why no pull of it starts anywhere. */
  readonly hold?: HoldCause;
  /** Failed attempts since the last success. */
  readonly consecutiveFailures: number;
  readonly failedNodes: readonly FailedNode[];
  readonly evictedNodes: readonly EvictedNode[];
  readonly lastPulledTime?: string;
  readonly lastAttemptedTime?: string;
  /** Node by node, by name; only where one image was asked for. */
  readonly nodes?: readonly NodeRow[];
}

/** One node's share in an image. */
export interface NodeRow {
  readonly node: string;
  readonly state: CellState;
  /** Why it is left out. */
  readonly exclusion?: Exclusion;
  /** Since when it is there, or is being pulled; else when it was lost. */
  readonly since?: string;
  readonly isVerified?: boolean;
  readonly nextAttemptTime?: string;
  readonly failure?: FailureReport;
}

/** In one word: how an image stands on a node. */
export type CellState =
  | "Present"
  | "Pulling"
  | "Waiting"
  | "Backoff"
  | "Held"
  | "Paused"
  | "LeftOut"
  | "Missing";

export interface FailureReport {
  readonly reason: FailureReason;
  readonly scope: FailureScope;
  readonly message: string;
  /** Since the last success. */
  readonly attempts: number;
}

/** A pull Pod at work on an image. */
export interface RunningReport {
  readonly node: string;
  readonly pod: string;
  readonly since: string;
  readonly attempt: number;
  readonly method: PullMethod;
  /** It asks again for what the node already holds. */
  readonly isRefresh: boolean;
  /** The other images of the same Pod. */
  readonly otherImages: number;
}

export interface HoldCause {
  readonly reason: FailureReason;
  readonly scope: FailureScope;
  readonly message: string;
  /** When it is tried again; absent: when a person changes something. */
  readonly until?: string;
}

export interface HoldReport extends HoldCause {
  readonly kind: HoldKind;
  /** What is held: a reference, a registry's host, a node, a policy; empty where the kind says it all. */
  readonly subject: string;
  readonly since: string;
  /** Failed tries since then. */
  readonly attempts: number;
}

export type HoldKind =
  | "image"
  | "platform"
  | "registry"
  | "node"
  | "policy"
  | "namespace"
  | "installation";

export interface PolicyReport {
  /** Empty for what holds for images that name none. */
  readonly name: string;
  /** False: an image names it, and it does not exist or has mistakes. */
  readonly exists: boolean;
  readonly isSuspended: boolean;
  /** CachedImages under it. */
  readonly images: number;
  readonly maxConcurrentNodes: number;
  /** Nodes with a running pull Pod under it, by name. */
  readonly activeNodes: readonly string[];
  /** As a duration: `10s`. */
  readonly minDelayBetweenPulls: string;
  /** When it last started a pull. */
  readonly lastStartTime?: string;
  /** When it may start the next node, where one waits and the budget has room. */
  readonly nextStartTime?: string;
}

export interface LeftOutReport {
  readonly reason: Exclusion;
  readonly count: number;
  /** The first ten by name. */
  readonly nodes: readonly string[];
}

/** Why an image is, or is not, on a node: what `drop why` shows, and `/why` serves. */
export interface CellReport extends ReportHead {
  readonly node: string;
  /** Normalised. */
  readonly reference: string;
  readonly state: CellState;
  /** The CachedImages that name it, by name. */
  readonly wantedBy: readonly WantReport[];
  /** There, as far as is known. */
  readonly isPresent: boolean;
  /** The node's own list of images confirms or denies it. */
  readonly isVerified: boolean;
  readonly since?: string;
  /** When it was found missing after having been there. */
  readonly lostTime?: string;
  readonly evictions: number;
  readonly failure?: FailureReport;
  readonly nextAttemptTime?: string;
  readonly running?: RunningReport;
  /** What else runs on the node under a pull Pod, where that is not this image. */
  readonly busyWith?: string;
  /** The holds that concern this image on this node. */
  readonly holds: readonly HoldReport[];
}

/** A CachedImage that wants the image, and what it says of the node. */
export interface WantReport {
  readonly image: string;
  readonly set?: string;
  readonly imagePullPolicy: "Always" | "IfNotPresent" | "Never";
  /** Why the node is not a target of it. */
  readonly exclusion?: Exclusion;
  /** Why nothing is pulled for it although nothing failed. */
  readonly pause?: "PolicyNotFound" | "Suspended";
  /** Absent where policies are not known. */
  readonly policy?: PolicyReport;
}

/** A question that has no answer, and what to ask instead. */
export interface ReportFault {
  readonly version: typeof REPORT_VERSION;
  readonly fault: { readonly what: string; readonly fix: string };
}
