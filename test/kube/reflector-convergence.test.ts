import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { own } from "../../src/api/record.ts";
import { KubeError } from "../../src/kube/kube-error.ts";
import { createReflector } from "../../src/kube/reflector.ts";
import { NODES } from "../../src/kube/resource.ts";
import { type ManualClock, manualClock, settle } from "./manual-clock.ts";
import { type ModelServer, modelServer, type StreamFault } from "./model-server.ts";

type Command =
  | { readonly do: "put"; readonly name: string; readonly value: number }
  | { readonly do: "remove"; readonly name: string }
  | { readonly do: "compact" }
  | { readonly do: "fault"; readonly fault: StreamFault }
  | { readonly do: "refuse"; readonly verb: "list" | "watch"; readonly reason: KubeError["reason"] }
  | { readonly do: "wait"; readonly seconds: number };

const names = fc.constantFrom("a", "b", "c", "d", "e");
const faults = fc.constantFrom<StreamFault>(
  "end",
  "reset",
  "cut line",
  "garbage",
  "gone",
  "server error",
  "bookmark",
  "repeat all",
  "repeat last",
  "repeat older",
  "backwards",
);
/** Also a server that leaves events out, which no API server should. */
const lies = fc.oneof(faults, fc.constant<StreamFault>("miss next"));
const reasons = fc.constantFrom<KubeError["reason"]>(
  "Unreachable",
  "Timeout",
  "TooManyRequests",
  "ServerError",
  "Gone",
  "Forbidden",
  "Refused",
  "AnswerTooLarge",
);

function commands(fault: fc.Arbitrary<StreamFault>): fc.Arbitrary<Command[]> {
  const command: fc.Arbitrary<Command> = fc.oneof(
    { weight: 6, arbitrary: fc.record({ do: fc.constant("put"), name: names, value: fc.nat(9) }) },
    { weight: 3, arbitrary: fc.record({ do: fc.constant("remove"), name: names }) },
    { weight: 1, arbitrary: fc.constant({ do: "compact" }) },
    { weight: 4, arbitrary: fc.record({ do: fc.constant("fault"), fault }) },
    {
      weight: 2,
      arbitrary: fc.record({
        do: fc.constant("refuse"),
        verb: fc.constantFrom("list", "watch"),
        reason: reasons,
      }),
    },
    { weight: 4, arbitrary: fc.record({ do: fc.constant("wait"), seconds: fc.nat(700) }) },
  ) as fc.Arbitrary<Command>;
  return fc.array(command, { maxLength: 40 });
}

async function obey(server: ModelServer, clock: ManualClock, one: Command): Promise<void> {
  if (one.do === "put") server.put(one.name, one.value);
  else if (one.do === "remove") server.remove(one.name);
  else if (one.do === "compact") server.compact();
  else if (one.do === "fault") server.fault(one.fault);
  else if (one.do === "wait") await clock.advance(one.seconds * 1_000);
  else {
    const { verb, reason } = one;
    server.failNext(verb, new KubeError(reason, { message: "as told", fix: "wait" }));
  }
}

interface Followed {
  readonly kept: ReadonlyMap<string, number>;
  /** What somebody knows who only heard the changes. */
  readonly told: ReadonlyMap<string, number>;
  readonly drifts: readonly (number | undefined)[];
}

async function follow(
  script: readonly Command[],
  after: (server: ModelServer, clock: ManualClock) => Promise<void>,
): Promise<Followed & { readonly truth: ReadonlyMap<string, number> }> {
  const clock = manualClock();
  const server = modelServer(clock);
  const told = new Map<string, number>();
  const drifts: (number | undefined)[] = [];
  const reflector = createReflector<number>({
    client: server,
    clock,
    of: { resource: NODES },
    pageSize: 2,
    project: (raw) => Number(own(raw, "value")),
    onChange(change) {
      if (change.type === "synced") return;
      assert.equal(change.previous, told.get(change.key), "the change before is the one told");
      if (change.type === "set") told.set(change.key, change.object);
      else assert.ok(told.delete(change.key), "only what was told of is deleted");
    },
    onRelist: ({ drift }) => drifts.push(drift),
  });
  const stop = new AbortController();
  const running = reflector.run(stop.signal);
  for (const one of script) {
    await obey(server, clock, one);
    if (one.do !== "put" && one.do !== "remove") await settle();
  }
  await after(server, clock);
  const kept = new Map(reflector.snapshot());
  stop.abort();
  await running;
  assert.equal(server.openWatches(), 0, "no watch stays open");
  return { kept, told, drifts, truth: server.state() };
}

test("whatever happens to lists and watches, the reflector comes to hold what the server holds", async () => {
  await fc.assert(
    fc.asyncProperty(commands(faults), async (script) => {
      // Refusals that are still due come before the longest pause each.
      const quiet = (_server: ModelServer, clock: ManualClock) => clock.advance(1_200_000);
      const { kept, told, truth } = await follow(script, quiet);
      assert.deepEqual(kept, truth);
      assert.deepEqual(told, truth);
    }),
    { numRuns: 300 },
  );
});

test("even events that a server leaves out are caught up with within the hour", async () => {
  await fc.assert(
    fc.asyncProperty(commands(lies), async (script) => {
      const quiet = (_server: ModelServer, clock: ManualClock) => clock.advance(5_400_000);
      const { kept, told, truth } = await follow(script, quiet);
      assert.deepEqual(kept, truth);
      assert.deepEqual(told, truth);
    }),
    { numRuns: 200 },
  );
});

test("what a server forgot to tell is found by the half-hourly list, and counted", async () => {
  const script: Command[] = [
    { do: "put", name: "a", value: 1 },
    { do: "wait", seconds: 1 },
    { do: "put", name: "b", value: 1 },
  ];
  const { kept, truth, drifts } = await follow(script, async (server, clock) => {
    await settle();
    server.fault("miss next");
    server.put("b", 2);
    server.put("c", 3);
    await clock.advance(2_700_000);
  });
  assert.deepEqual(kept, truth);
  assert.deepEqual(drifts, [undefined, 1]);
});

test("a half-hourly list that finds nothing counts no drift, and the watch goes on from where it was", async () => {
  const { drifts, kept, truth } = await follow(
    [{ do: "put", name: "a", value: 1 }],
    async (server, clock) => {
      await clock.advance(2_700_000);
      server.put("b", 2);
      await settle();
    },
  );
  assert.deepEqual(drifts, [undefined, 0]);
  assert.deepEqual(kept, truth);
});
