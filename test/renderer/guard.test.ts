import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { findingText } from "../../src/renderer/finding.ts";
import { type Guard, guardRefusal, type RemovalLimit } from "../../src/renderer/plan/guard.ts";
import { parsePlan } from "../../src/renderer/plan/parse.ts";
import { planJson, planText } from "../../src/renderer/plan/text.ts";
import { planTree } from "../../src/renderer/plan/tree.ts";
import type { RenderReport } from "../../src/renderer/report.ts";
import { type RenderOptions, renderTargets } from "../../src/renderer/run.ts";
import { answer, aPolicy, applied, aSet, contents, type Disk, treeOf } from "./builders.ts";

const never = new AbortController().signal;
const WEB = aSet("web", { discoveryPolicyRef: { name: "popular" } });
const API = aSet("api", { images: [{ image: "redis", tag: "8" }] });
const POPULAR = aPolicy("popular");

/** Images from the first number up to the second, each its own repository. */
function numbered(from: number, to: number, tag = 1): readonly string[] {
  const count = Math.max(0, to - from + 1);
  return Array.from({ length: count }, (_, index) => `quay.io/x/app-${from + index}:${tag}`);
}

interface World {
  readonly disk?: Disk;
  readonly sets?: readonly (typeof WEB)[];
  readonly options?: RenderOptions;
}

function report(
  found: readonly string[],
  { disk = new Map(), sets = [WEB], options = {} }: World = {},
): Promise<RenderReport> {
  const ports = {
    discover: async () => answer(found),
    readTree: async (wanted: { readonly sets: readonly string[] }) => treeOf(disk, wanted.sets),
  };
  return renderTargets({ sets, policies: [POPULAR], ports, options }, never);
}

async function rendered(found: readonly string[], world: World = {}): Promise<Disk> {
  return applied(world.disk ?? new Map(), (await report(found, world)).plan.actions);
}

interface Case {
  readonly name: string;
  readonly before: readonly string[];
  readonly after: readonly string[];
  readonly limit?: RemovalLimit;
  readonly refused: boolean;
}

const cases: readonly Case[] = [
  {
    name: "five of six go",
    before: numbered(1, 6),
    after: numbered(1, 1),
    refused: false,
  },
  {
    name: "six of ten are more than five and more than 30 %",
    before: numbered(1, 10),
    after: numbered(1, 4),
    refused: true,
  },
  {
    name: "six of twenty are 30 %",
    before: numbered(1, 20),
    after: numbered(1, 14),
    refused: false,
  },
  {
    name: "seven of twenty are more",
    before: numbered(1, 20),
    after: numbered(1, 13),
    refused: true,
  },
  { name: "all of three go", before: numbered(1, 3), after: [], refused: true },
  {
    name: "all of three are exchanged",
    before: numbered(1, 3),
    after: numbered(4, 6),
    refused: true,
  },
  { name: "all of two go", before: numbered(1, 2), after: [], refused: false },
  {
    name: "other tags of the same repositories are updates",
    before: numbered(1, 20),
    after: numbered(1, 20, 2),
    refused: false,
  },
  {
    name: "beside updates only what goes counts",
    before: numbered(1, 20),
    after: numbered(1, 14, 2),
    refused: false,
  },
  {
    name: "a lower limit",
    before: numbered(1, 10),
    after: numbered(1, 8),
    limit: { type: "count", images: 1 },
    refused: true,
  },
  {
    name: "a higher limit",
    before: numbered(1, 10),
    after: numbered(1, 2),
    limit: { type: "percent", percent: 80 },
    refused: false,
  },
  {
    name: "no limit lets all of three go",
    before: numbered(1, 3),
    after: [],
    limit: { type: "percent", percent: 100 },
    refused: true,
  },
];

for (const { name, before, after, limit, refused } of cases) {
  test(`${refused ? "the set stays as it is" : "the removals happen"} where ${name}`, async () => {
    const disk = await rendered(before);
    const options = limit === undefined ? {} : { guard: { limit } };
    const found = await report(after, { disk, options });
    assert.equal(found.plan.sets[0]?.state, refused ? "refused" : "rendered");
    assert.equal(found.refused.length, refused ? 1 : 0);
    assert.equal(found.plan.actions.length === 0, refused);
  });
}

test("a refusal names what would go and why, how much may, and how to approve it", async () => {
  const disk = await rendered(numbered(1, 10));
  const options = { howToApprove: "say so" };
  const { plan, refused } = await report(numbered(1, 4), { disk, options });
  assert.deepEqual(refused.map(findingText), [
    `CachedImageSet/web: 6 of its 10 discovered images would go in one run, and at most 5 may, so it is left as it is: ${numbered(5, 10).toSorted().join(", ")} (no source of popular names it any more); see first whether the sources answered right; to approve it, say so`,
  ]);
  assert.match(planText(plan), /^web: left as it is, 6 of its 10 discovered images would go$/m);
  assert.match(planText(plan), /^ {2}! would remove quay\.io\/x\/app-5:1 {2}\(no source/m);
});

test("a long list is cut in the message and whole in the plan", async () => {
  const disk = await rendered(numbered(1, 30));
  const { plan, refused } = await report(numbered(1, 3), { disk });
  assert.match(refused.map(findingText).join(), /and 17 more, which the plan lists/);
  assert.equal(plan.sets[0]?.guard?.removals.length, 27);
});

test("the set that is refused stays, static images and lock too, and the rest is done", async () => {
  const disk = await rendered(numbered(1, 10), { sets: [WEB, aSet("api")] });
  const sets = [aSet("web", { ...WEB.spec, images: [{ image: "nginx" }] }), API];
  const { plan } = await report(numbered(1, 4), { disk, sets });
  assert.deepEqual(
    plan.sets.map(({ set, state }) => [set, state]),
    [
      ["api", "rendered"],
      ["web", "refused"],
    ],
  );
  const after = applied(disk, plan.actions);
  const web = (from: Disk) => contents(from).filter(([path]) => path.startsWith("web/"));
  assert.deepEqual(web(after), web(disk));
  assert.ok([...after.keys()].some((path) => path.startsWith("api/redis-8-")));
  assert.match(after.get("kustomization.yaml") ?? "", /- api\n {2}- web\n/);
});

test("lines that a person deleted do not count", async () => {
  const images = numbered(1, 10).map((image) => ({ image: image.slice(0, -2), tag: "1" }));
  const listed = await rendered([], { sets: [aSet("web", { images })] });
  assert.equal((await report([], { disk: listed, sets: [aSet("web")] })).refused.length, 0);

  const disk = await rendered(numbered(1, 10));
  const unreferenced = await report([], { disk, sets: [aSet("web")] });
  assert.equal(unreferenced.refused.length, 0);
  assert.equal(unreferenced.plan.sets[0]?.images.length, 10);

  const files = [...disk.keys()].filter((path) => path.startsWith("web/app-")).slice(4);
  const fewer = new Map(disk);
  for (const path of files) fewer.delete(path);
  assert.equal((await report(numbered(11, 12), { disk: fewer })).refused.length, 1, "all of four");
  assert.equal((await report(numbered(1, 2), { disk: fewer })).refused.length, 0);
});

test("a saved plan approves the removals that it lists, and any part of them, for its set alone", async () => {
  const sets = [WEB, aSet("zoo", WEB.spec)];
  const disk = await rendered(numbered(1, 20), { sets });
  const { plan } = await report(numbered(1, 10), { disk });
  const approved = parsePlan(planJson(plan));
  assert.ok(approved.ok);
  const guard: Guard = { approved: approved.value };
  const states = async (found: readonly string[]) => {
    const again = await report(found, { disk, sets, options: { guard } });
    return again.plan.sets.map(({ state }) => state);
  };
  assert.deepEqual(await states(numbered(1, 10)), ["rendered", "refused"]);
  assert.deepEqual(await states(numbered(1, 12)), ["rendered", "refused"]);
  assert.deepEqual(await states(numbered(1, 9)), ["refused", "refused"], "one more than approved");
  assert.deepEqual(await states(numbered(1, 14)), ["rendered", "rendered"]);
});

test("a set that is gone counts with all its images in a folder of its own, unless its removal is asked for", async () => {
  const images = numbered(1, 4).map((image) => ({ image: image.slice(0, -2), tag: "1" }));
  const disk = await rendered([], { sets: [aSet("web", { images }), API] });
  const state = async (options: RenderOptions) => {
    const { plan } = await report([], { disk, sets: [API], options });
    return plan.sets.find(({ set }) => set === "web")?.state;
  };
  assert.equal(await state({}), undefined);
  assert.equal(await state({ ownsFolder: true }), "refused");
  assert.equal(await state({ ownsFolder: true, pruneSets: true }), "pruned");
  assert.equal(await state({ pruneSets: true }), "pruned");
  const { plan } = await report([], { disk, sets: [API], options: { ownsFolder: true } });
  const approved = parsePlan(planJson(plan));
  assert.ok(approved.ok);
  const guard = { approved: approved.value };
  assert.equal(await state({ ownsFolder: true, guard }), "pruned");
  const two = await rendered([], { sets: [aSet("web", { images: images.slice(2) }), API] });
  const small = await report([], { disk: two, sets: [API], options: { ownsFolder: true } });
  assert.equal(small.plan.sets.find(({ set }) => set === "web")?.state, "pruned");
});

test("without a guard, as for --check, nothing is refused", async () => {
  const disk = await rendered(numbered(1, 10));
  const tree = treeOf(disk, ["web"]);
  const plan = planTree({ results: [], tree, known: [], pruneSets: false, ownsFolder: true });
  assert.deepEqual(
    plan.sets.map(({ state }) => state),
    ["pruned"],
  );
});

test("whatever goes, a refusal says the truth and its own plan approves it", () => {
  const removal = { change: "removed", origin: "discovered", reason: "gone" } as const;
  fc.assert(
    fc.property(fc.nat(100), fc.nat(100), fc.nat(100), (before, gone, percent) => {
      fc.pre(gone <= before);
      const removals = numbered(1, gone).map((image) => ({ ...removal, image }));
      const input = { set: "web", counts: "discovered", removals, before } as const;
      for (const guard of [{}, { limit: { type: "percent", percent } }] as const) {
        const limit =
          guard.limit === undefined ? Math.max(5, before * 0.3) : (before * percent) / 100;
        const tooMany = gone > limit + 1e-9 || (gone === before && before >= 3);
        assert.equal(guardRefusal({ ...input, guard }) !== undefined, tooMany);
        const approved = new Map([["web", new Set(removals.map(({ image }) => image))]]);
        assert.equal(guardRefusal({ ...input, guard: { ...guard, approved } }), undefined);
      }
    }),
    { numRuns: 300 },
  );
});
