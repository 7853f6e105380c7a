import { durationFault } from "./duration-fault.ts";
import { faulty, type Parsed, parsed } from "./parsed.ts";

/** A length of time, zero or longer, with the spelling its author chose. */
export interface Duration {
  readonly text: string;
  readonly milliseconds: number;
}

/** Characters in a duration; the CRDs carry it as `maxLength`, which the pattern cannot express. */
export const MAX_DURATION_LENGTH = 64;

/**
 * RE2 and JavaScript regular expression of the grammar, free of backslashes for use in CEL. It decides as
 * `parseDuration` does, except that it sees neither the length of the text nor that of the time.
 */
export const DURATION_PATTERN = "^(0|([0-9]+([.][0-9]+)?(ns|us|\u00b5s|\u03bcs|ms|s|m|h|d|w|y))+)$";

const GRAMMAR = new RegExp(DURATION_PATTERN);
const TERM = /([0-9]+)(?:[.]([0-9]+))?(ns|us|\u00b5s|\u03bcs|ms|s|m|h|d|w|y)/g;

const MICROSECOND = 1_000n;
const MILLISECOND = 1_000_000n;
const SECOND = 1_000_000_000n;
const DAY = 86_400n * SECOND;
/** Nanoseconds; a year is 365 days, as in Prometheus. */
const UNITS: ReadonlyMap<string, bigint> = new Map([
  ["ns", 1n],
  ["us", MICROSECOND],
  ["\u00b5s", MICROSECOND],
  ["\u03bcs", MICROSECOND],
  ["ms", MILLISECOND],
  ["s", SECOND],
  ["m", 60n * SECOND],
  ["h", 3_600n * SECOND],
  ["d", DAY],
  ["w", 7n * DAY],
  ["y", 365n * DAY],
]);

/** What Go's time.Duration holds, which is what Kubernetes' own tools read these fields into. */
const LONGEST = 2n ** 63n - 1n;

/** Whether a text has the shape of a duration, which is all that the API server checks. */
export function isShapedAsDuration(text: string): boolean {
  return GRAMMAR.test(text);
}

/** Reads `1h30m`, `7d`, `1.5h` or `0`; what is finer than a nanosecond is cut off. */
export function parseDuration(text: string): Parsed<Duration> {
  if (text.length > MAX_DURATION_LENGTH) {
    const what = `the duration has ${text.length} characters, more than ${MAX_DURATION_LENGTH}`;
    return faulty(what, 'write a short one such as "1h30m"');
  }
  if (!GRAMMAR.test(text)) return { ok: false, fault: durationFault(text, GRAMMAR) };

  let nanoseconds = 0n;
  for (const [, whole = "", fraction = "", unit = ""] of text.matchAll(TERM)) {
    const scale = UNITS.get(unit) ?? 0n;
    nanoseconds += BigInt(whole) * scale;
    if (fraction !== "") nanoseconds += (BigInt(fraction) * scale) / 10n ** BigInt(fraction.length);
  }
  if (nanoseconds > LONGEST) {
    return faulty("the duration is longer than 292 years", 'write a shorter one such as "365d"');
  }
  const milliseconds =
    Number(nanoseconds / MILLISECOND) + Number(nanoseconds % MILLISECOND) / Number(MILLISECOND);
  return parsed({ text, milliseconds });
}

/** Whether a duration has no length: each field decides for itself if zero has a meaning there. */
export function isZero(duration: Duration): boolean {
  return duration.milliseconds === 0;
}

const SHOWN = ["d", "h", "m", "s", "ms", "us", "ns"] as const;

/** Milliseconds in the shortest exact form, `7d`, `1h30m`, `250ms`; `0s` for zero, less, or no finite number. */
export function formatDuration(milliseconds: number): string {
  if (!Number.isFinite(milliseconds) || milliseconds <= 0) return "0s";
  const whole = Math.floor(milliseconds);
  const rest = Math.round((milliseconds - whole) * Number(MILLISECOND));
  let nanoseconds = BigInt(whole) * MILLISECOND + BigInt(rest);
  let text = "";
  for (const unit of SHOWN) {
    const scale = UNITS.get(unit) ?? 1n;
    const count = nanoseconds / scale;
    nanoseconds %= scale;
    if (count > 0n) text += `${count}${unit}`;
  }
  return text === "" ? "0s" : text;
}
