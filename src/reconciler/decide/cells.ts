import type { ImageRecord } from "../ledger/images.ts";
import { isRefreshPending } from "../ledger/refresh.ts";
import { suspicionsOf } from "../ledger/suspects.ts";
import { TARGET } from "../ledger/targets.ts";
import { waitsForList } from "../ledger/waiting.ts";
import type { Desk } from "./desk.ts";
import { probeAt } from "./probes.ts";

/** What a node's next Pod is for: images that it never tried, one that failed, or those to be asked for again. */
export type Purpose = "fresh" | "retry" | "refresh";

/** A target lacks the image. */
export function isMissing({ exclusions, source }: ImageRecord, slot: number): boolean {
  return exclusions[slot] === TARGET && source?.evidence.since[slot] === 0;
}

/** Whether an image goes without others into its Pod on a node: it failed there, or it is suspected to. */
export function isAlone({ ledger }: Desk, { source }: ImageRecord, slot: number): boolean {
  if (source === undefined) return true;
  return source.failures.has(slot) || suspicionsOf(ledger, source).length > 0;
}

/** Whether a Pod of that purpose may hold the image on that node, whatever the time. */
export function isFor(desk: Desk, record: ImageRecord, slot: number, purpose: Purpose): boolean {
  if (purpose === "refresh") return isRefreshPending(record, slot);
  return isMissing(record, slot) && isAlone(desk, record, slot) === (purpose === "retry");
}

/** From when on an image may be pulled onto a node as far as the two of them are concerned; 0: at once. */
export function startAt(desk: Desk, record: ImageRecord, slot: number): number {
  const { source } = record;
  if (source === undefined || waitsForList(desk.ledger, record, slot)) return Infinity;
  const failed = source.failures.get(slot);
  const evictedUntil = isMissing(record, slot) ? source.evidence.evictions.get(slot)?.nextAt : 0;
  const askAt = probeAt(desk, suspicionsOf(desk.ledger, source), slot);
  return Math.max(failed?.nextAt ?? 0, evictedUntil ?? 0, askAt);
}
