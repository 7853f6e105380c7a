import type { Clock } from "../runtime/http-clock.ts";

/** Tokens that come back evenly, up to a size. */
export interface TokenBucket {
  /** Milliseconds until a token is there, 0 when one is. */
  waitMs(): number;
  /** Takes one, on credit where none is there. */
  take(): void;
}

interface TokenBucketOptions {
  readonly clock: Pick<Clock, "now">;
  readonly perSecond: number;
  readonly size: number;
}

/** A full one. */
export function createTokenBucket({ clock, perSecond, size }: TokenBucketOptions): TokenBucket {
  let tokens = size;
  let at = clock.now();
  function refill(): void {
    const now = clock.now();
    // A clock that was set back gives nothing, and takes nothing.
    tokens = Math.min(size, tokens + (Math.max(0, now - at) / 1_000) * perSecond);
    at = now;
  }
  return {
    waitMs() {
      refill();
      return tokens >= 1 - ROUNDING ? 0 : Math.ceil(((1 - tokens) / perSecond) * 1_000);
    },
    take() {
      refill();
      tokens--;
    },
  };
}

/** Twenty twentieths are not quite one. */
const ROUNDING = 1e-6;
