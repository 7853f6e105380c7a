import type { ImageRecord } from "./images.ts";
import type { Ledger } from "./ledger.ts";
import { TARGET } from "./targets.ts";

/** Whether only the node's own list can tell that an image which Drop never pulls is there: a complete one will. */
export function waitsForList(
  { slots }: Ledger,
  { source, spec }: ImageRecord,
  slot: number,
): boolean {
  if (slots.complete[slot] !== 1 || spec?.imagePullPolicy !== "Never") return false;
  return source?.failures.get(slot)?.failure.reason === "NotPresent";
}

/** Whether some target lacks the image. */
export function isWaiting({ slots }: Ledger, { exclusions, source }: ImageRecord): boolean {
  if (source === undefined) return false;
  const { since } = source.evidence;
  for (let slot = 0; slot < slots.end; slot++) {
    if (since[slot] === 0 && exclusions[slot] === TARGET) return true;
  }
  return false;
}
