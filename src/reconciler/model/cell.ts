import type { Failure } from "./failure.ts";

/** Why a node is not among an image's targets although nothing is wrong with the image. */
export type Exclusion =
  | "SelectorMismatch"
  | "Windows"
  | "VirtualKubelet"
  | "NoContainerRuntime"
  | "DiskPressure"
  | "Deleting"
  | "Disrupted"
  | "ScaleDown"
  | "NotReady"
  | "Cordoned"
  | "Tainted"
  | "PlatformMismatch";

/** What is known of one image on one node. */
export interface Cell {
  /** There, as far as is known. */
  readonly isPresent: boolean;
  /** Since when, where it is there: the end of the last pull, or when it was first seen. */
  readonly since: number | undefined;
  /** The node's own list of images confirms or denies it; false where the list is cut or too old. */
  readonly isVerified: boolean;
  /** When it was found missing after having been there. */
  readonly lostAt: number | undefined;
  readonly evictions: number;
  readonly failure: Failure | undefined;
  /** Attempts since the last success. */
  readonly attempts: number;
  /** Not before this time; undefined: whenever pacing allows. */
  readonly nextAttemptAt: number | undefined;
}
