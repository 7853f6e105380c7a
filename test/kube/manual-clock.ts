import { setImmediate as turn } from "node:timers/promises";
import type { Clock } from "../../src/runtime/http-clock.ts";

/** A clock that stands still until told to go on; then everything that waits for it happens, in order. */
export interface ManualClock extends Clock {
  /** Goes on for so long; whoever is woken on the way gets its turn at its own moment. */
  advance(milliseconds: number): Promise<void>;
  /** How many wait. */
  waiting(): number;
  /** Every sleep so far, in milliseconds. */
  readonly slept: readonly number[];
}

interface Timer {
  readonly dueAt: number;
  readonly fire: () => void;
}

export interface ManualClockOptions {
  readonly startMs?: number;
  readonly random?: () => number;
}

export function manualClock(options: ManualClockOptions = {}): ManualClock {
  const { startMs = Date.UTC(2026, 0, 2, 3, 4, 5), random = () => 0.5 } = options;
  let now = startMs;
  const timers = new Set<Timer>();
  const slept: number[] = [];

  function next(until: number): Timer | undefined {
    let first: Timer | undefined;
    for (const timer of timers) {
      if (timer.dueAt <= until && (first === undefined || timer.dueAt < first.dueAt)) first = timer;
    }
    return first;
  }

  return {
    slept,
    now: () => now,
    random,
    waiting: () => timers.size,
    deadline(milliseconds) {
      const deadline = new AbortController();
      const fire = () => deadline.abort(new DOMException("too long", "TimeoutError"));
      timers.add({ dueAt: now + milliseconds, fire });
      return deadline.signal;
    },
    sleep(milliseconds, signal) {
      slept.push(milliseconds);
      return new Promise((resolve, reject) => {
        if (signal.aborted) return reject(signal.reason);
        const timer: Timer = {
          dueAt: now + milliseconds,
          fire() {
            signal.removeEventListener("abort", giveUp);
            resolve();
          },
        };
        function giveUp(): void {
          timers.delete(timer);
          reject(signal.reason);
        }
        timers.add(timer);
        signal.addEventListener("abort", giveUp, { once: true });
      });
    },
    async advance(milliseconds) {
      const target = now + milliseconds;
      await settle();
      for (let timer = next(target); timer !== undefined; timer = next(target)) {
        timers.delete(timer);
        now = Math.max(now, timer.dueAt);
        timer.fire();
        await settle();
      }
      now = target;
    },
  };
}

/** Everything that needs no more than promises has happened. */
export async function settle(): Promise<void> {
  for (let turns = 0; turns < 3; turns++) await turn();
}
