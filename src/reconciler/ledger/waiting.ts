import type { ImageRecord } from "./images.ts";
import type { Ledger } from "./ledger.ts";
import { TARGET } from "./targets.ts";

/** Whether some target lacks the image. */
export function isWaiting({ slots }: Ledger, { exclusions, source }: ImageRecord): boolean {
  if (source === undefined) return false;
  const { since } = source.evidence;
  for (let slot = 0; slot < slots.end; slot++) {
    if (since[slot] === 0 && exclusions[slot] === TARGET) return true;
  }
  return false;
}
