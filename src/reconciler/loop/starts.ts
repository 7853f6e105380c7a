import { isRecord, type UnknownRecord } from "../../api/record.ts";

/** On the Lease: when a pull Pod was last started under each PullPolicy, so that a successor keeps the delay. */
export const STARTS_ANNOTATION = "drop.corewire.io/last-starts";

/** Milliseconds since 1970 by the key of the policy. */
export type Starts = Readonly<Record<string, number>>;

/** An annotation holds 256 KiB with all others; older starts matter less. */
const MAX_STARTS = 2_000;

/** The starts as an annotation, the newest first where there are too many. */
export function startsAnnotations(starts: Starts): Readonly<Record<string, string>> {
  const newest = Object.entries(starts)
    .toSorted(([a, atA], [b, atB]) => atB - atA || (a < b ? -1 : 1))
    .slice(0, MAX_STARTS);
  return { [STARTS_ANNOTATION]: JSON.stringify(Object.fromEntries(newest)) };
}

/** The starts that an annotation tells; none where it tells nothing that can be used. */
export function parseStarts(annotations: Readonly<Record<string, string>>): Starts {
  const entries = Object.entries(parsed(annotations[STARTS_ANNOTATION])).flatMap(([key, at]) =>
    typeof at === "number" && Number.isFinite(at) ? [[key, at] as const] : [],
  );
  return Object.fromEntries(entries);
}

/** Whatever a person may have made of the annotation. */
function parsed(text = "{}"): UnknownRecord {
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : {};
  } catch {
    return {};
  }
}

/** A Pod's creation is told in whole seconds, by another clock than the start of its call. */
const SAME_START_MS = 2_000;

/**
 * Whether a Pod may go without its policy's delay being forgotten: the Lease tells of the policy's last start, or that
 * was another Pod's, or it delays nothing any more. Milliseconds since 1970.
 */
export function isRecorded(start: {
  readonly createdAt: number;
  /** Under the Pod's policy. */
  readonly last: number;
  readonly minDelayMs: number;
  /** What the Lease tells of that policy. */
  readonly recorded: number;
  readonly now: number;
}): boolean {
  const { createdAt, last, minDelayMs, recorded, now } = start;
  return recorded >= last || last - createdAt > SAME_START_MS || last + minDelayMs <= now;
}
