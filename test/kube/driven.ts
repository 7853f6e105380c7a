import { setTimeout as pause } from "node:timers/promises";
import { type ManualClock, settle } from "./manual-clock.ts";

/** Lets the clock go on, a step whenever nothing else happens, until the promise is settled. */
export async function driven<T>(clock: ManualClock, promise: Promise<T>, stepMs = 500): Promise<T> {
  let isSettled = false;
  const settled = () => {
    isSettled = true;
  };
  promise.then(settled, settled);
  for (let step = 0; step < 2_000 && !isSettled; step++) {
    // Sockets take real time; a little of it is enough on loopback.
    await pause(1);
    await settle();
    if (!isSettled) await clock.advance(stepMs);
  }
  return promise;
}
