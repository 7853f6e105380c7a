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
  await until(
    async () => {
      const check = eventLoopCheck(undefined, 150);
      await turns();
      const end = performance.now() + 400;
      while (performance.now() < end);
      await turns();
      return check() !== undefined;
    },
    { what: "the hang to show", withinMs: 5_000 },
  );
});

/** Time enough for the watch's own timer. */
function turns(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 40));
}
