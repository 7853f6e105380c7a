import assert from "node:assert/strict";
import { test } from "node:test";
import { requireCluster } from "../support/cluster.ts";
import { pushImage, scratchImage } from "../support/images.ts";
import type { Reconciler } from "../support/reconciler.ts";
import { isReady } from "../support/status-watch.ts";
import { until } from "../support/until.ts";
import { denials, startBench } from "./reconciler/bench.ts";
import { cachedImage, pullPolicy, under } from "./reconciler/objects.ts";

const nodes = [{ nodeName: "node-a" }, { nodeName: "node-b" }];

test("of several replicas one works, and another takes over", async (t) => {
  if (!(await requireCluster(t))) return;
  const bench = await startBench(t, { nodes });
  const { registry, images, kubectl } = bench;
  await pushImage(registry, "team/app", ["1", "2", "3", "4"], scratchImage("app"));
  await bench.create(pullPolicy("fast"));
  const wanted = (tag: number) =>
    cachedImage(`app-${tag}`, `${registry.host}/team/app:${tag}`, under("fast"));
  const when = (one: Reconciler, what: string) => one.log().find(({ msg }) => msg === what)?.seenAt;
  const leads = (one: Reconciler) => when(one, "leading") !== undefined;
  const holder = () =>
    kubectl(
      "get",
      "lease",
      "drop-reconciler",
      "-n",
      "drop-system",
      "-o",
      "jsonpath={.spec.holderIdentity}",
    );
  /** Milliseconds from a time until a replica leads, and until it has made a node pull. */
  async function takeover(by: Reconciler, from: number): Promise<readonly [number, number]> {
    const acts = () => when(by, "pulling") !== undefined;
    await until(acts, { what: "the other one to act", withinMs: 60_000 });
    return [(when(by, "leading") ?? 0) - from, (when(by, "pulling") ?? 0) - from];
  }

  const first = await bench.reconcile({ identity: "first" });
  await until(() => leads(first), { what: "the first to lead", withinMs: 30_000 });
  const second = await bench.reconcile({ identity: "second" });

  await t.test("one of two acts, and the other follows", async () => {
    await bench.create(wanted(1));
    await images.when("app-1", "on both nodes", isReady);
    await until(() => when(second, "another replica leads") !== undefined, {
      what: "it to follow",
    });
    assert.equal(await holder(), "first");
    assert.deepEqual([leads(second), second.pulls().length], [false, 0]);
    assert.ok(first.pulls().length > 0);
  });

  await t.test("a leader that is killed is replaced within 20 s", async () => {
    const from = performance.now();
    first.kill();
    await bench.create(wanted(2));
    const [led, acted] = await takeover(second, from);
    t.diagnostic(`after kill -9: leading ${Math.round(led)} ms, acting ${Math.round(acted)} ms`);
    assert.ok(led < 20_000, `${led} ms`);
    await images.when("app-2", "on both nodes", isReady);
    assert.equal(await holder(), "second");
  });

  await t.test("a leader that is told to end hands over at once, and the delay holds", async () => {
    const next = await bench.reconcile({ identity: "third" });
    await until(() => when(next, "another replica leads") !== undefined, { what: "it to follow" });
    await bench.create(
      pullPolicy("slow", { maxConcurrentNodes: 1, minDelayBetweenPulls: "12s" }),
      cachedImage("app-3", `${registry.host}/team/app:3`, under("slow")),
    );
    const started = () =>
      second
        .log()
        .findLast(({ msg, images }) => msg === "pulling" && String(images).includes("app:3"));
    await until(() => started() !== undefined, {
      what: "the first node to pull",
      withinMs: 30_000,
    });
    const from = performance.now();
    assert.equal(await second.stop(), 0);
    const led = () => when(next, "leading") ?? 0;
    await until(() => led() > 0, { what: "the third to lead", withinMs: 30_000 });
    t.diagnostic(`after SIGTERM: leading ${Math.round(led() - from)} ms`);
    assert.ok(led() - from < 20_000);
    await images.when("app-3", "on both nodes", isReady);
    const between = (when(next, "pulling") ?? 0) - (started()?.seenAt ?? 0);
    t.diagnostic(`between the starts on two nodes, over the handover: ${Math.round(between)} ms`);
    assert.ok(between >= 11_000, `${between} ms`);
    assert.deepEqual(await denials(next), []);
  });
});
