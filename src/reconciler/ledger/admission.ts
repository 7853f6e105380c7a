import type { Failure } from "../model/failure.ts";
import type { PodWork, PullMethod } from "../model/pod.ts";
import type { Source } from "./evidence.ts";
import { type Ledger, touchAll } from "./ledger.ts";

/**
 * What the API server said no to under one policy, in one of two stages. First by method, since image volumes may be
 * what it does not like. Then by image, each alone, until it is known which it lets pass and by which method.
 */
export interface Admission {
  failure: Failure;
  since: number;
  /** The methods by which Pods of any images were refused. */
  readonly refused: Set<PullMethod>;
  /** By the key of the source. */
  readonly bySource: Map<string, Trial>;
  /** Refused tries in a row since each image was refused. */
  attempts: number;
  /** The policy is held until then; 0: it is not. */
  until: number;
}

/** One image, alone in its Pod. */
export interface Trial {
  readonly refused: Set<PullMethod>;
  accepted: PullMethod | undefined;
  failure: Failure | undefined;
  attempts: number;
  /** It is tried again by each method then. */
  until: number;
}

/** What was refused is tried again as if nothing had happened after so long: rules change without telling Drop. */
export const ADMISSION_KEPT_MS = 3_600_000;

/** How an image may go into a Pod on a node whose methods are these, best first. */
export type Passage =
  /** With others of the same method that are not tried alone either. */
  | { readonly type: "together"; readonly method: PullMethod }
  | { readonly type: "alone"; readonly method: PullMethod }
  /** Not before a time. */
  | { readonly type: "held"; readonly until: number };

/** How an image may be pulled under a policy of which something was refused. */
export function passageOf(
  admission: Admission | undefined,
  source: Source,
  { methods, now }: { readonly methods: readonly PullMethod[]; readonly now: number },
): Passage {
  const [first = "helper"] = methods;
  if (admission === undefined) return { type: "together", method: first };
  if (admission.until > now) {
    return { type: "held", until: Math.min(admission.until, admission.since + ADMISSION_KEPT_MS) };
  }
  const unrefused = methods.find((method) => !admission.refused.has(method));
  if (unrefused !== undefined) return { type: "together", method: unrefused };
  const trial = admission.bySource.get(source.key);
  if (trial === undefined) return { type: "alone", method: first };
  const { accepted } = trial;
  if (accepted !== undefined && methods.includes(accepted)) {
    return { type: "together", method: accepted };
  }
  const next = methods.find((method) => !trial.refused.has(method));
  if (next !== undefined) return { type: "alone", method: next };
  // Once the hold of the whole policy is over, any of its images may show that it is.
  if (trial.until <= now || admission.until > 0) return { type: "alone", method: first };
  return { type: "held", until: Math.min(trial.until, admission.since + ADMISSION_KEPT_MS) };
}

/** The API server took a Pod of this policy: what it holds may pass, and if everything was refused before, all may. */
export function noteAccepted(ledger: Ledger, policyKey: string, { items, method }: PodWork): void {
  const admission = ledger.admissions.get(policyKey);
  if (ledger.namespace !== undefined || admission !== undefined) touchAll(ledger);
  ledger.namespace = undefined;
  if (admission === undefined) return;
  if (admission.until > 0) {
    ledger.admissions.delete(policyKey);
    return;
  }
  const wanted = new Set(items.flatMap(({ images }) => images));
  for (const name of wanted) {
    const source = ledger.images.get(name)?.source;
    const trial = source === undefined ? undefined : admission.bySource.get(source.key);
    if (source === undefined || !isStageOfImages(admission, method)) continue;
    if (trial !== undefined) trial.accepted = method;
    else admission.bySource.set(source.key, { ...newTrial(), accepted: method });
  }
}

function isStageOfImages({ refused }: Admission, method: PullMethod): boolean {
  return refused.has(method);
}

/** Whether an image was refused alone, by each method. */
export function isHopeless({ bySource, refused }: Admission, source: Source): boolean {
  const trial = bySource.get(source.key);
  if (trial === undefined) return false;
  return [...refused].every((method) => trial.refused.has(method));
}

export function newTrial(): Trial {
  return { refused: new Set(), accepted: undefined, failure: undefined, attempts: 0, until: 0 };
}

/** Forgets refusals that are old. */
export function forgetOldRefusals(ledger: Ledger, now: number): void {
  for (const [policyKey, { since }] of ledger.admissions) {
    if (now < since + ADMISSION_KEPT_MS) continue;
    ledger.admissions.delete(policyKey);
    touchAll(ledger);
  }
}
