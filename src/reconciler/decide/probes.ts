import type { Ledger } from "../ledger/ledger.ts";
import type { PodRecord } from "../ledger/pods.ts";
import { suspicionsOf } from "../ledger/suspects.ts";
import { type Suspicion, tryAt } from "../ledger/suspicion.ts";
import type { PullMethod } from "../model/pod.ts";
import type { Desk } from "./desk.ts";

/** A probe without an answer keeps others from asking for so long: it may have met a node that is broken itself. */
export const PROBE_PATIENCE_MS = 60_000;

/** The suspicions that a Pod asks about already, each with the time until which its answer is waited for. */
export function probesUnderWay(ledger: Ledger, now: number): Map<Suspicion, number> {
  const probes = new Map<Suspicion, number>();
  for (const record of ledger.pods.values()) {
    const until = record.startedAt + PROBE_PATIENCE_MS;
    if (until <= now || record.isFinished) continue;
    for (const suspicion of suspicionsOfPod(ledger, record)) {
      // What began before the failure is part of it, and no new question.
      if (record.startedAt < suspicion.at) continue;
      probes.set(suspicion, Math.max(until, probes.get(suspicion) ?? 0));
    }
  }
  return probes;
}

function* suspicionsOfPod(ledger: Ledger, { work, ends }: PodRecord): Iterable<Suspicion> {
  if (work === undefined) return;
  const method = ledger.methods.get(work.method);
  if (method?.failure !== undefined) yield method;
  for (const [index, { images }] of work.items.entries()) {
    if (ends[index] !== undefined) continue;
    for (const name of images) {
      const source = ledger.images.get(name)?.source;
      if (source !== undefined) yield* suspicionsOf(ledger, source);
    }
  }
}

/** From when on a node may ask about all of these; 0: at once. */
export function probeAt({ probes }: Desk, suspicions: readonly Suspicion[], slot: number): number {
  let at = 0;
  for (const suspicion of suspicions) {
    at = Math.max(at, tryAt(suspicion, slot), probes.get(suspicion) ?? 0);
  }
  return at;
}

/** Before this time no node may ask about all of these. */
export function probeAnywhereAt({ probes }: Desk, suspicions: readonly Suspicion[]): number {
  let at = 0;
  for (const suspicion of suspicions) {
    const isAskedElsewhere = suspicion.nodes.size < 2;
    const tried = isAskedElsewhere ? 0 : suspicion.until;
    at = Math.max(at, tried, probes.get(suspicion) ?? 0);
  }
  return at;
}

/** From when on a node may be made to pull by a method. */
export function methodAt(desk: Desk, method: PullMethod, slot: number): number {
  const suspicion = desk.ledger.methods.get(method);
  return suspicion?.failure === undefined ? 0 : probeAt(desk, [suspicion], slot);
}

/** A Pod that this decision starts asks about these. */
export function noteProbes({ probes, now }: Desk, suspicions: Iterable<Suspicion>): void {
  for (const suspicion of suspicions) probes.set(suspicion, now + PROBE_PATIENCE_MS);
}
