import { setTimeout as pause } from "node:timers/promises";

/** Time and chance, as arguments, so that tests decide both. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Waits; rejects with the signal's reason when it is aborted. */
  sleep(milliseconds: number, signal: AbortSignal): Promise<void>;
  /** From 0 up to, but not including, 1. */
  random(): number;
  /** A signal that is aborted with a `TimeoutError` after this long; it keeps no program from ending. */
  deadline(milliseconds: number): AbortSignal;
}

/** The machine's own clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  random: () => Math.random(),
  // Node takes whole milliseconds only.
  deadline: (milliseconds) => AbortSignal.timeout(Math.max(0, Math.ceil(milliseconds))),
  async sleep(milliseconds, signal) {
    signal.throwIfAborted();
    try {
      await pause(milliseconds, undefined, { signal });
    } catch (error) {
      signal.throwIfAborted();
      throw error;
    }
  },
};
