import assert from "node:assert/strict";
import { test } from "node:test";
import { podFacts } from "../../src/reconciler/facts/pod.ts";
import type { PodRequest, PullMethod } from "../../src/reconciler/model/pod.ts";
import { pullPodManifest } from "../../src/reconciler/pull-pod/manifest.ts";
import { pullPodName } from "../../src/reconciler/pull-pod/name.ts";
import { readPod } from "../../src/reconciler/pull-pod/reading.ts";
import { requireCluster, startCluster } from "../support/cluster.ts";
import {
  foreignArchitecture,
  imageCodeRan,
  pushImage,
  scratchImage,
  talkingImage,
} from "../support/images.ts";
import { apply, restrictedNamespace } from "../support/pull-pods.ts";
import { until } from "../support/until.ts";

const namespace = "pulls";

test("the Pods of the reconciler pull on a real node, and are read", async (t) => {
  if (!(await requireCluster(t))) return;
  const cluster = await startCluster({ crds: false });
  t.after(() => cluster.stop());
  const { kubernetes, registry, node, pauseImage, helperImage } = cluster;
  await apply(kubernetes, restrictedNamespace(namespace));
  const reference = (tag: string) => `${registry.host}/team/app:${tag}`;
  const digest = await pushImage(
    registry,
    "team/app",
    ["volume", "helper"],
    scratchImage("content"),
  );
  await pushImage(registry, "team/app", ["talking"], await talkingImage());
  const foreign = { ...scratchImage("foreign"), architectures: [foreignArchitecture], index: true };
  await pushImage(registry, "team/app", ["foreign"], foreign);

  const wanted = [
    ["Always", "pulled"],
    ["IfNotPresent", "pulled"],
    ["Always", "NotFound image"],
    ["Always", "PlatformMismatch platform"],
    ["Never", "NotPresent cell"],
  ] as const;

  function request(method: PullMethod, tags: readonly string[]): PodRequest {
    const items = tags.map((tag, at) => ({
      container: `image-${at + 1}`,
      reference: reference(tag),
      attempt: 1,
      pullPolicy: wanted[at]?.[0] ?? "Always",
      images: [`app-${tag}`],
    }));
    const node = { nodeName: "node-a", nodeUid: method, policyName: "gentle", method };
    return {
      work: { ...node, isRefresh: false, items },
      ...{ owners: [], tolerations: [{ operator: "Exists" }], imagePullSecrets: [] },
      activeDeadlineMs: 120_000,
    };
  }

  /** The Pod once every image of it has an outcome. */
  async function finished(name: string) {
    let raw: unknown;
    const reading = () => {
      const facts = podFacts(raw);
      return facts && readPod(facts);
    };
    const wait = { what: `an outcome of every image of ${name}`, withinMs: 90_000, everyMs: 250 };
    await until(async () => {
      const args = ["get", "pod", "-n", namespace, name, "-o", "json"];
      raw = JSON.parse((await kubernetes.kubectl(args)).stdout);
      return reading()?.isFinished === true;
    }, wait);
    return reading()?.outcomes ?? [];
  }

  for (const [method, short] of [
    ["image-volume", "volume"],
    ["helper", "helper"],
  ] as const) {
    await t.test(`by ${method}, each image has its own outcome`, async () => {
      const tags = [short, "talking", "none", "foreign", "absent"];
      const options = {
        ...{ namespace, pauseImage, helperImage, priorityClassName: undefined },
        ...{ labels: {}, annotations: {} },
      };
      await apply(kubernetes, pullPodManifest(request(method, tags), options));
      const name = pullPodName(method);
      const outcomes = await finished(name);
      assert.deepEqual(
        outcomes.map((one) =>
          one.type === "failed" ? `${one.failure.reason} ${one.failure.scope}` : one.type,
        ),
        wanted.map(([, outcome]) => outcome),
      );
      const [first] = outcomes;
      assert.ok(first?.type === "pulled");
      assert.equal(first.digest, method === "helper" ? digest : undefined);
      const logs = ["logs", "-n", namespace, name, "-c", "image-2"];
      assert.ok(!(await kubernetes.kubectl(logs)).stdout.includes(imageCodeRan));
      const held = await node.containerd.images();
      assert.ok(held.includes(reference(short)) && held.includes(reference("talking")));
      await kubernetes.kubectl(["delete", "pod", "-n", namespace, name, "--now"]);
    });
  }
});
