import type { Exclusion } from "../model/cell.ts";
import { exclusionOf } from "../targets/exclusion.ts";
import type { ImageRecord } from "./images.ts";
import type { Ledger } from "./ledger.ts";

/** In `exclusions`: the node is a target. */
export const TARGET = 0;

/** In `exclusions`: the slot is not in use, or the image's spec cannot be understood. */
export const NO_NODE = 255;

const EXCLUSIONS = [
  ...(["SelectorMismatch", "Windows", "VirtualKubelet", "NoContainerRuntime"] as const),
  ...(["DiskPressure", "Deleting", "Disrupted", "ScaleDown", "NotReady"] as const),
  ...(["Cordoned", "Tainted", "PlatformMismatch"] as const),
] satisfies readonly Exclusion[];

const CODES: ReadonlyMap<Exclusion, number> = new Map(
  EXCLUSIONS.map((exclusion, index) => [exclusion, index + 1]),
);

/** Why the node of a slot is not a target, undefined where it is one or there is none. */
export function exclusionAt(record: ImageRecord, slot: number): Exclusion | undefined {
  return EXCLUSIONS[(record.exclusions[slot] ?? TARGET) - 1];
}

/** Finds out again which of these slots are targets of an image; says so if the answer is another one. */
export function retarget(ledger: Ledger, record: ImageRecord, slots: Iterable<number>): void {
  let isOther = false;
  for (const slot of slots) {
    const code = codeAt(ledger, record, slot);
    isOther ||= record.exclusions[slot] !== code;
    record.exclusions[slot] = code;
  }
  if (isOther) ledger.touched.add(record.name);
}

function codeAt({ slots }: Ledger, { spec, policy, source }: ImageRecord, slot: number): number {
  const node = slots.nodes[slot];
  if (node === undefined || spec === undefined) return NO_NODE;
  const exclusion = exclusionOf(node, spec, policy);
  if (exclusion !== undefined) return CODES.get(exclusion) ?? NO_NODE;
  const isMissing = source?.platforms.has(node.architecture) === true;
  return isMissing ? PLATFORM_MISMATCH : TARGET;
}

const PLATFORM_MISMATCH = CODES.get("PlatformMismatch") ?? NO_NODE;
