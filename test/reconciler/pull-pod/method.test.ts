import assert from "node:assert/strict";
import { test } from "node:test";
import type { PullMethod } from "../../../src/reconciler/model/pod.ts";
import { pullMethodOf } from "../../../src/reconciler/pull-pod/method.ts";

const TABLE: readonly (readonly [string, string, PullMethod])[] = [
  ["v1.36.3", "containerd://2.4.2", "image-volume"],
  ["v1.35.0", "containerd://2.1.0", "image-volume"],
  ["v1.35.2+k3s1", "containerd://2.1.5-k3s1", "image-volume"],
  ["v1.36.0-eks-1a2b3c4", "containerd://v2.10.0-rc.1", "image-volume"],
  ["v2.0.0", "cri-o://1.31.0", "image-volume"],
  ["v1.36.3", "containerd://2.0.9", "helper"],
  ["v1.36.3", "containerd://1.7.27", "helper"],
  ["v1.36.3", "cri-o://1.30.9", "helper"],
  ["v1.36.3", "docker://28.1.1", "helper"],
  ["v1.36.3", "something://9.9.9", "helper"],
  ["v1.34.9", "containerd://2.4.2", "helper"],
  ["v1.9.3", "containerd://2.4.2", "helper"],
  ["v1.36.3", "containerd", "helper"],
  ["", "", "helper"],
  ["fake", "__proto__://2.4.2", "helper"],
];

for (const [kubeletVersion, containerRuntime, method] of TABLE) {
  test(`kubelet "${kubeletVersion}" with "${containerRuntime}" pulls by ${method}`, () => {
    assert.equal(pullMethodOf({ kubeletVersion, containerRuntime }, undefined), method);
  });
}

test("what was told goes before what the node says of itself", () => {
  const node = { kubeletVersion: "v1.36.3", containerRuntime: "containerd://2.4.2" };
  assert.equal(pullMethodOf(node, "helper"), "helper");
  const gated = { kubeletVersion: "v1.33.1", containerRuntime: "containerd://1.7.27" };
  assert.equal(pullMethodOf(gated, "image-volume"), "image-volume");
});

test("a kubelet without image volumes gets the helper, since it would run the Pod without pulling", () => {
  for (const kubeletVersion of ["v1.32.9", "v1.28.0", ""]) {
    const node = { kubeletVersion, containerRuntime: "containerd://2.4.2" };
    assert.equal(pullMethodOf(node, "image-volume"), "helper");
  }
});
