/** The earliest time at which the answer may be another one though the cluster stays as it is. */
export interface Timer {
  readonly now: number;
  /** Milliseconds since 1970; undefined: time alone changes nothing. */
  at: number | undefined;
}

/** Looks again at that time, unless it is past, or no time at all (infinite). */
export function wakeAt(timer: Timer, at: number): void {
  if (at <= timer.now || at === Number.POSITIVE_INFINITY) return;
  if (timer.at === undefined || at < timer.at) timer.at = at;
}
