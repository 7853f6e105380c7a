import type { ImageRecord } from "../ledger/images.ts";
import type { Ledger } from "../ledger/ledger.ts";
import { isRefreshPending } from "../ledger/refresh.ts";

/** The last holder, by name, before the first one that the round of repeated pulls has yet to visit. */
export function refreshedThrough({ slots }: Ledger, record: ImageRecord): string | undefined {
  const { refreshStartedAt, source } = record;
  if (refreshStartedAt === undefined || source === undefined) return undefined;
  let last: string | undefined;
  for (const slot of slots.inNameOrder) {
    if (source.evidence.since[slot] === 0) continue;
    if (isRefreshPending(record, slot)) break;
    last = slots.nodes[slot]?.name;
  }
  return last;
}
