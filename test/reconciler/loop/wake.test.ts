import assert from "node:assert/strict";
import { test } from "node:test";
import { createWake } from "../../../src/reconciler/loop/wake.ts";
import { manualClock } from "../../kube/manual-clock.ts";

function settledIn(work: Promise<void>): () => boolean {
  let isSettled = false;
  work.finally(() => {
    isSettled = true;
  });
  return () => isSettled;
}

test("who waits is woken by a change, by the time, or by the end, and by nothing else", async () => {
  const clock = manualClock();
  const wake = createWake(clock);
  const end = new AbortController();
  const byChange = settledIn(wake.wait(undefined, end.signal));
  await clock.advance(1_000);
  assert.equal(byChange(), false);
  wake.notify();
  await clock.advance(0);
  assert.equal(byChange(), true);

  const byTime = settledIn(wake.wait(5_000, end.signal));
  await clock.advance(4_999);
  assert.equal(byTime(), false);
  await clock.advance(1);
  assert.equal(byTime(), true);

  const byEnd = settledIn(wake.wait(undefined, end.signal));
  await clock.advance(0);
  assert.equal(byEnd(), false);
  end.abort();
  await clock.advance(0);
  assert.equal(byEnd(), true);
});

test("a change while nobody waits is not lost, and counts once", async () => {
  const clock = manualClock();
  const wake = createWake(clock);
  const { signal } = new AbortController();
  wake.notify();
  wake.notify();
  await wake.wait(undefined, signal);
  const next = settledIn(wake.wait(1_000, signal));
  await clock.advance(999);
  assert.equal(next(), false);
  await clock.advance(1);
  assert.equal(next(), true);
});

test("no timer is left behind by a wait that a change ended", async () => {
  const clock = manualClock();
  const wake = createWake(clock);
  const { signal } = new AbortController();
  for (let n = 0; n < 100; n += 1) {
    const waited = wake.wait(60_000, signal);
    wake.notify();
    await waited;
  }
  assert.equal(clock.waiting(), 0);
});
