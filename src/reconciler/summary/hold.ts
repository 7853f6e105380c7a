import { isHopeless } from "../ledger/admission.ts";
import type { ImageRecord } from "../ledger/images.ts";
import type { Ledger } from "../ledger/ledger.ts";
import { policyKeyOf } from "../ledger/starts.ts";
import { isConfirmed, type Suspicion } from "../ledger/suspicion.ts";
import { TARGET } from "../ledger/targets.ts";
import { isWaiting } from "../ledger/waiting.ts";
import type { Failure } from "../model/failure.ts";
import type { Hold } from "../model/summary.ts";

/** Why no pull of an image is started anywhere, the most telling reason first; what no node waits for is none. */
export function holdOn(ledger: Ledger, record: ImageRecord): Hold | undefined {
  const pause = pauseOf(record);
  if (pause !== undefined) return pause;
  if (!isWaiting(ledger, record)) return gapHold(ledger, record);
  return (
    suspicionHold(record.source?.suspicion) ??
    suspicionHold(ledger.registries.get(record.source?.registryHost ?? "")) ??
    (ledger.namespace && holdOf(ledger.namespace.failure, ledger.namespace.until)) ??
    refusalHold(ledger, record) ??
    toolHold(ledger)
  );
}

/** Somebody has to write something before anything is pulled, and nothing failed. */
export function isPause({ reason }: Hold): boolean {
  return reason === "PolicyNotFound" || reason === "Suspended";
}

function pauseOf({ facts, spec, policy }: ImageRecord): Hold | undefined {
  if (typeof facts.spec === "string") {
    return { reason: "InvalidReference", scope: "image", message: facts.spec, until: undefined };
  }
  if (policy === undefined) {
    const message = `there is no usable PullPolicy ${spec?.policyName ?? ""}`;
    return { reason: "PolicyNotFound", scope: "image", message, until: undefined };
  }
  if (spec?.isSuspended !== true && !policy.isSuspended) return undefined;
  const message = `spec.suspend of the ${policy.isSuspended ? "PullPolicy" : "CachedImage"} is true`;
  return { reason: "Suspended", scope: "image", message, until: undefined };
}

function holdOf({ reason, scope, message }: Failure, until: number | undefined): Hold {
  return { reason, scope, message, until: until === Number.POSITIVE_INFINITY ? undefined : until };
}

function suspicionHold(suspicion: Suspicion | undefined): Hold | undefined {
  if (suspicion?.failure === undefined || !isConfirmed(suspicion)) return undefined;
  return holdOf(suspicion.failure, suspicion.until);
}

function refusalHold(ledger: Ledger, { spec, source }: ImageRecord): Hold | undefined {
  const admission = ledger.admissions.get(policyKeyOf(spec?.policyName));
  if (admission === undefined || source === undefined) return undefined;
  if (admission.until > 0) return holdOf(admission.failure, admission.until);
  const trial = admission.bySource.get(source.key);
  if (trial?.failure === undefined || !isHopeless(admission, source)) return undefined;
  return holdOf(trial.failure, trial.until);
}

/** Only where every method that was ever used is without its tool. */
function toolHold({ methods }: Ledger): Hold | undefined {
  const used = [...methods].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, one]) => one);
  return used.every(isConfirmed) ? suspicionHold(used[0]) : undefined;
}

/** An image that exists for none of the nodes' architectures is wrong itself. */
function gapHold({ slots }: Ledger, { source, exclusions }: ImageRecord): Hold | undefined {
  const [gap] = [...(source?.platforms ?? [])].sort(([a], [b]) => (a < b ? -1 : 1));
  if (gap === undefined || slots.inNameOrder.some((slot) => exclusions[slot] === TARGET)) {
    return undefined;
  }
  const [, { attempt }] = gap;
  return { ...holdOf(attempt.failure, undefined), scope: "image" };
}
