import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { createWorkQueue } from "../../src/kube/work-queue.ts";
import { work } from "../../src/kube/workers.ts";
import { manualClock, settle } from "./manual-clock.ts";

const never = new AbortController().signal;

test("a key waits once however often it is added, and comes in the order of the first time", async () => {
  const queue = createWorkQueue(manualClock());
  for (const key of ["a", "b", "a", "a"]) queue.add(key);
  assert.equal(queue.size(), 2);
  assert.equal(await queue.take(never), "a");
  assert.equal(await queue.take(never), "b");
});

test("a key that is being worked on is not given again before it is done", async () => {
  const queue = createWorkQueue(manualClock());
  queue.add("a");
  assert.equal(await queue.take(never), "a");
  queue.add("a");
  queue.add("a");
  assert.equal(queue.size(), 0);
  queue.done("a");
  assert.equal(queue.size(), 1);
  assert.equal(await queue.take(never), "a");
  queue.done("a");
  assert.equal(queue.size(), 0);
});

test("each failure doubles the wait, and the longest is 1,000 s, until the key is forgotten", async () => {
  const clock = manualClock();
  const queue = createWorkQueue(clock);
  const waits: number[] = [];
  for (let failure = 0; failure < 20; failure++) {
    queue.retry("a");
    waits.push(clock.slept.at(-1) ?? 0);
    await clock.advance(1_000_000);
    assert.equal(await queue.take(never), "a");
    queue.done("a");
  }
  assert.deepEqual(waits.slice(0, 4), [5, 10, 20, 40]);
  assert.deepEqual(waits.slice(-2), [1_000_000, 1_000_000]);
  queue.forget("a");
  queue.retry("a");
  assert.equal(clock.slept.at(-1), 5);
});

test("of two waits the one that ends first counts", async () => {
  const clock = manualClock();
  const queue = createWorkQueue(clock);
  queue.addAfter("a", 10_000);
  queue.addAfter("a", 1_000);
  queue.addAfter("a", 5_000);
  await clock.advance(999);
  assert.equal(queue.size(), 0);
  await clock.advance(1);
  assert.equal(queue.size(), 1);
  assert.equal(await queue.take(never), "a");
  queue.done("a");
  await clock.advance(100_000);
  assert.equal(queue.size(), 0, "the others are forgotten");
});

test("a wait of no time is none, and one longer than timers can be does not come at once", async () => {
  const clock = manualClock();
  const queue = createWorkQueue(clock);
  queue.addAfter("now", 0);
  assert.equal(queue.size(), 1);
  queue.addAfter("later", 1e15);
  assert.ok((clock.slept.at(-1) ?? Number.POSITIVE_INFINITY) < 2 ** 31);
});

test("whoever waits is woken by a key, by the end, and by its own signal", async () => {
  const queue = createWorkQueue(manualClock());
  const stop = new AbortController();
  const impatient = queue.take(stop.signal);
  const patient = queue.take(never);
  stop.abort(new Error("enough"));
  await assert.rejects(impatient, /^Error: enough$/);
  queue.add("a");
  assert.equal(await patient, "a");
  const last = queue.take(never);
  queue.shutDown();
  assert.equal(await last, undefined);
  assert.equal(await queue.take(never), undefined);
});

test("a key is not lost with the one who was woken for it and gave up", async () => {
  const queue = createWorkQueue(manualClock());
  const stop = new AbortController();
  const first = queue.take(stop.signal);
  const second = queue.take(never);
  await settle();
  queue.add("a");
  stop.abort(new Error("enough"));
  await assert.rejects(first, /enough/);
  assert.equal(await second, "a");
});

test("a queue that is shut down holds no timer and takes no key", async () => {
  const clock = manualClock();
  const queue = createWorkQueue(clock);
  queue.addAfter("a", 1_000);
  queue.retry("b");
  queue.add("c");
  queue.shutDown();
  queue.add("d");
  queue.addAfter("e", 5);
  await settle();
  assert.equal(clock.waiting(), 0);
  assert.equal(queue.size(), 0);
});

test("workers work on no key twice at once, on every key after its last change, and end when told", async () => {
  const step = fc.record({
    key: fc.constantFrom("a", "b", "c", "d"),
    how: fc.constantFrom("add", "after", "retry"),
    waitMs: fc.nat(50),
  });
  const run = fc.record({
    takesMs: fc.nat(40),
    fails: fc.boolean(),
    againMs: fc.option(fc.nat(30)),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { maxLength: 40 }),
      fc.array(run, { minLength: 1, maxLength: 20 }),
      fc.integer({ min: 1, max: 3 }),
      async (steps, runs, count) => {
        const clock = manualClock();
        const queue = createWorkQueue(clock);
        const wanted = new Map<string, number>();
        const started = new Map<string, number>();
        const active = new Set<string>();
        let number = 0;
        const stop = new AbortController();
        async function handle(key: string): Promise<number | undefined> {
          assert.ok(!active.has(key), "one key in flight once");
          assert.ok(active.size < count);
          active.add(key);
          started.set(key, clock.now());
          const { takesMs, fails, againMs } = runs[number++] ?? {
            takesMs: 0,
            fails: false,
            againMs: null,
          };
          await clock.sleep(takesMs, never);
          active.delete(key);
          if (fails) throw new Error("as told");
          return againMs ?? undefined;
        }
        const faults: string[] = [];
        const working = work(
          queue,
          { count, handle, onFault: (key) => faults.push(key) },
          stop.signal,
        );
        for (const { key, how, waitMs } of steps) {
          if (how === "add") queue.add(key);
          else if (how === "after") queue.addAfter(key, waitMs);
          else queue.retry(key);
          wanted.set(key, clock.now());
          await clock.advance(waitMs);
        }
        await clock.advance(10_000_000);
        for (const [key, at] of wanted)
          assert.ok((started.get(key) ?? -1) >= at, `${key} was forgotten`);
        assert.equal(active.size, 0);
        assert.equal(queue.size(), 0);
        stop.abort();
        await working;
      },
    ),
    { numRuns: 200 },
  );
});
