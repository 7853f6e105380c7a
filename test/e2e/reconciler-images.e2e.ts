import assert from "node:assert/strict";
import { test } from "node:test";
import { type ClusterNode, requireCluster } from "../support/cluster.ts";
import {
  foreignArchitecture,
  helperImage,
  type ImageContent,
  pushImage,
  scratchImage,
  talkingImage,
} from "../support/images.ts";
import { watchPods } from "../support/pod-watch.ts";
import { conditionIn, isReady, type StatusSeen, whyNotReady } from "../support/status-watch.ts";
import { until } from "../support/until.ts";
import { denials, digestOn, heldBy, startBench } from "./reconciler/bench.ts";
import { cachedImage, pullPolicy, under } from "./reconciler/objects.ts";

const nodes = [{ nodeName: "node-a" }, { nodeName: "node-b" }];

test("images get onto nodes, and what is wrong with one is said", {
  concurrency: true,
}, async (t) => {
  if (!(await requireCluster(t))) return;
  const bench = await startBench(t, { nodes });
  const { registry, images } = bench;
  const reconciler = await bench.reconcile({ flags: ["--eviction-backoff", "20s"] });
  const pods = await watchPods(bench.kubernetes, "drop-pulls");
  t.after(() => pods.stop());
  const named = (name: string, tag = "1") => `${registry.host}/e2e/${name}:${tag}`;
  async function push(name: string, content: ImageContent = scratchImage(name)): Promise<string> {
    await pushImage(registry, `e2e/${name}`, ["1"], content);
    return named(name);
  }
  const heldByNodes = (...references: string[]) =>
    Promise.all(bench.nodes.map((node) => heldBy(node, references)));
  /** How often a node was made to pull it. */
  const pullsOf = (reference: string) =>
    reconciler.pulls().filter((references) => references.includes(reference)).length;
  await bench.create(pullPolicy("fast"));
  const lastSeenAt = (name: string) => images.history(name).at(-1)?.seenAt ?? 0;
  const firstReadyAt = (name: string) =>
    images.history(name).find(({ status }) => isReady(status))?.seenAt ?? Infinity;
  const program = await helperImage();
  const cases: Promise<void>[] = [];

  cases.push(
    t.test("an image that is removed by hand is missed within 90 s and comes back", async () => {
      const reference = await push("removed");
      await bench.create(cachedImage("removed", reference, under("fast")));
      await images.when("removed", "on both nodes", isReady);
      for (const name of await bench.node.containerd.images())
        if (name.includes("/e2e/removed")) await bench.node.containerd.removeImage(name);
      const removedAt = performance.now();
      const lost = await images.when(
        "removed",
        "lost from node-a",
        ({ evictedNodes }) => evictedNodes !== undefined,
      );
      const seconds = (performance.now() - removedAt) / 1_000;
      t.diagnostic(`the loss was told after ${seconds.toFixed(1)} s`);
      assert.ok(seconds < 90, `${seconds} s`);
      assert.deepEqual(
        [lost.ready, lost.cachedNodes, lost.evictedNodes?.map(({ node, count }) => [node, count])],
        ["1/2", ["node-b"], [["node-a", 1]]],
      );
      assert.equal((await bench.row("cimg", "removed"))["READY"], "1/2");
      await images.when("removed", "on both nodes again", ({ ready }) => ready === "2/2");
      assert.deepEqual(await heldBy(bench.node, [reference]), [reference]);
    }),
  );

  const kinds: Readonly<Record<string, ImageContent>> = {
    scratch: scratchImage("scratch"),
    static: { ...program, entrypoint: ["/bin/busybox", "true"], user: "65532:65532" },
    "root-user": { ...program, user: "0:0" },
    "named-user": { ...program, user: "nobody" },
    "multi-arch": { ...scratchImage("multi"), architectures: ["amd64", "arm64"] },
  };
  for (const [name, content] of Object.entries(kinds)) {
    cases.push(
      t.test(`a ${name} image gets onto both nodes`, async () => {
        const reference = await push(name, content);
        await bench.create(cachedImage(name, reference, under("fast")));
        await images.when(name, "on both nodes", isReady);
        const { IMAGE, TAG, READY, PHASE } = await bench.row("cimg", name);
        assert.deepEqual([IMAGE, TAG, PHASE], [`${registry.host}/e2e/${name}`, "1", "Ready"]);
        assert.equal(READY, "2/2");
        assert.deepEqual(await heldByNodes(reference), [[reference], [reference]]);
      }),
    );
  }

  cases.push(
    t.test("an image that is not for the nodes' architecture says so", async () => {
      const foreign = { ...scratchImage("foreign"), architectures: [foreignArchitecture] };
      const reference = await push("foreign", { ...foreign, index: true });
      await bench.create(cachedImage("foreign", reference, under("fast")));
      const seen = await images.when("foreign", "of no use", ({ phase }) => phase === "Degraded");
      assert.deepEqual(
        [whyNotReady(seen), conditionIn(seen, "Stalled")?.reason, seen.ready],
        ["PlatformMismatch", "PlatformMismatch", "0/0"],
      );
      const { message = "" } = conditionIn(seen, "Ready") ?? {};
      assert.match(message, /no match for platform in manifest/);
      const { READY, PHASE } = await bench.row("cimg", "foreign");
      assert.deepEqual([READY, PHASE], ["0/0", "Degraded"]);
    }),
  );

  cases.push(
    t.test("a missing tag is NotFound, and delays nothing else", async () => {
      const good = await push("beside-missing");
      await bench.create(
        cachedImage("missing", named("missing"), under("fast")),
        cachedImage("beside-missing", good, under("fast")),
      );
      await images.when("beside-missing", "on both nodes", isReady);
      const isMissing = (seen: StatusSeen) => whyNotReady(seen) === "NotFound";
      const seen = await images.when("missing", "missed", isMissing);
      assert.match(conditionIn(seen, "Ready")?.message ?? "", /missing:1: not found/);
      const reasons = new Set(seen.failedNodes?.map(({ reason }) => reason));
      assert.deepEqual([...reasons], ["NotFound"]);
      const readyAt = firstReadyAt("beside-missing");
      await images.when("missing", "Degraded", ({ phase }) => phase === "Degraded");
      const { READY, PHASE } = await bench.row("cimg", "missing");
      assert.deepEqual([READY, PHASE], ["0/2", "Degraded"]);
      assert.ok(readyAt < lastSeenAt("missing"));
      // Events go out at a pace of their own.
      const failed = /Warning +PullFailed +cachedimage\/missing +.*: NotFound: /;
      await until(async () => failed.test(await bench.kubectl("get", "events", "-n", "default")), {
        what: "the event that the image is not found",
      });
    }),
  );

  cases.push(
    t.test("with Never an absent image is NotPresent and a present one is ready", async () => {
      const [present, absent] = [await push("never-present"), await push("never-absent")];
      for (const { containerd } of bench.nodes)
        await containerd.ctr("images", "pull", "--plain-http", present);
      const never = { ...under("fast"), imagePullPolicy: "Never" };
      await bench.create(
        cachedImage("never-present", present, never),
        cachedImage("never-absent", absent, never),
      );
      await images.when("never-present", "there", isReady);
      const seen = await images.when(
        "never-absent",
        "missed",
        (one) => whyNotReady(one) === "NotPresent" && one.failedNodes?.length === 2,
      );
      assert.deepEqual(
        [seen.ready, ...new Set(seen.failedNodes?.map(({ reason }) => reason))],
        ["0/2", "NotPresent"],
      );
      assert.deepEqual(await heldByNodes(absent, present), [[present], [present]]);
    }),
  );

  cases.push(
    t.test("the code of an image never runs", async () => {
      const reference = await push("talking", await talkingImage());
      await bench.create(cachedImage("talking", reference, under("fast")));
      await images.when("talking", "on both nodes", isReady);
      assert.deepEqual(await heldByNodes(reference), [[reference], [reference]]);
    }),
  );

  cases.push(
    t.test("a tag that moved is pulled anew in a wave, and the nodes stay ready", async () => {
      const reference = await push("moving", scratchImage("old"));
      await bench.create(
        pullPolicy("repulling", { repullInterval: "10s", maxConcurrentNodes: 1 }),
        cachedImage("moving", reference, under("repulling")),
      );
      await images.when("moving", "there", isReady);
      const digest = await pushImage(registry, "e2e/moving", ["1"], scratchImage("new"));
      const isRenewed = async (node: ClusterNode) => (await digestOn(node, reference)) === digest;
      for (const node of bench.nodes)
        await until(() => isRenewed(node), { what: "the new one", withinMs: 60_000, everyMs: 500 });
      await images.when("moving", "renewed", (one) => one.resolvedDigest === digest);
      const since = images.history("moving").findIndex(({ status }) => isReady(status));
      const after = images.history("moving").slice(since);
      assert.ok(
        after.every(({ status }) => isReady(status)),
        "it was not Ready in between",
      );
    }),
  );

  cases.push(
    t.test("an image pinned by its digest is pulled once", async () => {
      const digest = await pushImage(registry, "e2e/pinned", ["1"], scratchImage("pinned"));
      const reference = `${registry.host}/e2e/pinned@${digest}`;
      await bench.create(
        pullPolicy("repulling-pinned", { repullInterval: "3s" }),
        cachedImage("pinned", reference, under("repulling-pinned")),
        cachedImage("unpinned", await push("unpinned"), under("repulling-pinned")),
      );
      await images.when("pinned", "there", isReady);
      await until(() => pullsOf(named("unpinned")) >= 6, { what: "two waves", withinMs: 120_000 });
      assert.equal(pullsOf(reference), 2);
      const { resolvedDigest } = images.history("pinned").at(-1)?.status ?? {};
      assert.equal(resolvedDigest, digest);
    }),
  );

  cases.push(
    t.test("ten images are one Pod, and the three broken ones are tried again singly", async () => {
      const names = Array.from({ length: 10 }, (_, at) => `ten-${at}`);
      const isGood = (name: string) => !["ten-2", "ten-5", "ten-9"].includes(name);
      for (const name of names.filter(isGood)) await push(name);
      const spec = { ...under("ten"), nodeSelector: { "kubernetes.io/hostname": "node-b" } };
      await bench.create(...names.map((name) => cachedImage(name, named(name), spec)));
      for (const name of names)
        await images.when(name, "PolicyNotFound", (one) => whyNotReady(one) === "PolicyNotFound");
      await bench.create(pullPolicy("ten"));
      for (const name of names.filter(isGood)) await images.when(name, "there", isReady);
      const ours = () => reconciler.pulls().filter(([first]) => first?.includes("/ten-"));
      await until(() => ours().length >= 7, { what: "retries", withinMs: 60_000 });
      const [first, ...retries] = ours();
      assert.deepEqual(
        first,
        names.map((name) => named(name)),
      );
      assert.ok(
        retries.every((one) => one.length === 1 && !isGood(/ten-\d/.exec(one[0] ?? "")?.[0] ?? "")),
      );
    }),
  );

  await Promise.all(cases);
  assert.deepEqual(pods.exitCodes(), [0]);
  assert.deepEqual(await denials(reconciler), []);
});
