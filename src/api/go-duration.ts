/** The durations that the CRDs give to CEL, and so to Go's time.ParseDuration: short ones in units that it knows. */
const GO_DURATION = /^([0-9]{1,5}(\.[0-9]{1,9})?(ns|us|ms|s|m|h)){1,4}$/;
const TERM = /([0-9]+)(?:\.([0-9]+))?(ns|us|ms|s|m|h)/g;

/** Nanoseconds. */
const UNITS: ReadonlyMap<string, number> = new Map([
  ["ns", 1],
  ["us", 1_000],
  ["ms", 1_000_000],
  ["s", 1_000_000_000],
  ["m", 60_000_000_000],
  ["h", 3_600_000_000_000],
]);

/** What time.ParseDuration makes of a text, fractions in floating point as there; undefined outside the form above. */
export function goNanoseconds(text: string): bigint | undefined {
  if (!GO_DURATION.test(text)) return undefined;
  let sum = 0n;
  for (const [, whole = "", fraction = "", unit = ""] of text.matchAll(TERM)) {
    const scale = UNITS.get(unit) ?? 0;
    const rest = Number(fraction) * (scale / 10 ** fraction.length);
    sum += BigInt(whole) * BigInt(scale) + BigInt(Math.trunc(rest));
  }
  return sum;
}
