import type { Desk } from "./desk.ts";
import { wakeAt } from "./timer.ts";

/** What was pulled should be in the node's list by then: if a complete one still lacks it, it is gone. */
export function listsAwaited({ ledger, timer }: Desk): void {
  const { complete } = ledger.slots;
  for (const { unconfirmed, claimedUntil } of ledger.evidence.values()) {
    wakeAt(timer, claimedUntil);
    for (const [slot, dueAt] of unconfirmed) {
      if (complete[slot] === 1) wakeAt(timer, dueAt);
    }
  }
}
