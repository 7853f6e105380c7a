import { type Clock, systemClock } from "../runtime/http-clock.ts";

/** The machine's clock as it was at the start, and never set since: how long something took stays true. */
export const steadyClock: Clock = {
  ...systemClock,
  now: () => performance.timeOrigin + performance.now(),
};
