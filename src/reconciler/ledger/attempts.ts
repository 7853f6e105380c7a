import type { Failure } from "../model/failure.ts";

/** The last attempt to get an image onto a node, which failed. Times are milliseconds since 1970. */
export interface FailedAttempt {
  readonly failure: Failure;
  /** In a row, since the last success there. */
  readonly attempts: number;
  readonly at: number;
  /** Not before this time. */
  readonly nextAt: number;
}
