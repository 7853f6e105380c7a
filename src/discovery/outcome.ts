/** An image that a source offers. `image` is the normalised reference with its tag or digest; a higher `score` ranks first. */
export interface Candidate {
  readonly image: string;
  readonly score: number;
}

/** Why a source gave no full answer, in one word. */
export const SOURCE_FAILURE_REASONS = [
  "Unreachable",
  "Timeout",
  "TLSError",
  "Unauthorized",
  "Forbidden",
  "NotFound",
  "RateLimited",
  "ServerError",
  "InvalidAnswer",
  "AnswerTooLarge",
  "EndpointRefused",
  "SecretUnusable",
  "QueryRejected",
  "Warnings",
  "Truncated",
  "Interrupted",
  "Offline",
  "Suspended",
] as const;
export type SourceFailureReason = (typeof SOURCE_FAILURE_REASONS)[number];

/** What happened and what to do about it; never a response body, never a secret. */
export interface SourceFailure {
  readonly reason: SourceFailureReason;
  readonly message: string;
  readonly fix: string;
}

/**
 * One separately answered part of a source: the query of a Prometheus source (name ""), or one repository of a
 * registry source (its name). Only a complete part may take remembered images away.
 */
export type SourcePart =
  | { readonly state: "complete"; readonly name: string; readonly candidates: readonly Candidate[] }
  | {
      readonly state: "partial" | "failed";
      readonly name: string;
      readonly candidates: readonly Candidate[];
      readonly failure: SourceFailure;
    };

/** What one source of a DiscoveryPolicy answered. */
export interface SourceOutcome {
  readonly name: string;
  readonly type: "prometheus" | "registry";
  readonly parts: readonly SourcePart[];
  /** What was left out and why, for people: `3 series carry an image id without a name`. */
  readonly notes: readonly string[];
}

/** One part of one source. The part "" of a registry source stands for a repository that is not known any more. */
export interface Origin {
  readonly source: string;
  readonly part: string;
}

/** An image that an earlier run kept, with the source and the part it came from, in the order of that run. */
export interface RememberedImage extends Origin {
  readonly image: string;
  readonly score: number;
  /** Where else it was offered, left out when nowhere: it stays until all of them have answered without it. */
  readonly alsoFrom?: readonly Origin[];
}

/** A discovered image after merging, filtering and ranking. `rank` counts from 1; `remembered` when no source offered it this time. */
export interface RankedImage extends RememberedImage {
  readonly rank: number;
  readonly remembered: boolean;
}
