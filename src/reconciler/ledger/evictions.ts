import { failureOf } from "../failure/scope.ts";
import { evictionWaitMs, longestEvictionWaitMs } from "./backoff.ts";
import type { Evidence } from "./evidence.ts";
import type { NodeHold } from "./slots.ts";

/** A node's kubelet removed an image. */
export interface Eviction {
  readonly count: number;
  readonly lostAt: number;
  readonly nextAt: number;
  /** Forgotten once the image stayed for longer than this, in milliseconds. */
  readonly keptMs: number;
}

/** The eviction of that number in a row, at that time. */
export function evictionOf(count: number, lostAt: number, evictionBackoffMs: number): Eviction {
  const nextAt = lostAt + evictionWaitMs(evictionBackoffMs, count);
  return { count, lostAt, nextAt, keptMs: longestEvictionWaitMs(evictionBackoffMs) };
}

/** Whether an image is there for so long that its evictions are a thing of the past. */
export function isForgiven({ keptMs }: Eviction, since: number, now: number): boolean {
  return since > 0 && now - since > keptMs;
}

/** So many images gone in one report say that kubelet is short of disk there, whatever it says of its conditions. */
export const EVICTIONS_THAT_HOLD_A_NODE = 3;

/** What an eviction is told with: when, and how long the first one keeps an image away, in milliseconds. */
export interface EvictionPace {
  readonly now: number;
  readonly evictionBackoffMs: number;
}

/** Takes the evidence away. A count begins anew once the image stayed for longer than the longest wait. */
export function evict(
  evidence: Evidence,
  slot: number,
  { now, evictionBackoffMs }: EvictionPace,
): void {
  const before = evidence.evictions.get(slot);
  const isFirst = before === undefined || isForgiven(before, evidence.since[slot] ?? 0, now);
  const count = isFirst ? 1 : before.count + 1;
  evidence.evictions.set(slot, evictionOf(count, now, evictionBackoffMs));
  evidence.since[slot] = 0;
  evidence.digests[slot] = 0;
  evidence.unconfirmed.delete(slot);
}

/** The hold of a node that removed so many images in one report. */
export function evictingHold(removed: number, { now, evictionBackoffMs }: EvictionPace): NodeHold {
  const message = `kubelet removed ${removed} cached images at once: the node is short of disk`;
  return {
    failure: failureOf("Evicted", message, "node"),
    ...{ since: now, at: now, attempts: 1, until: now + evictionBackoffMs },
  };
}
