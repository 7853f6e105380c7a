import type { Clock } from "../runtime/http-clock.ts";
import { createTokenBucket } from "./token-bucket.ts";

/**
 * Who goes first. `urgent` never waits (the Lease); `read` keeps what is known true (lists and watches); `normal` is
 * everything else but `status`, which gets a quarter of the budget at most, and no less while it has something to say.
 */
export type Priority = "urgent" | "read" | "normal" | "status";

/** Lets calls start no faster than the API server is to be asked. */
export interface RateLimiter {
  /** Resolves when a call may start; rejects with the signal's reason when aborted before. */
  enter(priority: Priority, signal: AbortSignal): Promise<void>;
  /** Nothing but `urgent` starts for so long; a pause already longer stays. */
  pause(milliseconds: number): void;
}

export interface RateLimits {
  readonly clock: Clock;
  readonly qps: number;
  readonly burst: number;
}

/** One status call after so many others, when both wait: a quarter. */
const NORMAL_PER_STATUS = 3;
const STATUS_SHARE = 1 / (NORMAL_PER_STATUS + 1);

type Waiting = Exclude<Priority, "urgent">;

/** Two token buckets, one in the other; first come, first served in each class. */
export function createRateLimiter({ clock, qps, burst }: RateLimits): RateLimiter {
  const all = createTokenBucket({ clock, perSecond: qps, size: Math.max(1, burst) });
  const size = Math.max(1, burst * STATUS_SHARE);
  const share = createTokenBucket({ clock, perSecond: qps * STATUS_SHARE, size });
  const queues = { read: newQueue(), normal: newQueue(), status: newQueue() };
  let pausedUntil = 0;
  let normalInARow = 0;
  let sleeper = new AbortController();

  function nextClass(): Waiting | undefined {
    if (queues.read.size > 0) return "read";
    if (queues.normal.size === 0) return queues.status.size === 0 ? undefined : "status";
    const isStatusDue = queues.status.size > 0 && share.waitMs() === 0;
    return isStatusDue && normalInARow >= NORMAL_PER_STATUS ? "status" : "normal";
  }

  function waitMsFor(next: Waiting): number {
    const shareMs = next === "status" ? share.waitMs() : 0;
    return Math.max(pausedUntil - clock.now(), all.waitMs(), shareMs);
  }

  function grant(next: Waiting): void {
    if (next !== "read") normalInARow = next === "normal" ? normalInARow + 1 : 0;
    all.take();
    if (next === "status") share.take();
    const [first] = queues[next];
    first?.();
  }

  /** Starts whatever may start now, and comes back when more may. */
  function pump(): void {
    sleeper.abort();
    for (let next = nextClass(); next !== undefined; next = nextClass()) {
      const waitMs = waitMsFor(next);
      if (waitMs > 0) {
        sleeper = new AbortController();
        clock.sleep(waitMs, sleeper.signal).then(pump, () => undefined);
        return;
      }
      grant(next);
    }
  }

  return {
    async enter(priority, signal) {
      signal.throwIfAborted();
      if (priority === "urgent") all.take();
      else await turn(queues[priority], signal, pump);
    },
    pause(milliseconds) {
      pausedUntil = Math.max(pausedUntil, clock.now() + milliseconds);
    },
  };
}

function newQueue(): Set<() => void> {
  return new Set();
}

/** Waits in a queue until called; `changed` is told of every newcomer that is first, and of the last that gives up. */
function turn(queue: Set<() => void>, signal: AbortSignal, changed: () => void): Promise<void> {
  return new Promise((resolve, reject) => {
    function called(): void {
      signal.removeEventListener("abort", giveUp);
      queue.delete(called);
      resolve();
    }
    function giveUp(): void {
      queue.delete(called);
      if (queue.size === 0) changed();
      reject(signal.reason);
    }
    signal.addEventListener("abort", giveUp, { once: true });
    queue.add(called);
    if (queue.size === 1) changed();
  });
}
