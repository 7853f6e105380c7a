import type { Clock } from "../../src/runtime/http-clock.ts";

/** A clock that jumps ahead instead of waiting, and remembers how long it was asked to wait. */
export interface FakeClock extends Clock {
  readonly slept: readonly number[];
}

export function fakeClock(startMs = Date.UTC(2026, 0, 2, 3, 4, 5)): FakeClock {
  let now = startMs;
  const slept: number[] = [];
  return {
    slept,
    now: () => now,
    random: () => 0.5,
    deadline: (milliseconds) => AbortSignal.timeout(milliseconds),
    async sleep(milliseconds, signal) {
      signal.throwIfAborted();
      slept.push(milliseconds);
      now += milliseconds;
    },
  };
}
