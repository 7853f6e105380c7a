import type { Source } from "../ledger/evidence.ts";
import { type ImageRecord, isAwaited } from "../ledger/images.ts";
import type { Ledger } from "../ledger/ledger.ts";
import { nodeHeldUntil } from "../ledger/slots.ts";
import { TARGET } from "../ledger/targets.ts";
import { waitsForList } from "../ledger/waiting.ts";
import type { Hold, ImageSummary } from "../model/summary.ts";
import { isPause } from "./hold.ts";

/** What is counted over the nodes. */
export type Counts = Pick<
  ImageSummary,
  | ("targeted" | "ready" | "pulling" | "waiting" | "backingOff" | "blocking" | "unverified")
  | ("cachedNodes" | "nextAttemptAt")
>;

/** One image while its nodes are counted. */
interface Count {
  readonly ledger: Ledger;
  readonly record: ImageRecord;
  readonly source: Source;
  readonly hold: Hold | undefined;
  readonly now: number;
  /** The slots of nodes that pull it now. */
  readonly pulling: ReadonlySet<number>;
}

type Tally = { -readonly [Key in keyof Counts]: Counts[Key] } & { cachedNodes: string[] };

/** Goes over all nodes once, by name. A spec that cannot be understood has no targets. */
export function countCells(
  ledger: Ledger,
  record: ImageRecord,
  { hold, now }: Pick<Count, "hold" | "now">,
): Counts {
  const { source, exclusions } = record;
  const tally = emptyTally();
  if (source === undefined) return tally;
  const { slots } = ledger;
  const pulling = slotsPulling(ledger, source);
  const count = { ledger, record, source, hold, now, pulling };
  for (const slot of slots.inNameOrder) {
    const isThere = source.evidence.since[slot] !== 0;
    if (isThere) tally.cachedNodes.push(slots.nodes[slot]?.name ?? "");
    if (exclusions[slot] !== TARGET) continue;
    tally.targeted += 1;
    if (isThere) countHolder(count, tally, slot);
    else countMissing(count, tally, slot);
  }
  tally.pulling = pulling.size;
  if (tally.backingOff > 0) tally.nextAttemptAt = hold?.until ?? tally.nextAttemptAt;
  return tally;
}

function emptyTally(): Tally {
  return {
    ...{ targeted: 0, ready: 0, pulling: 0, waiting: 0, backingOff: 0, blocking: 0 },
    ...{ unverified: 0, cachedNodes: [], nextAttemptAt: undefined },
  };
}

/** Where the image is pulled now. */
export function slotsPulling({ pods, slots }: Ledger, { reference }: Source): ReadonlySet<number> {
  const pulling = new Set<number>();
  for (const { work, ends, nodeName } of pods.values()) {
    const index = work?.items.findIndex((item) => item.reference === reference) ?? -1;
    const slot = slots.byName.get(nodeName);
    if (index >= 0 && ends[index] === undefined && slot !== undefined) pulling.add(slot);
  }
  return pulling;
}

function countHolder({ ledger, source }: Count, tally: Tally, slot: number): void {
  tally.ready += 1;
  const { listed, unconfirmed } = source.evidence;
  // A list that has had no time to show it proves nothing yet, and need not worry anybody.
  const isLate = unconfirmed.has(slot);
  if (listed[slot] !== 1 && ledger.slots.complete[slot] !== 1 && !isLate) tally.unverified += 1;
}

function countMissing(count: Count, tally: Tally, slot: number): void {
  const { ledger, record, hold, now, pulling } = count;
  const { nodes, failing, evicting } = ledger.slots;
  const node = nodes[slot];
  const isHeld = failing.has(slot) || evicting.has(slot);
  if (node !== undefined && !isHeld && isAwaited(record, node)) tally.blocking += 1;
  if (pulling.has(slot)) return;
  const until = waitUntil(count, slot);
  const isKept = hold !== undefined && !isPause(hold);
  if (until <= now && !isKept) {
    tally.waiting += 1;
    return;
  }
  tally.backingOff += 1;
  if (until > now && until < Infinity && !isKept) {
    tally.nextAttemptAt = Math.min(until, tally.nextAttemptAt ?? until);
  }
}

/** Until when the node waits after a failure or an eviction, its own or this image's there. */
function waitUntil({ ledger, record, source }: Count, slot: number): number {
  if (waitsForList(ledger, record, slot)) return Infinity;
  const { failures, evidence } = source;
  const failed = failures.size === 0 ? undefined : failures.get(slot);
  const evicted = evidence.evictions.size === 0 ? undefined : evidence.evictions.get(slot);
  return Math.max(failed?.nextAt ?? 0, evicted?.nextAt ?? 0, nodeHeldUntil(ledger.slots, slot));
}
