import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { valueAt } from "../../src/api/record.ts";
import { campaign, type LeaseEvent, LeaseLostError, type Term } from "../../src/kube/lease.ts";
import { type LeaseServer, leaseServer, type Network } from "./lease-server.ts";
import { type ManualClock, manualClock, settle } from "./manual-clock.ts";

/** One process that wants to lead. */
interface Candidate {
  readonly terms: Term[];
  readonly events: LeaseEvent[];
  leads(): boolean;
  network: Network;
  annotations: Record<string, string>;
  stop(): void;
  ended(): Promise<void>;
}

interface CandidateOptions {
  /** How far its clock is off. */
  readonly offMs?: number;
  readonly onLead?: (term: Term) => Promise<void>;
}

function candidate(
  server: LeaseServer,
  clock: ManualClock,
  identity: string,
  { offMs = 0, onLead = worksUntilTold }: CandidateOptions = {},
): Candidate {
  const stop = new AbortController();
  const one: Candidate = {
    ...{ terms: [], events: [], network: "up", annotations: {} },
    leads: () => one.terms.at(-1)?.signal.aborted === false,
    stop: () => stop.abort(new Error("SIGTERM")),
    ended: () => running,
  };
  const running = campaign(
    {
      client: server.client(() => one.network, clock),
      clock: { ...clock, now: () => clock.now() + offMs },
      ...{ namespace: "drop-system", name: "drop-reconciler", identity },
      annotations: () => one.annotations,
      onLead(term) {
        one.terms.push(term);
        return onLead(term);
      },
      onEvent: (event) => one.events.push(event),
    },
    stop.signal,
  );
  running.catch(() => undefined);
  return one;
}

function worksUntilTold({ signal }: Term): Promise<void> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}

const spec = (server: LeaseServer, field: string) => valueAt(server.lease(), ["spec", field]);

/** Seconds until the candidate leads. */
async function secondsUntilLeading(clock: ManualClock, one: Candidate): Promise<number> {
  const from = clock.now();
  while (!one.leads() && clock.now() - from < 60_000) await clock.advance(100);
  return (clock.now() - from) / 1_000;
}

test("the first candidate leads at once, the second waits, and the Lease says who", async () => {
  const [server, clock] = [leaseServer(), manualClock()];
  const first = candidate(server, clock, "first");
  await settle();
  const second = candidate(server, clock, "second");
  await clock.advance(60_000);
  assert.deepEqual([first.leads(), second.leads()], [true, false]);
  assert.equal(spec(server, "holderIdentity"), "first");
  assert.equal(spec(server, "leaseDurationSeconds"), 15);
  assert.equal(spec(server, "leaseTransitions"), 0);
  assert.equal(spec(server, "renewTime"), "2026-01-02T03:05:05.000000Z");
  assert.equal(spec(server, "acquireTime"), "2026-01-02T03:04:05.000000Z");
  assert.deepEqual(second.events, [{ type: "leader", holder: "first" }]);
  assert.equal(server.writes.length, 31, "one write every two seconds");
});

test("after a kill another one leads within 20 s, but not before the Lease is over", async () => {
  const [server, clock] = [leaseServer(), manualClock()];
  const first = candidate(server, clock, "first");
  await settle();
  const second = candidate(server, clock, "second");
  await clock.advance(30_000);
  first.network = "hangs";
  const seconds = await secondsUntilLeading(clock, second);
  assert.ok(seconds > 12 && seconds < 20, `${seconds} s`);
  assert.equal(spec(server, "leaseTransitions"), 1);
});

test("after a release another one leads within 3 s", async () => {
  const [server, clock] = [leaseServer(), manualClock()];
  const first = candidate(server, clock, "first");
  await settle();
  const second = candidate(server, clock, "second");
  await clock.advance(30_000);
  first.stop();
  await first.ended();
  assert.equal(spec(server, "holderIdentity"), "");
  assert.equal(spec(server, "leaseDurationSeconds"), 1);
  assert.deepEqual(first.events.at(-1), { type: "released" });
  const seconds = await secondsUntilLeading(clock, second);
  assert.ok(seconds < 3, `${seconds} s`);
  assert.equal(spec(server, "leaseTransitions"), 1);
  assert.match(String(first.terms[0]?.signal.reason), /SIGTERM/);
});

test("clocks that are hours apart change nothing", async () => {
  const [server, clock] = [leaseServer(), manualClock()];
  const first = candidate(server, clock, "first");
  await settle();
  const ahead = candidate(server, clock, "ahead", { offMs: 7_200_000 });
  const behind = candidate(server, clock, "behind", { offMs: -7_200_000 });
  await clock.advance(120_000);
  assert.deepEqual([first.leads(), ahead.leads(), behind.leads()], [true, false, false]);
  first.network = "hangs";
  await clock.advance(20_000);
  assert.ok(ahead.leads() !== behind.leads());
});

test("who cannot renew stops working after 10 s, whether calls fail or hang, and leads again later", async () => {
  for (const network of ["down", "hangs"] as const) {
    const [server, clock] = [leaseServer(), manualClock()];
    const one = candidate(server, clock, "one");
    await clock.advance(30_000);
    one.network = network;
    await clock.advance(7_900);
    assert.equal(one.leads(), true, network);
    await clock.advance(2_200);
    assert.equal(one.leads(), false, network);
    assert.ok(one.terms[0]?.signal.reason instanceof LeaseLostError);
    assert.ok(one.events.some(({ type }) => type === "lost"));
    one.network = "up";
    await clock.advance(8_000);
    assert.equal(one.leads(), true, network);
    assert.equal(one.terms.length, 2);
    assert.equal(spec(server, "leaseTransitions"), 0, "nobody else has led");
  }
});

test("a renewal whose answer was lost is no reason to stop", async () => {
  const [server, clock] = [leaseServer(), manualClock()];
  const one = candidate(server, clock, "one");
  await clock.advance(10_000);
  one.network = "deaf";
  await clock.advance(3_000);
  one.network = "up";
  await clock.advance(60_000);
  assert.equal(one.terms.length, 1);
  assert.equal(one.leads(), true);
});

test("a Lease that somebody annotates stays with its holder", async () => {
  const [server, clock] = [leaseServer(), manualClock()];
  const one = candidate(server, clock, "one");
  await clock.advance(10_000);
  server.annotate("note", "look");
  await clock.advance(10_000);
  assert.equal(one.terms.length, 1);
  assert.equal(one.leads(), true);
  assert.equal(valueAt(server.lease(), ["metadata", "annotations", "note"]), "look");
});

test("whoever annotates the Lease of a dead holder does not keep it alive", async () => {
  const [server, clock] = [leaseServer(), manualClock()];
  const first = candidate(server, clock, "first");
  await settle();
  const second = candidate(server, clock, "second");
  await clock.advance(10_000);
  first.network = "hangs";
  for (let second_ = 0; second_ < 20; second_++) {
    server.annotate("note", String(second_));
    await clock.advance(1_000);
  }
  assert.equal(second.leads(), true);
});

test("a Lease that is deleted is lost, and made anew", async () => {
  const [server, clock] = [leaseServer(), manualClock()];
  const one = candidate(server, clock, "one");
  await clock.advance(10_000);
  server.remove();
  await clock.advance(5_000);
  assert.equal(one.terms.length, 2);
  assert.ok(one.terms[0]?.signal.reason instanceof LeaseLostError);
  assert.equal(one.leads(), true);
});

test("annotations are written with each renewal and at the end, and read by the next one", async () => {
  const [server, clock] = [leaseServer(), manualClock()];
  const first = candidate(server, clock, "first");
  await clock.advance(1_000);
  first.annotations = { "drop.corewire.io/last-start": "one", "drop.corewire.io/other": "kept" };
  await clock.advance(2_000);
  const annotations = () => valueAt(server.lease(), ["metadata", "annotations"]);
  assert.deepEqual(annotations(), first.annotations);
  assert.deepEqual(first.events.at(-1), { type: "renewed", annotations: first.annotations });
  first.annotations = { "drop.corewire.io/last-start": "two" };
  first.stop();
  await first.ended();
  const expected = { "drop.corewire.io/last-start": "two", "drop.corewire.io/other": "kept" };
  assert.deepEqual(annotations(), expected);
  const second = candidate(server, clock, "second");
  await settle();
  assert.deepEqual(second.terms[0]?.annotations, expected);
});

test("work that ends early keeps the Lease until told to stop", async () => {
  const [server, clock] = [leaseServer(), manualClock()];
  const one = candidate(server, clock, "one", { onLead: async () => undefined });
  await clock.advance(60_000);
  assert.equal(one.terms.length, 1);
  assert.equal(spec(server, "holderIdentity"), "one");
  one.stop();
  await one.ended();
  assert.equal(spec(server, "holderIdentity"), "");
});

test("the Lease is given back only when the work has ended", async () => {
  const [server, clock] = [leaseServer(), manualClock()];
  const { promise: drained, resolve: drain } = Promise.withResolvers<void>();
  const one = candidate(server, clock, "one", { onLead: () => drained });
  await clock.advance(10_000);
  one.stop();
  await clock.advance(30_000);
  assert.equal(spec(server, "holderIdentity"), "one", "renewed while the work ends");
  drain();
  await one.ended();
  assert.equal(spec(server, "holderIdentity"), "");
});

test("a mistake in the work ends the campaign, and gives the Lease back", async () => {
  const [server, clock] = [leaseServer(), manualClock()];
  const onLead = () => Promise.reject(new TypeError("a bug"));
  const one = candidate(server, clock, "one", { onLead });
  await assert.rejects(one.ended(), /^TypeError: a bug$/);
  assert.equal(spec(server, "holderIdentity"), "");
});

test("a release that cannot be made does not hold up the end for long", async () => {
  const [server, clock] = [leaseServer(), manualClock()];
  const one = candidate(server, clock, "one");
  await clock.advance(10_000);
  one.network = "hangs";
  one.stop();
  await clock.advance(5_000);
  await one.ended();
  assert.equal(spec(server, "holderIdentity"), "one");
});

test("a Lease without fields, or with strange ones, is free after its time", async () => {
  for (const strange of [
    {},
    { spec: null },
    { spec: { holderIdentity: 5 } },
    { spec: { holderIdentity: "x", leaseDurationSeconds: -1 } },
    { spec: { holderIdentity: "x", leaseDurationSeconds: 1e9, leaseTransitions: "many" } },
  ]) {
    const [server, clock] = [leaseServer(), manualClock()];
    const setUp = server.client(() => "up", clock);
    await setUp.create(
      strange,
      { resource: { apiVersion: "v1", kind: "", plural: "" } },
      { signal: new AbortController().signal },
    );
    const one = candidate(server, clock, "one");
    await clock.advance(65_000);
    assert.equal(one.leads(), true, JSON.stringify(strange));
  }
});

test("never do two lead at once, whatever happens to networks and processes, and in the end one leads", async () => {
  const who = fc.constantFrom(0, 1, 2);
  const network = fc.constantFrom<Network>("up", "down", "hangs", "deaf");
  const step = fc.record({ who, network, waitMs: fc.nat(15_000), annotate: fc.boolean() });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
      const [server, clock] = [leaseServer(), manualClock()];
      const all = [0, 1, 2].map((number) =>
        candidate(server, clock, `c${number}`, { offMs: number * 3_600_000 }),
      );
      const leaders = () => all.filter((one) => one.leads()).length;
      const run = async (ms: number) => {
        for (let passed = 0; passed < ms; passed += 250) {
          await clock.advance(Math.min(250, ms - passed));
          assert.ok(leaders() <= 1, "two lead");
        }
      };
      for (const { who: index, network: next, waitMs, annotate } of steps) {
        const one = all[index];
        if (one !== undefined) one.network = next;
        if (annotate) server.annotate("note", String(waitMs));
        await run(waitMs);
      }
      for (const one of all) one.network = "up";
      await run(40_000);
      assert.equal(leaders(), 1);
      for (const one of all) one.stop();
      await Promise.all(all.map((one) => one.ended()));
      assert.equal(spec(server, "holderIdentity"), "");
    }),
    { numRuns: 25 },
  );
});
