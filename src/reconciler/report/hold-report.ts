import { kubernetesTime } from "../../discovery/status.ts";
import type { StandingHold } from "../ledger/holds.ts";
import type { Hold } from "../model/summary.ts";
import type { HoldCause, HoldReport } from "./model.ts";
import { timesOf } from "./times.ts";

/** A hold of the core as reports tell it. */
export function holdReport({
  kind,
  subject,
  failure,
  since,
  attempts,
  until,
}: StandingHold): HoldReport {
  const { reason, scope, message } = failure;
  const rest = { kind, subject, since: kubernetesTime(since), attempts };
  return { ...rest, reason, scope, message, ...timesOf({ until }) };
}

/** Why an image as a whole waits, as reports tell it. */
export function holdCause({ reason, scope, message, until }: Hold): HoldCause {
  return { reason, scope, message, ...timesOf({ until }) };
}
