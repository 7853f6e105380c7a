import type { PolicyFacts } from "../model/facts.ts";

/** No policy makes Drop try more often than this, however short its backoff is. */
const SHORTEST_WAIT_MS = 1_000;

/** The part of a wait that jitter may take away, so that what failed together is not tried again together. */
const JITTER = 0.2;

/**
 * How long to wait after so many attempts in a row, in milliseconds: `initial · 2^(attempts−1)`, at most `max`, up to a
 * fifth less. The same seed gives the same jitter.
 */
export function backoffMs(
  policy: Pick<PolicyFacts, "backoffInitialMs" | "backoffMaxMs">,
  attempts: number,
  seed: string,
): number {
  const doubled = policy.backoffInitialMs * 2 ** Math.min(attempts - 1, 40);
  const whole = Math.min(doubled, policy.backoffMaxMs);
  const less = JITTER * fractionOf(`${seed} ${attempts}`);
  return Math.max(SHORTEST_WAIT_MS, Math.round(whole * (1 - less)));
}

/** The wait after the first eviction doubles so often. */
const EVICTION_DOUBLINGS = 2;

/** How long an image stays away from a node whose kubelet removed it so many times, in milliseconds. */
export function evictionWaitMs(evictionBackoffMs: number, count: number): number {
  return evictionBackoffMs * 2 ** Math.min(count - 1, EVICTION_DOUBLINGS);
}

/** The longest of those waits. */
export function longestEvictionWaitMs(evictionBackoffMs: number): number {
  return evictionBackoffMs * 2 ** EVICTION_DOUBLINGS;
}

/** FNV-1a of the text's code units as a number from 0 up to 1. */
function fractionOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  // The low bits of FNV are the good ones; a last mix spreads them.
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return ((hash ^ (hash >>> 13)) >>> 0) / 2 ** 32;
}
