import type { Desk } from "./desk.ts";
import { wakeAt } from "./timer.ts";

/** What was pulled should be in the node's list by then: it is gone where a complete one lacks it, else unverified. */
export function listsAwaited({ ledger, timer }: Desk): void {
  for (const { unconfirmed, claimedUntil } of ledger.evidence.values()) {
    wakeAt(timer, claimedUntil);
    for (const dueAt of unconfirmed.values()) wakeAt(timer, dueAt);
  }
}
