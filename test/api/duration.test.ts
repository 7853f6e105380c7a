import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  DURATION_PATTERN,
  type Duration,
  formatDuration,
  isZero,
  MAX_DURATION_LENGTH,
  parseDuration,
} from "../../src/api/duration.ts";
import type { Fault } from "../../src/api/parsed.ts";

function durationOf(text: string): Duration {
  const result = parseDuration(text);
  if (!result.ok) assert.fail(`${text}: ${result.fault.what}`);
  return result.value;
}

function faultOf(text: string): Fault {
  const result = parseDuration(text);
  if (result.ok) assert.fail(`${text} was accepted as ${result.value.milliseconds} ms`);
  return result.fault;
}

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

const durations: readonly [text: string, milliseconds: number][] = [
  ["0", 0],
  ["0s", 0],
  ["0h0m0.0s", 0],
  ["1ns", 0.000_001],
  ["1us", 0.001],
  ["1\u00b5s", 0.001],
  ["1\u03bcs", 0.001],
  ["250ms", 250],
  ["45s", 45_000],
  ["90s", 90_000],
  ["30m", HOUR / 2],
  ["1h", HOUR],
  ["24h", DAY],
  ["1d", DAY],
  ["7d", 7 * DAY],
  ["1w", 7 * DAY],
  ["1y", 365 * DAY],
  ["1h30m", 1.5 * HOUR],
  ["1.5h", 1.5 * HOUR],
  ["30m1h", 1.5 * HOUR],
  ["1m1m1m", 180_000],
  ["1m1ms", 60_001],
  ["1ms1m", 60_001],
  ["1d12h", 1.5 * DAY],
  ["0.5d", DAY / 2],
  ["1.1h", 66 * 60_000],
  ["0.1s", 100],
  ["0.000001ms", 0.000_001],
  ["0.0000001ms", 0],
  ["007s", 7_000],
  ["1y2w3d4h5m6s7ms8us9ns", 365 * DAY + 17 * DAY + 4 * HOUR + 306_007.008_009],
  ["292y", 292 * 365 * DAY],
  ["9223372036854775807ns", 9_223_372_036_854.775],
  ["2562047h47m16.854775807s", 9_223_372_036_854.775],
];

test("a duration is read to the nanosecond and keeps its spelling", () => {
  for (const [text, milliseconds] of durations) {
    assert.deepEqual(durationOf(text), { text, milliseconds }, text);
  }
});

test("equal times compare equal whatever unit they are written in", () => {
  for (const [a, b] of [
    ["1.1h", "66m"],
    ["0.3s", "300ms"],
    ["2.4d", "57.6h"],
    ["1w", "168h"],
    ["1y", "365d"],
  ] as const) {
    assert.equal(durationOf(a).milliseconds, durationOf(b).milliseconds, `${a} and ${b}`);
  }
});

const EXAMPLE = 'write numbers with units, such as "30s", "1h30m" or "7d"';

const mistakes: readonly [text: string, what: RegExp, fix: string, offset?: number][] = [
  ["", /empty/, EXAMPLE],
  [" \t", /empty/, EXAMPLE],
  ["30", /no unit/, 'write "30s"', 2],
  ["1.5", /no unit/, 'write "1.5s"', 3],
  ["00", /no unit/, 'write "0"'],
  ["0.0", /no unit/, 'write "0"'],
  ["1h30", /no unit follows 30/, EXAMPLE, 4],
  ["1:30", /no unit follows 1/, EXAMPLE, 1],
  ["-5m", /no sign/, 'write "5m"', 0],
  ["+5m", /no sign/, 'write "5m"', 0],
  ["-0", /no sign/, 'write "0"', 0],
  ["- 5 min", /no sign/, 'write "5m"', 0],
  ["1h-2m", /"-2m" does not begin with a number/, EXAMPLE, 2],
  ["1h 30m", /white space/, 'write "1h30m"', 2],
  ["1h\n", /white space/, 'write "1h"', 2],
  [" 1h", /white space/, 'write "1h"', 0],
  ["5 min", /white space/, 'write "5m"', 1],
  ["1 hour and 5 minutes", /white space/, 'write "1h5m"', 1],
  ["2 hours, 3 mins", /white space/, 'write "2h3m"', 1],
  ["five minutes", /white space/, EXAMPLE, 4],
  ["1.5.h", /no unit follows 1.5/, 'write "1.5h"', 3],
  ["1.h", /no unit follows 1/, 'write "1h"', 1],
  [".5h", /does not begin with a number/, 'write "0.5h"', 0],
  ["1,5h", /no unit follows 1/, 'write "1.5h"', 1],
  ["1..5h", /no unit follows 1/, EXAMPLE, 1],
  ["PT1H", /ISO 8601/, 'write "1h"', 0],
  ["pt1h30m", /ISO 8601/, 'write "1h30m"', 0],
  ["P1DT12H", /ISO 8601/, 'write "1d12h"', 0],
  ["P1M", /does not begin with a number/, EXAMPLE, 0],
  ["7D", /"D" is none of the units/, 'write "7d"', 1],
  ["5M", /"M" is none of the units/, 'write "5m"', 1],
  ["10seconds", /"seconds" is none of the units/, 'write "10s"', 2],
  ["1month", /"month" is none of the units/, EXAMPLE, 1],
  ["1h5mo", /"mo" is none of the units/, EXAMPLE, 3],
  ["1e3s", /"e" is none of the units/, EXAMPLE, 1],
  ["0x5s", /"x" is none of the units/, EXAMPLE, 1],
  ["s", /does not begin with a number/, EXAMPLE, 0],
  ["never", /does not begin with a number/, EXAMPLE, 0],
  ["\u0661h", /does not begin with a number/, EXAMPLE, 0],
  ["1h__proto__", /"__proto__" does not begin/, EXAMPLE, 2],
  ["1hconstructor", /"hconstructor" is none of the units/, EXAMPLE, 1],
  ["300y", /longer than 292 years/, 'write a shorter one such as "365d"'],
  ["9223372036854775808ns", /longer than 292 years/, 'write a shorter one such as "365d"'],
  [`${"9".repeat(63)}s`, /longer than 292 years/, 'write a shorter one such as "365d"'],
  [`${"0".repeat(64)}s`, /65 characters, more than 64/, 'write a short one such as "1h30m"'],
  ["1s".repeat(50_000), /100000 characters, more than 64/, 'write a short one such as "1h30m"'],
];

test("a text that is no duration is told why and what to write", () => {
  for (const [text, what, fix, offset] of mistakes) {
    const fault = faultOf(text);
    const label = JSON.stringify(text.slice(0, 70));
    assert.match(fault.what, what, label);
    assert.equal(fault.fix, fix, label);
    if (offset !== undefined) assert.equal(fault.offset, offset, label);
  }
});

test("zero is recognised in every spelling and nothing else is zero", () => {
  for (const text of ["0", "0s", "0ms0h", "0.0d"]) assert.ok(isZero(durationOf(text)), text);
  for (const text of ["1ns", "0.5us", "1s"]) assert.ok(!isZero(durationOf(text)), text);
});

const formatted: readonly [milliseconds: number, text: string][] = [
  [0, "0s"],
  [-5, "0s"],
  [Number.NaN, "0s"],
  [Number.POSITIVE_INFINITY, "0s"],
  [1e-9, "0s"],
  [0.000_001, "1ns"],
  [0.25, "250us"],
  [1.5, "1ms500us"],
  [0.999_999_9, "1ms"],
  [250, "250ms"],
  [1_000, "1s"],
  [45_000, "45s"],
  [60_000, "1m"],
  [61_001, "1m1s1ms"],
  [90 * 60_000, "1h30m"],
  [DAY, "1d"],
  [7 * DAY, "7d"],
  [365 * DAY + HOUR, "365d1h"],
];

test("milliseconds are written in the shortest exact form", () => {
  for (const [milliseconds, text] of formatted) {
    assert.equal(formatDuration(milliseconds), text, String(milliseconds));
  }
});

test("reading what was written gives the same time back", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 9_223_372_036_854 }), (milliseconds) => {
      assert.equal(durationOf(formatDuration(milliseconds)).milliseconds, milliseconds);
    }),
  );
});

const unit = fc.constantFrom("ns", "us", "\u00b5s", "\u03bcs", "ms", "s", "m", "h", "d", "w", "y");
const number = fc.stringMatching(/^[0-9]{1,3}([.][0-9]{1,3})?$/);
const grammatical = fc
  .array(fc.tuple(number, unit), { minLength: 1, maxLength: 5 })
  .map((terms) => terms.flat().join(""));
const pieces = fc.constantFrom(
  ...["0", "1", "30", ".", "ns", "us", "\u00b5s", "\u03bcs", "ms", "s", "m", "h", "d", "w", "y"],
  ...["-", "+", " ", "P", "T", "H", "min", "\n", ",", "µ", "é", "\ud800"],
);
const anyText = fc.oneof(
  grammatical,
  fc.array(pieces, { maxLength: 8 }).map((parts) => parts.join("")),
  fc.string({ unit: "binary", maxLength: MAX_DURATION_LENGTH }),
);

test("the pattern decides as the parser does, overflow aside", () => {
  const pattern = new RegExp(DURATION_PATTERN);
  fc.assert(
    fc.property(anyText, (text) => {
      const result = parseDuration(text);
      const overflow = !result.ok && result.fault.what.includes("292 years");
      assert.equal(result.ok || overflow, pattern.test(text), text);
    }),
    { numRuns: 3000 },
  );
});

test("a suggested spelling is itself a duration", () => {
  fc.assert(
    fc.property(anyText, (text) => {
      const result = parseDuration(text);
      if (result.ok) return;
      const [, suggestion] = /^write "(.*)"$/s.exec(result.fault.fix) ?? [];
      if (suggestion !== undefined) assert.match(suggestion, new RegExp(DURATION_PATTERN), text);
      assert.ok((result.fault.offset ?? 0) <= text.length);
    }),
    { numRuns: 3000 },
  );
});
