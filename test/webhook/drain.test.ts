import assert from "node:assert/strict";
import { test } from "node:test";
import { systemClock } from "../../src/runtime/http-clock.ts";
import { drained } from "../../src/webhook/drain.ts";

/** When draining ends, in seconds after it began, with requests at these seconds. */
async function endedAfter(requests: readonly number[], startedBusyFor = 0): Promise<number> {
  let now = 0;
  const lastAt = () => {
    const past = requests.map((second) => second * 1_000).filter((at) => at <= now);
    return Math.max(-60_000, ...past, Math.min(now, startedBusyFor * 1_000));
  };
  await drained(
    { lastAt },
    {
      ...systemClock,
      now: () => now,
      async sleep(milliseconds) {
        assert.ok(milliseconds > 0);
        now += milliseconds;
      },
    },
  );
  return now / 1_000;
}

const ROWS: readonly (readonly [string, readonly number[], number, number])[] = [
  ["without requests after 15 s", [], 0, 15],
  ["15 s after the last request", [1, 6], 0, 21],
  ["after 25 s whatever comes", [1, 6, 12, 20, 24], 0, 25],
  ["15 s after a request that takes 4 s", [], 4, 19],
];

for (const [what, requests, busy, expected] of ROWS) {
  test(`serving ends ${what}`, async () =>
    assert.equal(await endedAfter(requests, busy), expected));
}
