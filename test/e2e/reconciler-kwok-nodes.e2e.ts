import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { isReady, type StatusSeen } from "../support/status-watch.ts";
import { requireTool } from "../support/tools.ts";
import { until } from "../support/until.ts";
import { startFleet } from "./reconciler/fleet.ts";
import { cachedImage, pullPolicy, under } from "./reconciler/objects.ts";
import type { PodLife } from "./reconciler/pod-history.ts";

const app = (name: string) => `registry.example.com/team/${name}:1`;
const inOne = { ...under("one") };

/** In the order in which a node gets them. */
const wanted = ["first", "a", "b", "last-a", "last-b"];
const priorities: Readonly<Record<string, number>> = { first: -1, "last-a": 7, "last-b": 7 };

test("nodes get their images in order, whenever they come", async (t) => {
  if (!(await requireTool(t, "kwok", "kube-apiserver", "etcd", "kubectl"))) return;
  const fleet = await startFleet(t, { pullMs: [50, 100] });
  const { pods, images, kubectl } = fleet;
  // Times of creation are whole seconds: those of one line are of the same age.
  for (const same of [["node-z", "node-y"], ["node-c"], ["node-a", "node-b"]]) {
    await fleet.addNodes(...same);
    await pause(1_100);
  }
  // The images first: until their policy is there, they wait.
  await fleet.create(
    ...wanted.toReversed().map((name) => {
      const priority = priorities[name];
      return cachedImage(name, app(name), {
        ...inOne,
        ...(priority !== undefined && { priority }),
      });
    }),
  );
  await fleet.reconcile({ flags: ["--max-images-per-pod", "2"] });
  const ready = (text: string) => (status: StatusSeen) => status.ready === text && isReady(status);
  async function allReady(text: string): Promise<void> {
    for (const name of wanted) await images.when(name, `ready on ${text}`, ready(text));
  }
  const after = (count: number) => pods.lives().slice(count);
  const said = ({ node, references }: PodLife) =>
    `${node}: ${references.map((reference) => /team\/(.*):/.exec(reference)?.[1]).join(" ")}`;

  await t.test(
    "lower priorities first, then by name; newer nodes first, then by name",
    async () => {
      await images.when("a", "without its policy", ({ phase }) => phase === "Pending");
      await fleet.create(pullPolicy("one", { maxConcurrentNodes: 1 }));
      await allReady("5/5");
      const batches = ["first a", "b last-a", "last-b"];
      const order = ["node-a", "node-b", "node-c", "node-y", "node-z"];
      assert.deepEqual(
        pods.lives().map(said),
        order.flatMap((node) => batches.map((batch) => `${node}: ${batch}`)),
      );
    },
  );

  await t.test("a node that joins gets everything, and Ready stays True", async () => {
    const [before, since] = [pods.lives().length, images.history("a").length];
    await fleet.addNodes("node-new");
    await allReady("6/6");
    assert.deepEqual(new Set(after(before).map(({ node }) => node)), new Set(["node-new"]));
    assert.deepEqual(after(before).flatMap(({ references }) => references).length, wanted.length);
    const statuses = images.history("a").slice(since);
    assert.ok(statuses.length > 0);
    assert.ok(statuses.every(({ status }) => isReady(status)));
  });

  await t.test("another machine under the same name is pulled anew", async () => {
    const before = pods.lives().length;
    const names = new Set(
      pods.lives().flatMap(({ node, name }) => (node === "node-c" ? [name] : [])),
    );
    await kubectl("delete", "node", "node-c");
    await fleet.addNodes("node-c");
    await until(
      () => after(before).flatMap(({ references }) => references).length === wanted.length,
      {
        what: "its images to be pulled again",
        withinMs: 30_000,
      },
    );
    assert.deepEqual(new Set(after(before).map(({ node }) => node)), new Set(["node-c"]));
    for (const { name } of after(before))
      assert.ok(!names.has(name), "the Pods' name is the uid's");
    await until(() => pods.present().length === 0, { what: "its Pods to be gone" });
    await allReady("6/6");
  });

  await t.test("a tainted and a cordoned node wait, unless they are tolerated", async () => {
    const before = pods.lives().length;
    const taint = { key: "dedicated", value: "builds", effect: "NoSchedule" };
    await fleet.addNodes(
      { name: "tainted", spec: { taints: [taint] } },
      { name: "cordoned", spec: { unschedulable: true } },
    );
    const toleration = { key: "dedicated", operator: "Exists" };
    await fleet.create(
      cachedImage("tolerant", app("tolerant"), { ...inOne, tolerations: [toleration] }),
    );
    await images.when("tolerant", "on the tainted one too", ready("7/7"));
    const early = after(before).filter(({ references }) => !references.includes(app("tolerant")));
    assert.deepEqual(early, []);
    assert.ok(after(before).some(({ node }) => node === "tainted"));
    assert.ok(!after(before).some(({ node }) => node === "cordoned"));
    await kubectl("taint", "node", "tainted", "dedicated-");
    await kubectl("uncordon", "cordoned");
    await allReady("8/8");
    await images.when("tolerant", "everywhere", ready("8/8"));
  });

  await t.test(
    "a node that is tainted later counts no more, and comes back with its images",
    async () => {
      await until(() => pods.present().length === 0, { what: "every Pod to be gone" });
      const before = pods.lives().length;
      await kubectl("taint", "node", "node-a", "dedicated=builds:NoSchedule");
      await images.when("a", "ready on one less", ready("7/7"));
      await kubectl("taint", "node", "node-a", "dedicated-");
      await images.when("a", "ready on all", ready("8/8"));
      assert.deepEqual(after(before), []);
    },
  );
});
