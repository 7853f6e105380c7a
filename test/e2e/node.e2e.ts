import assert from "node:assert/strict";
import { test } from "node:test";
import { requireCluster, startCluster } from "../support/cluster.ts";
import { pushImage, scratchImage } from "../support/images.ts";
import {
  apply,
  helperPod,
  type PodSeen,
  podWhen,
  restrictedNamespace,
  stateOf,
  succeeded,
  volumePod,
} from "../support/pull-pods.ts";

const namespace = "pulls";
const nodeName = "node-a";

/** Kubelet says the same of a failed pull and, in other words first, of the wait that follows. */
function isRefused(pod: PodSeen): boolean {
  const { reason = "" } = stateOf(pod, "missing").waiting ?? {};
  return ["ErrImagePull", "ImagePullBackOff"].includes(reason);
}

test("a real node pulls images in both ways and says why it cannot", async (t) => {
  if (!(await requireCluster(t))) return;
  const cluster = await startCluster({ crds: false });
  t.after(() => cluster.stop());
  const { kubernetes, registry, node } = cluster;
  await apply(kubernetes, restrictedNamespace(namespace));
  const digest = await pushImage(registry, "team/scratch", ["1", "2"], scratchImage("content"));
  const reference = `${registry.host}/team/scratch`;

  await t.test("the node is Ready and names its versions", async () => {
    const { stdout } = await kubernetes.kubectl(["get", "node", nodeName, "-o", "json"]);
    const { nodeInfo } = JSON.parse(stdout).status;
    assert.deepEqual(
      [nodeInfo.kubeletVersion, nodeInfo.containerRuntimeVersion],
      ["v1.36.3", "containerd://2.4.2"],
    );
  });

  await t.test("an image that nothing in it could run is pulled by mounting it", async () => {
    const pulls = [{ name: "a", reference: `${reference}:1`, pullPolicy: "Always" as const }];
    await apply(
      kubernetes,
      volumePod(cluster.pauseImage, { namespace, name: "volume", nodeName, pulls }),
    );
    const seen = await podWhen(kubernetes, [namespace, "volume"], succeeded);
    assert.equal(stateOf(seen, "a").terminated?.exitCode, 0);
    assert.ok((await node.containerd.images()).includes(`${reference}:1`));
  });

  await t.test("a program copied into the image pulls it too, and its digest is told", async () => {
    const pulls = [{ name: "a", reference: `${reference}:2` }];
    await apply(
      kubernetes,
      helperPod(cluster.helperImage, { namespace, name: "helper", nodeName, pulls }),
    );
    const { status } = await podWhen(kubernetes, [namespace, "helper"], succeeded);
    assert.equal(status.containerStatuses?.[0]?.imageID, `${reference}@${digest}`);
    assert.ok((await node.containerd.images()).includes(`${reference}:2`));
  });

  await t.test(
    "a missing tag fails with the registry's words while its neighbour succeeds",
    async () => {
      const pulls = [
        { name: "good", reference: `${reference}:1` },
        { name: "missing", reference: `${reference}:none` },
      ];
      await apply(
        kubernetes,
        volumePod(cluster.pauseImage, { namespace, name: "missing", nodeName, pulls }),
      );
      const seen = await podWhen(
        kubernetes,
        [namespace, "missing"],
        (pod) => isRefused(pod) && stateOf(pod, "good").terminated !== undefined,
      );
      assert.match(stateOf(seen, "missing").waiting?.message ?? "", /:none: not found/);
      assert.equal(stateOf(seen, "good").terminated?.exitCode, 0);
    },
  );

  await t.test("an image that was removed from the node is gone", async () => {
    await node.containerd.removeImage(`${reference}:1`);
    assert.ok(!(await node.containerd.images()).includes(`${reference}:1`));
  });
});
