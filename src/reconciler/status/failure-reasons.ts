import type { CachedImageStatus } from "../../api/types.gen.ts";
import { FAILURE_REASONS, type FailureReason } from "../model/failure.ts";
import { conditionOf } from "./verdict.ts";

/** What is a reason to wait, and no failed pull. */
const NO_FAILURES: ReadonlySet<string> = new Set(["PolicyNotFound", "Suspended", "Evicted"]);

const FAILURES: readonly FailureReason[] = FAILURE_REASONS.filter(
  (reason) => !NO_FAILURES.has(reason),
);

/** Every reason for which a pull failed, as far as a status tells, in the order of the closed list. */
export function failureReasons(
  status: Pick<CachedImageStatus, "failedNodes" | "conditions">,
): readonly FailureReason[] {
  const told = new Set((status.failedNodes ?? []).map(({ reason }) => reason));
  const ready = conditionOf(status.conditions, "Ready");
  if (ready?.status === "False") told.add(ready.reason);
  return FAILURES.filter((reason) => told.has(reason));
}
