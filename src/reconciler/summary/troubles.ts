import type { FailedAttempt } from "../ledger/attempts.ts";
import { isForgiven } from "../ledger/evictions.ts";
import type { ImageRecord } from "../ledger/images.ts";
import type { Ledger } from "../ledger/ledger.ts";
import { nodeHeldUntil } from "../ledger/slots.ts";
import { exclusionAt } from "../ledger/targets.ts";
import { waitsForList } from "../ledger/waiting.ts";
import type { EvictedCell, FailedCell, Hold } from "../model/summary.ts";
import { slotsPulling } from "./counts.ts";

/** The limits of the CRD. */
const MAX_FAILED = 10;
const MAX_EVICTED = 200;

/** The nodes where the image failed most recently, by name. */
export function failedCells(
  ledger: Ledger,
  record: ImageRecord,
  { hold, now }: { readonly hold: Hold | undefined; readonly now: number },
): readonly FailedCell[] {
  const failures = [...(record.source?.failures ?? [])].flatMap(([slot, attempt]) => {
    const node = ledger.slots.nodes[slot]?.name;
    return node !== undefined && isShown(ledger, record, slot) ? { slot, node, attempt } : [];
  });
  const pulling =
    record.source === undefined || failures.length === 0
      ? new Set<number>()
      : slotsPulling(ledger, record.source);
  const latest = failures
    .sort((a, b) => b.attempt.at - a.attempt.at || (a.node < b.node ? -1 : 1))
    .slice(0, MAX_FAILED);
  return latest.sort(byNode).map(({ slot, node, attempt }) => {
    const isHeld = hold !== undefined || waitsForList(ledger, record, slot);
    const at = isHeld ? undefined : nextAttemptAt(ledger, slot, attempt);
    const isBackingOff = !pulling.has(slot) && (at === undefined || at > now);
    const { failure, attempts } = attempt;
    return { node, failure, attempts, isBackingOff, nextAttemptAt: at };
  });
}

/** Nodes that are no targets are left out, save the one for each architecture that the image does not exist for. */
function isShown({ slots }: Ledger, record: ImageRecord, slot: number): boolean {
  const exclusion = exclusionAt(record, slot);
  if (exclusion !== "PlatformMismatch") return exclusion === undefined;
  const node = slots.nodes[slot];
  return record.source?.platforms.get(node?.architecture ?? "")?.node === node?.name;
}

function nextAttemptAt(
  { slots }: Ledger,
  slot: number,
  { nextAt, failure }: FailedAttempt,
): number | undefined {
  return failure.scope === "platform" ? undefined : Math.max(nextAt, nodeHeldUntil(slots, slot));
}

/** The nodes whose kubelet removed the image, by name; where there are too many, those that get it back last. */
export function evictedCells(
  { slots }: Ledger,
  { source }: ImageRecord,
  now: number,
): readonly EvictedCell[] {
  if (source === undefined) return [];
  const { evictions, since } = source.evidence;
  const cells: EvictedCell[] = [];
  for (const [slot, eviction] of evictions) {
    const node = slots.nodes[slot]?.name;
    if (node === undefined || isForgiven(eviction, since[slot] ?? 0, now)) continue;
    cells.push({ node, count: eviction.count, nextAttemptAt: eviction.nextAt });
  }
  cells.sort((a, b) => b.nextAttemptAt - a.nextAttemptAt || byNode(a, b));
  return cells.slice(0, MAX_EVICTED).sort(byNode);
}

function byNode(a: { readonly node: string }, b: { readonly node: string }): number {
  return a.node < b.node ? -1 : 1;
}
