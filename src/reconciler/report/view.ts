import type { CachedImageSetStatus, CachedImageStatus } from "../../api/types.gen.ts";
import type { StandingHold } from "../ledger/holds.ts";
import type { Cell, Exclusion } from "../model/cell.ts";
import type { ClusterFacts, ImageFacts, NodeFacts, SetFacts } from "../model/facts.ts";
import type { ImageSummary } from "../model/summary.ts";

/** What reports are made from: the reconciler's own memory, or where that cannot be had what the objects tell. */
export interface View {
  readonly source: "reconciler" | "objects";
  /** Sentences that say what cannot be told. */
  readonly unknown: readonly string[];
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly facts: ClusterFacts;
  /** False: whether a PullPolicy exists, and what it says, cannot be told. */
  readonly knowsPolicies: boolean;
  /** As it is now, which may be ahead of what is written; without `cachedNodes`. */
  statusOf(image: ImageFacts): CachedImageStatus;
  setStatusOf(set: SetFacts): CachedImageSetStatus;
  /** Undefined where it is not known; without `cachedNodes`. */
  summaryOf(image: ImageFacts): ImageSummary | undefined;
  /** Why nothing is pulled for an image although nothing failed. */
  pauseOf(image: ImageFacts): "PolicyNotFound" | "Suspended" | undefined;
  cellOf(reference: string, node: NodeFacts): Cell;
  exclusionOf(image: ImageFacts, node: NodeFacts): Exclusion | undefined;
  holds(): readonly StandingHold[];
  /** When each policy last started a pull, by its name, the empty one for the default. */
  lastStarts(): Readonly<Record<string, number>>;
}
