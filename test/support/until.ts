import { setTimeout as pause } from "node:timers/promises";

export interface Wait {
  /** What is waited for, as the end of the sentence "waited 10000 ms in vain for …". */
  readonly what: string;
  readonly withinMs?: number;
  readonly everyMs?: number;
}

/** Waits until a condition holds, asking again and again; a condition that throws does not hold yet. */
export async function until(
  condition: () => boolean | Promise<boolean>,
  { what, withinMs = 10_000, everyMs = 20 }: Wait,
): Promise<void> {
  const deadline = performance.now() + withinMs;
  let cause: unknown;
  for (;;) {
    try {
      if (await condition()) return;
      cause = undefined;
    } catch (error) {
      cause = error;
    }
    if (performance.now() >= deadline) {
      throw new Error(`waited ${withinMs} ms in vain for ${what}`, { cause });
    }
    await pause(everyMs);
  }
}
