import assert from "node:assert/strict";
import { test } from "node:test";
import { startKubernetes } from "../support/kubernetes.ts";
import { kwokServerFlags, startKwok } from "../support/kwok.ts";
import {
  apply,
  helperPod,
  podWhen,
  restrictedNamespace,
  stateOf,
  succeeded,
  volumePod,
} from "../support/pull-pods.ts";
import { requireTool } from "../support/tools.ts";
import { until } from "../support/until.ts";

const namespace = "pulls";
const notFound = { reason: "ErrImagePull", message: 'failed to pull "IMAGE": not found' };
const rules = [
  { image: "/missing:", failure: notFound },
  { image: "/slow:", node: "node-7" },
];

test("a hundred fake nodes take Pods, whose pulls succeed, fail and hang as told", async (t) => {
  if (!(await requireTool(t, "kwok", "kube-apiserver", "etcd", "kubectl"))) return;
  const kubernetes = await startKubernetes({ crds: false, flags: kwokServerFlags });
  t.after(() => kubernetes.stop());
  const kwok = await startKwok(kubernetes, { rules, pullMs: [10, 200] });
  t.after(() => kwok.stop());
  const names = Array.from({ length: 100 }, (_, at) => `node-${at}`);
  const images = [{ names: ["registry.example.com/team/known:1"], sizeBytes: 1 }];
  await kwok.addNodes(names.map((name) => ({ name, labels: { pool: "fake" }, images })));
  await apply(kubernetes, restrictedNamespace(namespace));

  await t.test("each node is Ready and has what it was made with", async () => {
    const { stdout } = await kubernetes.kubectl(["get", "nodes", "-l", "pool=fake", "-o", "json"]);
    const { items } = JSON.parse(stdout);
    assert.equal(items.length, names.length);
    for (const { status } of items) {
      assert.deepEqual(status.images, images);
      assert.equal(status.nodeInfo.kubeletVersion, "v1.36.3");
      assert.equal(status.conditions[0].type, "Ready");
      assert.equal(status.conditions[0].status, "True");
    }
  });

  await t.test("a Pod on every node succeeds", async () => {
    const pulls = [{ name: "a", reference: "registry.example.com/team/app:1" }];
    await apply(
      kubernetes,
      ...names.map((nodeName) =>
        helperPod("helper:1", { namespace, name: nodeName, nodeName, pulls }),
      ),
    );
    const args = ["get", "pods", "-n", namespace, "--field-selector", "status.phase=Succeeded"];
    const ended = async () => (await kubernetes.kubectl([...args, "-o", "name"])).stdout;
    const wait = { what: "every Pod to succeed", withinMs: 60_000, everyMs: 500 };
    await until(async () => (await ended()).split("\n").length > names.length, wait);
    const { status } = await podWhen(kubernetes, [namespace, "node-3"], succeeded);
    const [container] = status.containerStatuses ?? [];
    assert.match(
      container?.imageID ?? "",
      /^registry\.example\.com\/team\/app@sha256:[0-9a-f]{64}$/,
    );
  });

  await t.test("each image of a Pod has an outcome of its own", async () => {
    const pulls = [
      { name: "good", reference: "registry.example.com/team/app:1" },
      { name: "bad", reference: "registry.example.com/team/missing:1" },
      { name: "slow", reference: "registry.example.com/team/slow:1" },
    ];
    await apply(
      kubernetes,
      volumePod("pause:1", { namespace, name: "mixed", nodeName: "node-7", pulls }),
    );
    const failed = (pod: Parameters<typeof stateOf>[0]) =>
      stateOf(pod, "bad").waiting?.reason === "ErrImagePull";
    const seen = await podWhen(kubernetes, [namespace, "mixed"], failed);
    assert.deepEqual(stateOf(seen, "bad").waiting, {
      reason: "ErrImagePull",
      message: 'failed to pull "registry.example.com/team/missing:1": not found',
    });
    assert.equal(stateOf(seen, "good").terminated?.exitCode, 0);
    assert.deepEqual(stateOf(seen, "slow").waiting, { reason: "ContainerCreating" });
  });

  await t.test("a deleted Pod goes", async () => {
    const { kubectl } = kubernetes;
    const args = ["delete", "pods", "-n", namespace, "--all", "--wait=false", "--grace-period=1"];
    await kubectl(args);
    const left = async () => (await kubectl(["get", "pods", "-n", namespace, "-o", "name"])).stdout;
    await until(async () => (await left()) === "", { what: "every Pod to go", withinMs: 60_000 });
  });
});
