import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { requireCluster } from "../support/cluster.ts";
import { startDoor } from "../support/door.ts";
import { projectFolder } from "../support/drop.ts";
import { pushImage, scratchImage } from "../support/images.ts";
import { startKubelet } from "../support/kubelet.ts";
import { isReady } from "../support/status-watch.ts";
import { until } from "../support/until.ts";
import { denials, heldBy, startBench } from "./reconciler/bench.ts";
import { cachedImage, imageSet, ofSet, pullPolicy, under } from "./reconciler/objects.ts";

const nodes = [{ nodeName: "node-a" }, { nodeName: "node-b" }];

test("what is deleted goes, and leaves nothing behind that hangs", async (t) => {
  if (!(await requireCluster(t))) return;
  const bench = await startBench(t, { nodes });
  const { registry, images, kubectl, kubernetes } = bench;
  const door = await startDoor(registry.url);
  t.after(() => door.stop());
  for (const { containerd } of bench.nodes)
    await containerd.addRegistry("slow.example.com", { url: door.url });
  const reconciler = await bench.reconcile();
  await bench.create(pullPolicy("fast"));
  await pushImage(registry, "team/app", ["1", "2", "3", "4"], scratchImage("app"));
  const slow = (tag: number) => `slow.example.com/team/app:${tag}`;
  const names = async (...args: readonly string[]) => {
    const printed = await kubectl("get", ...args, "-o", "name");
    return printed.split("\n").filter((line) => line !== "");
  };
  const pods = () => names("pods", "-n", "drop-pulls");
  const areGone = async () => (await pods()).length === 0;
  const gone = { what: "no pull Pod to be left", withinMs: 30_000, everyMs: 200 };
  /** Pulls that do not end by themselves, on both nodes. */
  async function hold(...objects: readonly object[]): Promise<void> {
    await door.become("hanging");
    const before = door.asked.length;
    await bench.create(...objects);
    const areAsking = async () => door.asked.length > before && (await pods()).length === 2;
    await until(areAsking, { what: "both nodes to pull", withinMs: 30_000, everyMs: 200 });
  }

  for (const cascade of ["foreground", "background"] as const) {
    await t.test(
      `a CachedImage that is deleted in the ${cascade} takes its Pods along`,
      async () => {
        await hold(cachedImage(cascade, slow(1), under("fast")));
        await kubectl("delete", "cimg", cascade, `--cascade=${cascade}`, "--timeout=30s");
        await until(areGone, gone);
        assert.deepEqual(await names("cimg"), []);
        await door.become("open");
      },
    );
  }

  await t.test(
    "a CachedImageSet that is deleted takes its children and their Pods along",
    async () => {
      await bench.create(imageSet("group", [slow(2), slow(3)]));
      const uid = await kubectl("get", "cimgset", "group", "-o", "jsonpath={.metadata.uid}");
      const child = (tag: number) =>
        ofSet("group", cachedImage(`group-${tag}`, slow(tag), under("fast")), uid);
      await hold(child(2), child(3));
      await kubectl("delete", "cimgset", "group", "--timeout=30s");
      await until(async () => (await names("cimg")).length === 0, {
        ...gone,
        what: "the children to go",
      });
      await until(areGone, gone);
      await door.become("open");
    },
  );

  await t.test("a node that comes back under its name is another one", async () => {
    const [, node] = bench.nodes;
    assert.ok(node);
    const reference = `${registry.host}/team/app:4`;
    await bench.create(cachedImage("kept", reference, under("fast")));
    const { lastPulledAt } = await images.when("kept", "on both nodes", isReady);
    await node.kubelet.stop();
    await kubectl("delete", "node", "node-b");
    const before = reconciler.pulls().length;
    const again = await startKubelet(kubernetes, node.containerd, { nodeName: "node-b" });
    t.after(() => again.stop());
    const seen = await images.when(
      "kept",
      "on both nodes again",
      (one) => one.ready === "2/2" && one.lastPulledAt !== lastPulledAt,
    );
    assert.deepEqual(seen.cachedNodes, ["node-a", "node-b"]);
    assert.deepEqual(reconciler.pulls().slice(before), [[reference]]);
    assert.deepEqual(await denials(reconciler), []);
  });

  await t.test("the whole of Drop goes, whatever it is doing", async () => {
    await hold(cachedImage("unfinished", slow(1), under("fast")));
    const startedAt = performance.now();
    const overlay = join(projectFolder, "kustomize", "overlays", "reconciler");
    await kubectl("delete", "-k", overlay, "--timeout=60s");
    await kubectl("delete", "-k", join(projectFolder, "crds"), "--timeout=60s");
    t.diagnostic(`everything was gone after ${Math.round(performance.now() - startedAt)} ms`);
    assert.deepEqual(await names("pods", "--all-namespaces"), []);
    const left = await names("namespaces,crds,clusterroles,clusterrolebindings");
    assert.deepEqual(
      left.filter((name) => name.includes("drop")),
      [],
    );
    assert.deepEqual(await heldBy(bench.node, [`${registry.host}/team/app:4`]), [
      `${registry.host}/team/app:4`,
    ]);
    await door.become("open");
    assert.equal(await reconciler.stop(), 0);
  });
});
