import { type Clock, systemClock } from "../../src/runtime/http-clock.ts";

/** A clock on which everything takes a fraction of its time; for real servers, which know no other clock. */
export function fastClock(factor: number): Clock {
  const startedAt = performance.now();
  const begin = Date.now();
  return {
    now: () => begin + (performance.now() - startedAt) * factor,
    random: () => 0.5,
    deadline: (milliseconds) => AbortSignal.timeout(Math.ceil(milliseconds / factor)),
    sleep: (milliseconds, signal) => systemClock.sleep(milliseconds / factor, signal),
  };
}
