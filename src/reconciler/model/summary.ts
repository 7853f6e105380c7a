import type { Failure, FailureReason, FailureScope } from "./failure.ts";

/** A node's last failure with an image. */
export interface FailedCell {
  readonly node: string;
  readonly failure: Failure;
  /** Since the last success there. */
  readonly attempts: number;
  /** It is neither pulled now nor would be if it were the node's turn. */
  readonly isBackingOff: boolean;
  /** Undefined while something wider than the node holds it. */
  readonly nextAttemptAt: number | undefined;
}

/** A node whose kubelet removed an image. */
export interface EvictedCell {
  readonly node: string;
  readonly count: number;
  readonly nextAttemptAt: number;
}

/** Why no further pull of an image is started anywhere. */
export interface Hold {
  readonly reason: FailureReason;
  /** What the failure is about: a tool image that is NotFound is the installation's, and says nothing of this one. */
  readonly scope: FailureScope;
  readonly message: string;
  /** When it is tried again; undefined: when a person changes something. */
  readonly until: number | undefined;
}

/** How one CachedImage stands, counted over all nodes: what its status is written from. */
export interface ImageSummary {
  readonly name: string;
  /** Nodes that should hold it, those of them that do, those whose running pull Pod includes it. */
  readonly targeted: number;
  readonly ready: number;
  readonly pulling: number;
  /** Targets without it that wait for their turn under the pacing, and those that wait after a failure or eviction. */
  readonly waiting: number;
  readonly backingOff: number;
  /** Targets without it that are not younger than `workStartedAt` and that no failure of the node itself holds. */
  readonly blocking: number;
  /** Holders whose list of images is cut, so that nothing confirms that the image is still there. */
  readonly unverified: number;
  /** Names of the nodes that hold it, sorted by code unit. */
  readonly cachedNodes: readonly string[];
  /** At most ten, by node name, those that failed most recently. */
  readonly failedNodes: readonly FailedCell[];
  /** At most two hundred, by node name. */
  readonly evictedNodes: readonly EvictedCell[];
  readonly hold: Hold | undefined;
  readonly consecutiveFailures: number;
  readonly lastPulledAt: number | undefined;
  readonly lastAttemptedAt: number | undefined;
  readonly workStartedAt: number;
  readonly refreshStartedAt: number | undefined;
  readonly refreshedThrough: string | undefined;
  /** The digest that most nodes report, and how many different ones there are. */
  readonly resolvedDigest: string | undefined;
  readonly digestCount: number;
  /** The next attempt anywhere, where one is known. */
  readonly nextAttemptAt: number | undefined;
}
