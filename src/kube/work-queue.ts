import type { Clock } from "../runtime/http-clock.ts";
import { type Backoff, doubled } from "./backoff.ts";

/** Keys that wait for their turn: each once, and none that is being worked on. */
export interface WorkQueue {
  /** A key that is being worked on comes again when that is done. */
  add(key: string): void;
  /** Adds a key later; of several such waits the one that ends first counts. */
  addAfter(key: string, milliseconds: number): void;
  /** Adds a key that failed after its own wait, twice as long each time, from 5 ms up to 1,000 s. */
  retry(key: string): void;
  /** The key's next failure counts as its first. */
  forget(key: string): void;
  /** The next key, waiting for one; undefined after `shutDown`; rejects with the signal's reason when aborted. */
  take(signal: AbortSignal): Promise<string | undefined>;
  /** What `take` gave is not worked on any more. */
  done(key: string): void;
  /** Nothing is added, waited for or given any more. */
  shutDown(): void;
  /** Keys that could be taken at once. */
  size(): number;
}

const BACKOFF: Backoff = { firstMs: 5, maxMs: 1_000_000 };

/** Timers cannot be set for longer; such a key comes sooner than it was to, which does no harm. */
const LONGEST_MS = 2 ** 31 - 1;

/** An empty queue. */
export function createWorkQueue(clock: Pick<Clock, "now" | "sleep">): WorkQueue {
  return new KeyQueue(clock);
}

interface Later {
  readonly dueAt: number;
  readonly timer: AbortController;
}

class KeyQueue implements WorkQueue {
  readonly #clock: Pick<Clock, "now" | "sleep">;
  readonly #ready = new Set<string>();
  readonly #taken = new Set<string>();
  readonly #again = new Set<string>();
  readonly #later = new Map<string, Later>();
  readonly #failures = new Map<string, number>();
  readonly #takers = new Set<() => void>();
  #isShut = false;

  constructor(clock: Pick<Clock, "now" | "sleep">) {
    this.#clock = clock;
  }

  add(key: string): void {
    if (this.#isShut) return;
    if (this.#taken.has(key)) this.#again.add(key);
    else this.#ready.add(key);
    this.#wakeOne();
  }

  addAfter(key: string, milliseconds: number): void {
    if (milliseconds <= 0) {
      this.add(key);
      return;
    }
    const dueAt = this.#clock.now() + milliseconds;
    const earlier = this.#later.get(key);
    if (this.#isShut || (earlier !== undefined && earlier.dueAt <= dueAt)) return;
    earlier?.timer.abort();
    const timer = new AbortController();
    this.#later.set(key, { dueAt, timer });
    const waitMs = Math.min(milliseconds, LONGEST_MS);
    const fall = () => {
      // One that was replaced as it fell due must not count.
      if (this.#later.get(key)?.timer !== timer) return;
      this.#later.delete(key);
      this.add(key);
    };
    this.#clock.sleep(waitMs, timer.signal).then(fall, () => undefined);
  }

  retry(key: string): void {
    const failures = (this.#failures.get(key) ?? 0) + 1;
    this.#failures.set(key, failures);
    this.addAfter(key, doubled(BACKOFF, failures));
  }

  forget(key: string): void {
    this.#failures.delete(key);
  }

  async take(signal: AbortSignal): Promise<string | undefined> {
    for (;;) {
      if (signal.aborted) {
        // It may have been woken for a key that another one is to take then.
        this.#wakeOne();
        throw signal.reason;
      }
      if (this.#isShut) return undefined;
      const [key] = this.#ready;
      if (key === undefined) await this.#woken(signal);
      else {
        this.#ready.delete(key);
        this.#taken.add(key);
        return key;
      }
    }
  }

  done(key: string): void {
    this.#taken.delete(key);
    if (this.#again.delete(key)) this.add(key);
  }

  shutDown(): void {
    this.#isShut = true;
    for (const { timer } of this.#later.values()) timer.abort();
    this.#later.clear();
    this.#ready.clear();
    this.#again.clear();
    this.#failures.clear();
    for (const wake of [...this.#takers]) wake();
  }

  size(): number {
    return this.#ready.size;
  }

  #wakeOne(): void {
    const [wake] = this.#takers;
    if (this.#ready.size > 0) wake?.();
  }

  #woken(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const wake = () => {
        signal.removeEventListener("abort", giveUp);
        this.#takers.delete(wake);
        resolve();
      };
      const giveUp = () => {
        this.#takers.delete(wake);
        reject(signal.reason);
      };
      this.#takers.add(wake);
      signal.addEventListener("abort", giveUp, { once: true });
    });
  }
}
