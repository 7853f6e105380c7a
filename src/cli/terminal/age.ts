const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** A length of time in milliseconds as kubectl shows ages: two units at most, fewer the longer it is. */
export function ageText(milliseconds: number): string {
  const age = Math.max(0, milliseconds);
  if (age < 2 * MINUTE) return `${Math.floor(age / SECOND)}s`;
  if (age < 10 * MINUTE) return pair(age, [MINUTE, "m"], [SECOND, "s"]);
  if (age < 3 * HOUR) return `${Math.floor(age / MINUTE)}m`;
  if (age < 8 * HOUR) return pair(age, [HOUR, "h"], [MINUTE, "m"]);
  if (age < 2 * DAY) return `${Math.floor(age / HOUR)}h`;
  if (age < 8 * DAY) return pair(age, [DAY, "d"], [HOUR, "h"]);
  return `${Math.floor(age / DAY)}d`;
}

type Unit = readonly [length: number, name: string];

function pair(age: number, [length, name]: Unit, [shorter, shorterName]: Unit): string {
  const whole = Math.floor(age / length);
  const rest = Math.floor((age % length) / shorter);
  return rest === 0 ? `${whole}${name}` : `${whole}${name}${rest}${shorterName}`;
}

/** `8s`, from one time to a later one; a time that has not come yet, as clocks differ, is now. RFC 3339. */
export function sinceText(at: string, now: string): string {
  return ageText(Date.parse(now) - Date.parse(at));
}

/** `8s ago`. RFC 3339. */
export function agoText(at: string, now: string): string {
  return `${sinceText(at, now)} ago`;
}

/** `in 24s`, or `now` once it has come. RFC 3339. */
export function inText(at: string, now: string): string {
  const ahead = Date.parse(at) - Date.parse(now);
  return ahead <= 0 ? "now" : `in ${ageText(ahead)}`;
}

/** `2026-01-02 10:05:00 UTC`, of RFC 3339 in UTC. */
export function clockText(at: string): string {
  return at.replace("T", " ").replace(/(?:\.\d+)?Z$/, " UTC");
}
