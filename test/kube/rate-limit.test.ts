import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { createRateLimiter, type Priority } from "../../src/kube/rate-limit.ts";
import { manualClock, settle } from "./manual-clock.ts";

const never = new AbortController().signal;

function limited(limits = { qps: 20, burst: 40 }) {
  const clock = manualClock();
  const limiter = createRateLimiter({ clock, ...limits });
  const started: Priority[] = [];
  function ask(priority: Priority, count: number, signal = never): void {
    for (let call = 0; call < count; call++) {
      limiter.enter(priority, signal).then(
        () => started.push(priority),
        () => undefined,
      );
    }
  }
  const count = (priority: Priority) => started.filter((one) => one === priority).length;
  return { clock, limiter, started, ask, count };
}

test("a burst starts at once, and the rest as the tokens come", async () => {
  const { clock, ask, started } = limited();
  ask("normal", 100);
  await settle();
  assert.equal(started.length, 40);
  await clock.advance(1_000);
  assert.equal(started.length, 60);
  await clock.advance(2_000);
  assert.equal(started.length, 100);
});

test("status gets a quarter of the budget while Pods wait, and no more when they do not", async () => {
  const { clock, ask, count } = limited();
  ask("normal", 40);
  ask("status", 1_000);
  ask("normal", 1_000);
  await settle();
  const before = { normal: count("normal"), status: count("status") };
  await clock.advance(20_000);
  assert.equal(count("normal") - before.normal + count("status") - before.status, 400);
  const share = count("status") - before.status;
  assert.ok(share >= 95 && share <= 105, `${share} of 400`);
  const alone = limited();
  alone.ask("status", 1_000);
  await alone.clock.advance(20_000);
  assert.ok(alone.started.length <= 10 + 100, `${alone.started.length} without any Pod`);
});

test("a Pod that comes while statuses wait for their share goes first", async () => {
  const { clock, ask, started } = limited();
  ask("status", 20);
  await settle();
  assert.equal(started.length, 10);
  ask("normal", 1);
  await settle();
  assert.deepEqual(started.slice(10), ["normal"]);
  await clock.advance(200);
  assert.equal(started.length, 12);
});

test("a watch does not wait behind Pods, however many there are", async () => {
  const { clock, ask, started } = limited({ qps: 1, burst: 1 });
  ask("normal", 100);
  ask("status", 100);
  ask("read", 1);
  await settle();
  assert.deepEqual(started, ["normal"]);
  await clock.advance(1_000);
  assert.deepEqual(started, ["normal", "read"]);
});

test("the Lease never waits, and what it takes the others miss", async () => {
  const { clock, limiter, ask, count } = limited({ qps: 1, burst: 1 });
  limiter.pause(60_000);
  ask("urgent", 3);
  ask("normal", 1);
  await settle();
  assert.deepEqual([count("urgent"), count("normal")], [3, 0]);
  await clock.advance(60_000);
  assert.equal(count("normal"), 1);
});

test("a pause holds back whoever has not started, and is not made shorter", async () => {
  const { clock, limiter, ask, started } = limited();
  limiter.pause(5_000);
  limiter.pause(1_000);
  ask("normal", 1);
  await clock.advance(4_999);
  assert.equal(started.length, 0);
  await clock.advance(1);
  assert.equal(started.length, 1);
});

test("whoever gives up leaves its place, and nothing waits behind it", async () => {
  const { clock, limiter, ask, started } = limited({ qps: 1, burst: 1 });
  const stop = new AbortController();
  ask("normal", 1);
  const waiting = limiter.enter("normal", stop.signal);
  ask("normal", 1);
  stop.abort(new Error("enough"));
  await assert.rejects(waiting, /^Error: enough$/);
  await clock.advance(1_000);
  assert.equal(started.length, 2);
  const alone = new AbortController();
  const last = limiter.enter("status", alone.signal);
  alone.abort(new Error("enough"));
  await assert.rejects(last, /enough/);
  assert.equal(clock.waiting(), 0, "no timer is left");
  await assert.rejects(limiter.enter("urgent", alone.signal), /enough/);
});

test("never do more calls start in any time than the budget and the burst allow, and all start in the end", async () => {
  const priority = fc.constantFrom<Priority>("read", "normal", "status");
  const step = fc.record({ priority, count: fc.nat(30), waitMs: fc.nat(3_000) });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 20 }), async (steps) => {
      const { clock, limiter } = limited({ qps: 10, burst: 5 });
      const times: number[] = [];
      let asked = 0;
      for (const { priority: wanted, count, waitMs } of steps) {
        asked += count;
        for (let call = 0; call < count; call++) {
          limiter.enter(wanted, never).then(() => times.push(clock.now()));
        }
        await clock.advance(waitMs);
      }
      await clock.advance(1_000_000);
      assert.equal(times.length, asked);
      for (const [index, from] of times.entries()) {
        const within = times.slice(index).filter((at) => at < from + 1_000).length;
        assert.ok(within <= 5 + 10, `${within} in one second`);
      }
    }),
    { numRuns: 50 },
  );
});
