import type { ImageRecord } from "../ledger/images.ts";
import type { Ledger } from "../ledger/ledger.ts";
import type { ClusterFacts } from "../model/facts.ts";
import type { ImageSummary } from "../model/summary.ts";
import { countCells } from "./counts.ts";
import { digestsOf } from "./digests.ts";
import { holdOn } from "./hold.ts";
import { refreshedThrough } from "./refreshed.ts";
import { evictedCells, failedCells } from "./troubles.ts";

/** How one CachedImage stands, as of the last `absorb`; undefined where there is none of that name. */
export function summaryOf(
  ledger: Ledger,
  facts: ClusterFacts,
  imageName: string,
  now: number,
): ImageSummary | undefined {
  const record = ledger.images.get(imageName);
  if (record === undefined || facts.images.get(imageName)?.uid !== record.uid) return undefined;
  const hold = holdOn(ledger, record);
  const counts = countCells(ledger, record, { hold, now });
  return {
    name: imageName,
    ...counts,
    ...timesOf(record),
    ...digestsOf(record, ledger.slots.end),
    hold,
    failedNodes: failedCells(ledger, record, { hold, now }),
    evictedNodes: evictedCells(ledger, record, now),
    refreshedThrough: refreshedThrough(ledger, record),
  };
}

function timesOf(record: ImageRecord) {
  const { consecutiveFailures, lastPulledAt, lastAttemptedAt } = record;
  const { workStartedAt, refreshStartedAt } = record;
  return { consecutiveFailures, lastPulledAt, lastAttemptedAt, workStartedAt, refreshStartedAt };
}
