import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { podFacts } from "../../../src/reconciler/facts/pod.ts";
import { ended, item, NODE_UID, seen, waiting } from "../pull-pod/pods.ts";

test("a pull Pod is read with its containers and its work, and no further", () => {
  const failed = waiting("ErrImagePull", "denied: denied");
  const done = ended(0, {}, "sha256:abc");
  const conditions = [{ type: "PodReadyToStartContainers", status: "True" }];
  const pod = seen({ method: "image-volume", statuses: [failed, done], status: { conditions } });
  const image = "registry.k8s.io/pause:3.10";
  assert.deepEqual(pod, {
    name: `pull-${NODE_UID}`,
    uid: "u",
    nodeName: "node-1",
    createdAt: Date.parse("2026-01-02T03:00:00Z"),
    startedAt: Date.parse("2026-01-02T03:00:01Z"),
    hasSandbox: true,
    isDeleting: false,
    phase: "Pending",
    reason: "",
    message: "",
    containers: [
      {
        ...{ name: "image-1", state: "waiting", reason: "ErrImagePull", message: "denied: denied" },
        ...{ exitCode: undefined, finishedAt: undefined, imageId: "", image },
        volumeImage: "registry.example.com/team/app:1",
      },
      {
        ...{ name: "image-2", state: "terminated", reason: "Completed", message: "", exitCode: 0 },
        ...{ finishedAt: Date.parse("2026-01-02T03:04:05Z"), imageId: "sha256:abc", image },
        volumeImage: "registry.example.com/team/app:2",
      },
    ],
    initContainers: [],
    work: {
      ...{ nodeName: "node-1", nodeUid: NODE_UID, policyName: undefined, method: "image-volume" },
      ...{ isRefresh: false, items: [item(1), item(2)] },
    },
  });
});

test("a sandbox that kubelet says nothing of is neither there nor not", () => {
  const of = (status: string) =>
    seen({
      method: "helper",
      statuses: [{}],
      status: { conditions: [{ type: "PodReadyToStartContainers", status }] },
    }).hasSandbox;
  assert.deepEqual(["True", "False", "Unknown"].map(of), [true, false, undefined]);
});

test("a Pod without name or uid is none, and one without work of Drop's has none", () => {
  for (const raw of [undefined, null, [], {}, { metadata: { name: "x" } }]) {
    assert.equal(podFacts(raw), undefined);
  }
  assert.equal(podFacts({ metadata: { name: "x", uid: "u" } })?.work, undefined);
});

test("any JSON in a Pod is read", () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.jsonValue(), fc.jsonValue(), (one, spec, status) => {
      podFacts({ metadata: one, spec, status });
      const metadata = { name: "n", uid: "u", annotations: one };
      const parts = { containers: spec, volumes: one, initContainers: one };
      const states = { containerStatuses: status, initContainerStatuses: one, conditions: one };
      assert.equal(podFacts({ metadata, spec: parts, status: states })?.name, "n");
      const odd = [{ name: "a", state: status }];
      podFacts({ metadata, spec: { containers: odd }, status: { containerStatuses: odd } });
    }),
  );
});
