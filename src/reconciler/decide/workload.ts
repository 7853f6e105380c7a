import type { ImageRecord } from "../ledger/images.ts";
import { isRefreshPending, refreshIntervalOf } from "../ledger/refresh.ts";
import { policyKeyOf } from "../ledger/starts.ts";
import { suspicionsOf } from "../ledger/suspects.ts";
import type { Suspicion } from "../ledger/suspicion.ts";
import { TARGET } from "../ledger/targets.ts";
import { isWaiting } from "../ledger/waiting.ts";
import type { PolicyFacts } from "../model/facts.ts";
import { isMissing, startAt } from "./cells.ts";
import type { Desk } from "./desk.ts";
import { probeAnywhereAt } from "./probes.ts";
import { wakeAt } from "./timer.ts";

/** What is to be pulled under one policy. Arrays are indexed by slot. */
export interface Workload {
  readonly policyKey: string;
  readonly policy: PolicyFacts;
  /** In the order in which a node gets them. */
  readonly images: readonly ImageRecord[];
  /** How many images a node lacks that nothing keeps from being pulled with others. */
  readonly fresh: Uint16Array;
  /** `RETRY`, `REFRESH`, or both, where such a thing is due. */
  readonly spare: Uint8Array;
}

/** In `spare`: an image that failed, or is suspected to, may be tried. */
export const RETRY = 1;
/** In `spare`: an image may be asked for again. */
export const REFRESH = 2;

/** What there is to do now, by the keys of the policies; what is to be done later sets the timer. */
export function workloadsOf(desk: Desk): readonly Workload[] {
  const byPolicy = new Map<string, ImageRecord[]>();
  for (const record of desk.ledger.images.values()) {
    if (!isPullable(record)) continue;
    const key = policyKeyOf(record.spec?.policyName);
    const images = byPolicy.get(key);
    if (images === undefined) byPolicy.set(key, [record]);
    else images.push(record);
  }
  const keys = [...byPolicy.keys()].sort();
  return keys.flatMap((key) => workloadOf(desk, key, byPolicy.get(key) ?? []));
}

function isPullable({ facts, spec, policy }: ImageRecord): boolean {
  if (facts.isDeleting || spec === undefined || spec.isSuspended) return false;
  return policy !== undefined && !policy.isSuspended;
}

function workloadOf(desk: Desk, policyKey: string, images: ImageRecord[]): readonly Workload[] {
  const policy = images[0]?.policy;
  if (policy === undefined) return [];
  const { end } = desk.ledger.slots;
  const load: Workload = {
    ...{ policyKey, policy, images: images.sort(byPriorityThenName) },
    ...{ fresh: new Uint16Array(end), spare: new Uint8Array(end) },
  };
  for (const record of load.images) {
    addMissing(desk, load, record);
    addRefresh(desk, load, record);
  }
  return [load];
}

function byPriorityThenName(a: ImageRecord, b: ImageRecord): number {
  const lead = (a.spec?.priority ?? 0) - (b.spec?.priority ?? 0);
  return lead || (a.name < b.name ? -1 : 1);
}

/** Most cells are in no trouble, and are only counted; the others are looked at one by one. */
function addMissing(desk: Desk, load: Workload, record: ImageRecord): void {
  const { source, exclusions } = record;
  if (source === undefined) return;
  const { since, evictions } = source.evidence;
  const { end } = desk.ledger.slots;
  const suspicions = suspicionsOf(desk.ledger, source);
  if (suspicions.length > 0) {
    addSuspected(desk, load, { record, suspicions });
    return;
  }
  for (let slot = 0; slot < end; slot++) {
    if (since[slot] === 0 && exclusions[slot] === TARGET) load.fresh[slot] = fresh(load, slot) + 1;
  }
  for (const slot of source.failures.keys()) {
    if (!isMissing(record, slot)) continue;
    load.fresh[slot] = fresh(load, slot) - 1;
    addRetry(desk, load, record, slot);
  }
  for (const [slot, { nextAt }] of evictions) {
    if (nextAt <= desk.now || !isMissing(record, slot) || source.failures.has(slot)) continue;
    load.fresh[slot] = fresh(load, slot) - 1;
    wakeAt(desk.timer, nextAt);
  }
}

interface Suspected {
  readonly record: ImageRecord;
  readonly suspicions: readonly Suspicion[];
}

/** While nobody may ask there is no need to look at each of thousands of nodes. */
function addSuspected(desk: Desk, load: Workload, { record, suspicions }: Suspected): void {
  if (!isWaiting(desk.ledger, record)) return;
  const at = probeAnywhereAt(desk, suspicions);
  wakeAt(desk.timer, at);
  if (at > desk.now) return;
  for (const slot of desk.ledger.slots.inNameOrder) {
    if (isMissing(record, slot)) addRetry(desk, load, record, slot);
  }
}

function fresh({ fresh: counts }: Workload, slot: number): number {
  return counts[slot] ?? 0;
}

function addRetry(desk: Desk, load: Workload, record: ImageRecord, slot: number): void {
  const at = startAt(desk, record, slot);
  if (at <= desk.now) load.spare[slot] = (load.spare[slot] ?? 0) | RETRY;
  else wakeAt(desk.timer, at);
}

function addRefresh(desk: Desk, load: Workload, record: ImageRecord): void {
  const { nextRefreshAt } = record;
  if (nextRefreshAt !== undefined) wakeAt(desk.timer, nextRefreshAt);
  if (nextRefreshAt !== undefined || refreshIntervalOf(record) === undefined) return;
  const { end } = desk.ledger.slots;
  for (let slot = 0; slot < end; slot++) {
    if (!isRefreshPending(record, slot)) continue;
    const at = startAt(desk, record, slot);
    if (at <= desk.now) load.spare[slot] = (load.spare[slot] ?? 0) | REFRESH;
    else wakeAt(desk.timer, at);
  }
}
