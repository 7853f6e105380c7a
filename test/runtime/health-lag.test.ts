import assert from "node:assert/strict";
import { test } from "node:test";
import { eventLoopCheck } from "../../src/runtime/health-lag.ts";
import { until } from "../support/until.ts";

test("a loop that does little but hang fails the check, until it turns again", () => {
  const histogram = { mean: 5e6, reset() {} };
  const check = eventLoopCheck(histogram);
  assert.equal(check(), undefined);
  histogram.mean = 2.5e9;
  assert.equal(check(), "a turn of the event loop takes 2500 ms");
  histogram.mean = 1e6;
  assert.equal(check(), undefined);
});

test("the event loop of this process is watched", async () => {
  const check = eventLoopCheck(undefined, 150);
  let asked = 0;
  await until(
    () => {
      asked += 1;
      // After a check the watch needs a turn to begin anew, so that it hangs in between only.
      if (asked % 2 === 0) return check() !== undefined;
      const end = performance.now() + 400;
      while (performance.now() < end);
      return false;
    },
    { what: "the hang to show", withinMs: 20_000, everyMs: 30 },
  );
});
