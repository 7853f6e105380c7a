import assert from "node:assert/strict";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { podFacts } from "../../../src/reconciler/facts/pod.ts";
import type { PodRequest, PullMethod } from "../../../src/reconciler/model/pod.ts";
import { PULL_POD_SELECTOR } from "../../../src/reconciler/pull-pod/labels.ts";
import { pullPodManifest } from "../../../src/reconciler/pull-pod/manifest.ts";
import { type Kubernetes, startKubernetes } from "../../support/kubernetes.ts";
import { unavailable } from "../../support/tools.ts";
import { item, NODE_UID, POD_OPTIONS } from "./pods.ts";

const METHODS = ["image-volume", "helper"] as const;
const GOLDEN = join(import.meta.dirname, "..", "..", "golden", "pull-pod");
const PINNED = `quay.io/acme/tool@sha256:${"3f5a".repeat(16)}`;

/** A Pod with something in every field. */
function full(method: PullMethod): PodRequest {
  return {
    work: {
      nodeName: "node-1",
      nodeUid: NODE_UID,
      policyName: "gentle",
      method,
      isRefresh: false,
      items: [
        item(1, { images: ["app-1", "app-one"] }),
        item(2, { reference: PINNED, attempt: 3, pullPolicy: "IfNotPresent" }),
        item(3, { pullPolicy: "Never" }),
      ],
    },
    owners: [
      { name: "app-one", uid: "0f8fad5b-d9cb-469f-a165-70867728950e" },
      { name: "app-1", uid: "7c9e6679-7425-40de-944b-e07fc1f90ae7" },
    ],
    tolerations: [
      { key: "dedicated", operator: "Equal", value: "ci", effect: "NoSchedule" },
      { operator: "Exists", effect: "NoExecute", tolerationSeconds: 5 },
    ],
    imagePullSecrets: ["registry-login"],
    activeDeadlineMs: 5_400_500,
  };
}

const OPTIONS = {
  ...POD_OPTIONS,
  priorityClassName: "system-node-critical",
  labels: { team: "platform", "app.kubernetes.io/managed-by": "somebody" },
  annotations: { "example.com/cost-centre": "42", "linkerd.io/inject": "enabled" },
};

for (const method of METHODS) {
  test(`the Pod that pulls by ${method} is as written down`, async () => {
    const path = join(GOLDEN, `${method}.json`);
    const text = `${JSON.stringify(pullPodManifest(full(method), OPTIONS), null, 2)}\n`;
    if (process.env["UPDATE_GOLDEN"] === "1") {
      await mkdir(GOLDEN, { recursive: true });
      await writeFile(path, text);
    }
    assert.equal(text, await readFile(path, "utf8"), "UPDATE_GOLDEN=1 writes the new one");
  });

  test(`a Pod by ${method} says itself what it does`, () => {
    const { work } = full(method);
    const manifest = JSON.parse(JSON.stringify(pullPodManifest(full(method), OPTIONS)));
    const facts = podFacts({ ...manifest, metadata: { ...manifest.metadata, uid: "u" } });
    assert.deepEqual(facts?.work, work);
    const stolen = { ...manifest.metadata, uid: "u", name: "pull-other" };
    assert.equal(podFacts({ ...manifest, metadata: stolen })?.work, undefined);
  });
}

test("a Pod names at most ten images and a hundred owners, whatever is asked for", () => {
  const owners = Array.from({ length: 300 }, (_, at) => ({ name: `app-${at}`, uid: `u${at}` }));
  const items = Array.from({ length: 12 }, (_, at) => item(at + 1));
  const base = full("helper");
  const work = { ...base.work, items };
  const manifest = JSON.parse(
    JSON.stringify(pullPodManifest({ ...base, owners, work }, POD_OPTIONS)),
  );
  assert.equal(manifest.metadata.ownerReferences.length, 100);
  assert.equal(manifest.spec.containers.length, 10);
});

describe("a real API server", {
  skip: await unavailable("kube-apiserver", "etcd", "kubectl"),
}, () => {
  let kubernetes: Kubernetes;

  before(async () => {
    kubernetes = await startKubernetes({ crds: false });
    const level = "restricted";
    const labels = {
      "pod-security.kubernetes.io/enforce": level,
      "pod-security.kubernetes.io/warn": level,
    };
    await made({ apiVersion: "v1", kind: "Namespace", metadata: { name: "drop-pulls", labels } });
    // No controller makes it here.
    const metadata = { name: "default", namespace: "drop-pulls" };
    await made({ apiVersion: "v1", kind: "ServiceAccount", metadata });
  });

  after(() => kubernetes?.stop());

  async function made(object: object, ...flags: string[]) {
    const args = ["create", "--validate=strict", "-o", "json", ...flags, "-f", "-"];
    const { code, stdout, stderr } = await kubernetes.kubectl(args, JSON.stringify(object));
    assert.equal(code, 0, stderr);
    // Warnings of the Pod Security level and of deprecated fields would stand here.
    assert.equal(stderr, "");
    return JSON.parse(stdout);
  }

  for (const method of METHODS) {
    test(`takes the Pod by ${method} under the level restricted, and keeps every field`, async () => {
      const manifest = JSON.parse(JSON.stringify(pullPodManifest(full(method), OPTIONS)));
      const held = await made(manifest, "--dry-run=server");
      const { tolerations, ...spec } = manifest.spec;
      assertWithin(spec, held.spec, "spec");
      assert.deepEqual(held.spec.tolerations.slice(0, 2), tolerations);
      assertWithin(manifest.metadata, held.metadata, "metadata");
      assert.deepEqual(podFacts(held)?.work, full(method).work);
    });
  }

  test("finds a pull Pod by its labels, and by its name refuses a second one", async () => {
    const pod = pullPodManifest(full("helper"), POD_OPTIONS);
    await made(pod);
    const args = ["get", "pods", "-n", "drop-pulls", "-l", PULL_POD_SELECTOR, "-o", "name"];
    assert.equal((await kubernetes.kubectl(args)).stdout, `pod/pull-${NODE_UID}\n`);
    const again = await kubernetes.kubectl(
      ["create", "-f", "-"],
      JSON.stringify(pullPodManifest(full("image-volume"), POD_OPTIONS)),
    );
    assert.match(again.stderr, /AlreadyExists/);
  });
});

/** Every field that was written is there as it was written; the server may add others. */
function assertWithin(written: unknown, held: unknown, path: string): void {
  if (Array.isArray(written) && Array.isArray(held)) {
    assert.equal(held.length, written.length, path);
    for (const [at, each] of written.entries()) assertWithin(each, held[at], `${path}[${at}]`);
    return;
  }
  if (typeof written !== "object" || written === null) {
    assert.deepEqual(held, written, path);
    return;
  }
  assert.ok(typeof held === "object" && held !== null, path);
  const heldEntries = new Map(Object.entries(held));
  for (const [key, each] of Object.entries(written)) {
    assertWithin(each, heldEntries.get(key), `${path}.${key}`);
  }
}
