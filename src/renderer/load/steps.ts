import { setImmediate } from "node:timers/promises";

/** Long work that may be paused where it yields, a few hundredths of a second apart at most. */
export type Steps<T> = Generator<undefined, T, undefined>;

/** Does all of the work at once. */
export function allAtOnce<T>(steps: Steps<T>): T {
  for (let step = steps.next(); ; step = steps.next()) if (step.done === true) return step.value;
}

/** Does the work with pauses, in which signals are heard; rejects once the signal is aborted. */
export async function withPauses<T>(steps: Steps<T>, signal: AbortSignal): Promise<T> {
  for (let step = steps.next(); ; step = steps.next()) {
    if (step.done === true) return step.value;
    await setImmediate(undefined, { signal });
  }
}
