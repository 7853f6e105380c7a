import type { Clock } from "../../runtime/http-clock.ts";

/** Says when to look again: at a change, or at a time. */
export interface Wake {
  /** Something changed. */
  notify(): void;
  /** Waits for a change, or so many milliseconds (undefined: for a change alone), or for the signal. */
  wait(milliseconds: number | undefined, signal: AbortSignal): Promise<void>;
}

/** Longer waits are cut, since Node's timers hold 31 bits; the one who waits looks, and waits again. */
const LONGEST_WAIT_MS = 86_400_000;

/** A change that comes while nobody waits is kept. */
export function createWake(clock: Clock): Wake {
  let isNotified = false;
  let release: (() => void) | undefined;
  return {
    notify() {
      isNotified = true;
      release?.();
    },
    async wait(milliseconds, signal) {
      const alarm = new AbortController();
      const changed = new Promise<void>((resolve) => {
        release = resolve;
        if (isNotified) resolve();
      });
      try {
        const either = AbortSignal.any([signal, alarm.signal]);
        await Promise.race([changed, ended(either), after(clock, milliseconds, either)]);
      } finally {
        alarm.abort();
        release = undefined;
        isNotified = false;
      }
    },
  };
}

function ended(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

/** Never rejects. */
async function after(clock: Clock, milliseconds: number | undefined, signal: AbortSignal) {
  const waitMs = Math.min(milliseconds ?? LONGEST_WAIT_MS, LONGEST_WAIT_MS);
  if (waitMs > 0) await clock.sleep(waitMs, signal).catch(() => undefined);
}
