import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { CachedImageSet, DiscoveryPolicy } from "../../src/api/types.gen.ts";
import type { SourceOutcome } from "../../src/discovery/outcome.ts";
import { checkTargets } from "../../src/renderer/check.ts";
import { findingText } from "../../src/renderer/finding.ts";
import { yamlStream } from "../../src/renderer/folder/stdout-sink.ts";
import type { RenderReport } from "../../src/renderer/report.ts";
import { type RenderOptions, renderTargets } from "../../src/renderer/run.ts";
import {
  answer,
  aPolicy,
  applied,
  aSet,
  contents,
  type Disk,
  noAnswer,
  treeOf,
} from "./builders.ts";

const never = new AbortController().signal;
const EMPTY: Disk = new Map();

interface World {
  readonly sets?: readonly CachedImageSet[];
  readonly policies?: readonly DiscoveryPolicy[];
  readonly disk?: Disk;
  readonly options?: RenderOptions;
}

const WEB = aSet("web", {
  discoveryPolicyRef: { name: "popular" },
  images: [{ image: "redis", tag: "8" }],
});
const POPULAR = aPolicy("popular");

function report(outcomes: readonly SourceOutcome[], world: World = {}): Promise<RenderReport> {
  const { sets = [WEB], policies = [POPULAR], disk = EMPTY, options = {} } = world;
  const ports = {
    discover: async () => outcomes,
    readTree: async (wanted: { readonly sets: readonly string[] }) => treeOf(disk, wanted.sets),
  };
  return renderTargets({ sets, policies, ports, options }, never);
}

async function render(outcomes: readonly SourceOutcome[], world: World = {}): Promise<Disk> {
  const { plan } = await report(outcomes, world);
  return applied(world.disk ?? EMPTY, plan.actions);
}

function images(disk: Disk): readonly string[] {
  const texts = [...disk].filter(([path]) => /-[0-9a-f]{8}\.yaml$/.test(path));
  return texts
    .map(([, text]) => {
      const [, image, tag] = /image: (.*)\n {2}tag: "(.*)"/.exec(text) ?? [];
      return `${image}:${tag}`;
    })
    .sort();
}

const A = "quay.io/x/a:1";
const B = "quay.io/x/b:1";
const C = "quay.io/x/c:1";
const REDIS = "docker.io/library/redis:8";

test("a set is rendered from its own images and what its policy found", async () => {
  const { mistakes, unanswered, refused, warnings } = await report(answer([A, B]));
  assert.deepEqual([...mistakes, ...unanswered, ...refused, ...warnings], []);
  assert.deepEqual(images(await render(answer([A, B]))), [REDIS, A, B]);
});

test("complete answers remove images, incomplete ones only add", async () => {
  const disk = await render(answer([A, B]));
  assert.deepEqual(images(await render(answer([C]), { disk })), [REDIS, C]);
  assert.deepEqual(images(await render(noAnswer([C]), { disk })), [REDIS, A, B, C]);
  assert.deepEqual(contents(await render(noAnswer(), { disk })), contents(disk));
});

test("remembered results are a warning, and an error with --strict", async () => {
  const disk = await render(answer([A]));
  const lenient = await report(noAnswer(), { disk });
  assert.deepEqual(lenient.unanswered, []);
  assert.deepEqual(lenient.warnings.map(findingText), [
    "CachedImageSet/web: metrics: no answer in 30 s; look there",
  ]);
  const strict = await report(noAnswer(), { disk, options: { strict: true } });
  assert.deepEqual([strict.unanswered, strict.warnings], [lenient.warnings, []]);
});

test("where no source answered and nothing is remembered nothing is written, the static images neither", async () => {
  const { plan, unanswered } = await report(noAnswer());
  assert.deepEqual(plan.actions, []);
  assert.equal(plan.sets[0]?.state, "unanswered");
  assert.equal(unanswered.length, 1);
});

test("a source that failed with nothing remembered does not keep the others from being written", async () => {
  const [other] = noAnswer();
  assert.ok(other);
  const outcomes = [...answer([A]), { ...other, name: "second" }];
  const { unanswered } = await report(outcomes);
  assert.deepEqual(
    unanswered.map(({ subject }) => subject),
    ["CachedImageSet/web: second"],
  );
  assert.deepEqual(images(await render(outcomes)), [REDIS, A]);
});

test("what another policy found is not remembered for this one", async () => {
  const disk = await render(answer([A]));
  const sets = [aSet("web", { discoveryPolicyRef: { name: "fresh" } })];
  const { plan } = await report(noAnswer(), { sets, policies: [aPolicy("fresh")], disk });
  assert.equal(plan.sets[0]?.state, "unanswered");
});

test("a suspended policy is not asked, its images stay, and that is no error", async () => {
  const disk = await render(answer([A]));
  const policies = [aPolicy("popular", { suspend: true })];
  const options = { strict: true };
  const { unanswered, warnings } = await report(answer([C]), { policies, disk, options });
  assert.deepEqual([unanswered.length, warnings.length], [0, 1]);
  assert.deepEqual(contents(await render(answer([C]), { policies, disk })), contents(disk));
  assert.deepEqual(images(await render(answer([C]), { policies })), [REDIS]);
});

test("a policy that several sets name is asked once, and not for sets that are not rendered", async () => {
  const asked: string[] = [];
  const ports = {
    discover: async ({ metadata }: DiscoveryPolicy) => {
      asked.push(metadata.name ?? "");
      return answer([A]);
    },
  };
  const sets = [
    aSet("a", { discoveryPolicyRef: { name: "one" } }),
    aSet("b", { discoveryPolicyRef: { name: "one" } }),
    aSet("c", { discoveryPolicyRef: { name: "two" }, suspend: true }),
    aSet("d"),
  ];
  await renderTargets({ sets, policies: [aPolicy("one"), aPolicy("two")], ports }, never);
  assert.deepEqual(asked, ["one"]);
});

test("with a mistake in the inputs no source is asked and nothing is planned", async () => {
  const ports = {
    discover: () => assert.fail("asked"),
    readTree: () => assert.fail("read"),
  };
  const { plan, mistakes } = await renderTargets({ sets: [WEB], policies: [], ports }, never);
  assert.deepEqual(plan.actions, []);
  assert.equal(mistakes.length, 1);
});

test("an interrupted discovery ends the run", async () => {
  const reason = new Error("stopped");
  const ports = { discover: () => Promise.reject(reason) };
  await assert.rejects(renderTargets({ sets: [WEB], policies: [POPULAR], ports }, never), reason);
});

test("a set chosen with --set touches no other", async () => {
  const sets = [WEB, aSet("api", { images: [{ image: "nginx" }] })];
  const disk = await render(answer([A]), { sets });
  const changed = [...sets.slice(1), aSet("web")];
  const policies = [POPULAR];
  const options = { selected: ["api"] };
  const { plan } = await report(answer([A]), { sets: changed, policies, disk, options });
  assert.deepEqual(plan.actions, []);
});

test("the same inputs give the same bytes in any order", async () => {
  const sets = ["b", "a", "c"].map((name) =>
    aSet(name, {
      discoveryPolicyRef: { name: "popular" },
      nodeSelector: { y: "1", x: "2" },
      images: [{ image: "redis", tag: "8" }],
    }),
  );
  const reference = contents(await render(answer([A, B]), { sets }));
  const stream = yamlStream((await report(answer([A, B]), { sets })).children);
  const order = fc.shuffledSubarray(sets, { minLength: sets.length });
  await fc.assert(
    fc.asyncProperty(order, async (shuffled) => {
      const turned = shuffled.map((set) =>
        aSet(set.metadata.name ?? "", { ...set.spec, nodeSelector: { x: "2", y: "1" } }),
      );
      assert.deepEqual(contents(await render(answer([A, B]), { sets: turned })), reference);
      const { children } = await report(answer([A, B]), { sets: turned });
      assert.equal(yamlStream(children), stream);
    }),
    { numRuns: 20 },
  );
});

test("the stream of objects is ordered by set and name, each behind its own separator", async () => {
  const sets = [
    aSet("b", { images: [{ image: "x" }] }),
    aSet("a", { images: [{ image: "z" }, { image: "y" }] }),
  ];
  const { children } = await report([], { sets, policies: [] });
  const names = children.map(({ set, name }) => `${set} ${name.replace(/-[0-9a-f]{8}$/, "")}`);
  assert.deepEqual(names, ["a a-y-latest", "a a-z-latest", "b b-x-latest"]);
  assert.equal(yamlStream(children).match(/^---\n/gm)?.length, 3);
  assert.equal(yamlStream([]), "");
});

function check(disk: Disk, { sets = [WEB], policies = [POPULAR] }: World = {}): readonly string[] {
  const tree = treeOf(
    disk,
    sets.map(({ metadata }) => metadata.name ?? ""),
  );
  const found = checkTargets({ sets, policies, tree });
  assert.deepEqual([...found.mistakes, ...found.unanswered, ...found.refused], []);
  return found.differences.map(({ subject, what }) => `${subject}: ${what}`);
}

test("--check is satisfied with what was rendered, whatever the sources would say now", async () => {
  assert.deepEqual(check(await render(answer([A, B]))), []);
});

test("--check names what is not rendered yet", async () => {
  const disk = await render(answer([A]));
  const changed = aSet("web", { ...WEB.spec, images: [{ image: "nginx" }] });
  const found = check(disk, { sets: [changed] });
  assert.equal(found.length, 4);
  assert.match(found.join("\n"), /web\/nginx-latest-.*missing/);
  assert.match(found.join("\n"), /web\/redis-8-.*no longer wanted/);
  assert.deepEqual(check(EMPTY), [
    "CachedImageSet/web: it is not rendered yet",
    "kustomization.yaml: it is missing or not up to date",
  ]);
  assert.deepEqual(check(disk, { policies: [aPolicy("popular", { maxImages: 3 })] }), [
    "CachedImageSet/web: DiscoveryPolicy popular changed since it was rendered",
  ]);
  const other = aSet("web", { ...WEB.spec, discoveryPolicyRef: { name: "other" } });
  assert.deepEqual(check(disk, { sets: [other], policies: [aPolicy("other")] }), [
    "CachedImageSet/web: it is not rendered yet with DiscoveryPolicy other",
  ]);
  assert.equal(check(disk, { sets: [aSet("web")], policies: [] }).length, 4);
});

test("--check does not mind that a policy is asked at other times or not at all", async () => {
  const disk = await render(answer([A]));
  assert.deepEqual(
    check(disk, { policies: [aPolicy("popular", { suspend: true, syncInterval: "2h" })] }),
    [],
  );
});

test("--check names a file that a person changed or deleted, an interrupted run and a broken lock", async () => {
  const disk = await render(answer([A]));
  const path = [...disk.keys()].find((name) => name.startsWith("web/a-1-")) ?? "";
  assert.match(check(new Map(disk).set(path, "a: 1\n")).join(), /web\/a-1-.*changed by hand/);
  const without = new Map(disk);
  without.delete(path);
  assert.match(check(without).join(), /web\/a-1-.*missing/);
  assert.match(
    check(new Map(disk).set("web/.drop.lock", "{")).join(),
    /\.drop\.lock: it is not the JSON/,
  );

  const { plan } = await report(answer([B]), { disk });
  const interrupted = applied(disk, plan.actions.slice(0, 1));
  assert.deepEqual(check(interrupted), ["CachedImageSet/web: its last rendering was interrupted"]);
});
