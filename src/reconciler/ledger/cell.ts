import type { Cell, Exclusion } from "../model/cell.ts";
import type { NodeFacts } from "../model/facts.ts";
import type { FailedAttempt } from "./attempts.ts";
import type { Evidence } from "./evidence.ts";
import type { Ledger } from "./ledger.ts";
import { nodeHeldUntil, slotOf } from "./slots.ts";
import { exclusionAt } from "./targets.ts";

const UNKNOWN: Cell = {
  ...{ isPresent: false, since: undefined, isVerified: false, lostAt: undefined, evictions: 0 },
  ...{ failure: undefined, attempts: 0, nextAttemptAt: undefined },
};

/** What is known of a normalised reference on a node; nothing where either is unknown. */
export function cellOf(ledger: Ledger, reference: string, node: NodeFacts): Cell {
  const evidence = ledger.evidence.get(reference);
  const slot = slotOf(ledger.slots, node);
  if (evidence === undefined || slot === undefined) return UNKNOWN;
  const since = evidence.since[slot] ?? 0;
  const isPresent = since > 0;
  const eviction = evidence.evictions.get(slot);
  const failed = lastFailure(evidence, slot);
  const isListed = evidence.listed[slot] === 1;
  const waits = [failed?.nextAt ?? 0, eviction?.nextAt ?? 0, nodeHeldUntil(ledger.slots, slot)];
  const nextAt = Math.max(...waits);
  return {
    isPresent,
    since: isPresent ? since : undefined,
    isVerified: isPresent ? isListed : ledger.slots.complete[slot] === 1,
    lostAt: isPresent ? undefined : eviction?.lostAt,
    evictions: eviction?.count ?? 0,
    failure: failed?.failure,
    attempts: failed?.attempts ?? 0,
    nextAttemptAt: isPresent || nextAt === 0 ? undefined : nextAt,
  };
}

/** The latest of all ways to get it. */
function lastFailure({ sources }: Evidence, slot: number): FailedAttempt | undefined {
  let last: { readonly key: string; readonly failed: FailedAttempt } | undefined;
  for (const { key, failures } of sources) {
    const failed = failures.get(slot);
    if (failed === undefined) continue;
    const lead = failed.at - (last?.failed.at ?? 0);
    if (last === undefined || lead > 0 || (lead === 0 && key < last.key)) last = { key, failed };
  }
  return last?.failed;
}

/** Why a node is not among a CachedImage's targets, by their names, as of the last `absorb`. */
export function exclusionIn(
  ledger: Ledger,
  imageName: string,
  nodeName: string,
): Exclusion | undefined {
  const record = ledger.images.get(imageName);
  const slot = ledger.slots.byName.get(nodeName);
  return record === undefined || slot === undefined ? undefined : exclusionAt(record, slot);
}
