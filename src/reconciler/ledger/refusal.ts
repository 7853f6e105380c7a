import type { Failure } from "../model/failure.ts";
import type { PodRequest, PullMethod } from "../model/pod.ts";
import { pullPodName } from "../pull-pod/name.ts";
import { type Admission, isHopeless, newTrial } from "./admission.ts";
import { backoffMs } from "./backoff.ts";
import { blame } from "./blame.ts";
import type { Source } from "./evidence.ts";
import { type Ledger, touchAll } from "./ledger.ts";
import type { PodRecord } from "./pods.ts";
import { paceOf } from "./policies.ts";
import { slotOf } from "./slots.ts";
import { TARGET } from "./targets.ts";

/** The API server did not take the Pod; the failure's scope says what waits because of it. */
export function recordRefusal(
  ledger: Ledger,
  request: PodRequest,
  failure: Failure,
  now: number,
): void {
  const name = pullPodName(request.work.nodeUid);
  const record = ledger.pods.get(name);
  if (record === undefined || record.facts !== undefined) return;
  ledger.pods.delete(name);
  const refused: Refused = { ledger, record, failure, now, sources: sourcesOf(ledger, request) };
  takeBackStart(refused);
  if (failure.scope === "namespace") holdNamespace(refused);
  else if (failure.scope === "pod") refusePod(refused, request.work.method);
  else blameItems(refused);
  touchAll(ledger);
}

interface Refused {
  readonly ledger: Ledger;
  readonly record: PodRecord;
  readonly failure: Failure;
  readonly now: number;
  readonly sources: readonly Source[];
}

function sourcesOf({ images }: Ledger, { work }: PodRequest): readonly Source[] {
  const names = work.items.flatMap((item) => item.images);
  const sources = names.map((name) => images.get(name)?.source);
  return [...new Set(sources)].filter((source) => source !== undefined);
}

/** Nothing was started after all. */
function takeBackStart({ ledger, record }: Refused): void {
  const { policyKey, startedAt, before } = record;
  const starts = ledger.starts.get(policyKey);
  const slot = ledger.slots.byName.get(record.nodeName);
  if (slot !== undefined) {
    if (before?.turn === undefined) ledger.turns.delete(slot);
    else ledger.turns.set(slot, before.turn);
  }
  if (starts?.at !== startedAt || before === undefined) return;
  if (before.starts === undefined) ledger.starts.delete(policyKey);
  else ledger.starts.set(policyKey, before.starts);
}

function holdNamespace({ ledger, record, failure, now }: Refused): void {
  const { namespace } = ledger;
  if (namespace !== undefined && record.startedAt < namespace.at) return;
  const attempts = (namespace?.attempts ?? 0) + 1;
  const until = now + backoffMs(paceOf(ledger, record.policyKey), attempts, "namespace");
  ledger.namespace = { failure, since: namespace?.since ?? now, at: now, attempts, until };
}

/** Anything else says as much about the images as a failed pull does. */
function blameItems({ ledger, record, failure, now }: Refused): void {
  const { work, nodeName, policyKey } = record;
  const slot = work && slotOf(ledger.slots, { name: nodeName, uid: work.nodeUid });
  if (slot === undefined) return;
  for (const item of work?.items ?? []) {
    for (const name of item.images) {
      const source = ledger.images.get(name)?.source;
      if (source === undefined) continue;
      const policy = paceOf(ledger, policyKey);
      blame(ledger, { record, item, source, slot, failure, policy, now });
    }
  }
}

function refusePod(refused: Refused, method: PullMethod): void {
  const { ledger, record, failure, now, sources } = refused;
  const { admissions } = ledger;
  const admission = admissions.get(record.policyKey) ?? newAdmission(failure, now);
  admissions.set(record.policyKey, admission);
  admission.failure = failure;
  if (!admission.refused.has(method)) {
    admission.refused.add(method);
    return;
  }
  const [source] = sources;
  if (source === undefined || sources.length > 1) {
    // What passed before does no longer: begin with the stage of images again.
    for (const one of sources) admission.bySource.delete(one.key);
    return;
  }
  refuseAlone(refused, { admission, source, method });
}

function newAdmission(failure: Failure, now: number): Admission {
  return {
    ...{ failure, since: now, refused: new Set(), bySource: new Map(), attempts: 0, until: 0 },
  };
}

interface AloneRefused {
  readonly admission: Admission;
  readonly source: Source;
  readonly method: PullMethod;
}

function refuseAlone(refused: Refused, { admission, source, method }: AloneRefused): void {
  const { ledger, record, failure, now } = refused;
  const { policyKey } = record;
  const policy = paceOf(ledger, policyKey);
  const trial = admission.bySource.get(source.key) ?? newTrial();
  admission.bySource.set(source.key, trial);
  if (trial.refused.has(method)) trial.refused.clear();
  if (trial.refused.size === 0) trial.attempts += 1;
  trial.refused.add(method);
  trial.accepted = undefined;
  trial.failure = failure;
  trial.until = now + backoffMs(policy, trial.attempts, source.key);
  if (!isEachRefused(ledger, policyKey, admission)) return;
  admission.attempts += 1;
  admission.until = now + backoffMs(policy, admission.attempts, policyKey);
}

/** Whether no image of the policy that some node lacks may pass. */
function isEachRefused(
  { images, slots }: Ledger,
  policyKey: string,
  admission: Admission,
): boolean {
  for (const { spec, source, exclusions } of images.values()) {
    if (source === undefined || (spec?.policyName ?? "") !== policyKey) continue;
    const { since } = source.evidence;
    const isMissing = slots.inNameOrder.some(
      (slot) => exclusions[slot] === TARGET && since[slot] === 0,
    );
    if (isMissing && !isHopeless(admission, source)) return false;
  }
  return true;
}
