import assert from "node:assert/strict";
import { test } from "node:test";
import { systemClock } from "../../src/runtime/http-clock.ts";

test("a deadline may be any part of a millisecond away, or past", async () => {
  for (const milliseconds of [0.4, 0, -3.2]) {
    const deadline = systemClock.deadline(milliseconds);
    if (!deadline.aborted) {
      await new Promise((resolve) => deadline.addEventListener("abort", resolve, { once: true }));
    }
    assert.equal(deadline.reason.name, "TimeoutError");
  }
});
