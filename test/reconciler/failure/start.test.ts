import assert from "node:assert/strict";
import { test } from "node:test";
import { classifyStart } from "../../../src/reconciler/failure/start.ts";
import type { FailureReason } from "../../../src/reconciler/model/failure.ts";

const HEX = "3f5a".repeat(16);

/** After the image was pulled; undefined where it is on the node although the container could not be made. */
const TABLE: readonly (readonly [FailureReason | undefined, string])[] = [
  [undefined, 'failed to create containerd task: exec: "/drop/true": exec format error'],
  [undefined, "context deadline exceeded"],
  [undefined, 'failed to reserve container name "image-1_pull": name is reserved'],
  [undefined, 'failed to mount image volume: ImageVolumeMountFailed: mount source: "overlay"'],
  [undefined, 'failed to apply OCI options: failed to mkdir "": mkdir : no such file or directory'],
  [undefined, "write /var/lib/kubelet/pods/x/etc-hosts: no space left on device"],
  ["Unknown", `error unpacking image: failed to extract layer sha256:${HEX}: failed to get reader`],
  [
    "Unknown",
    `error unpacking image: failed to resolve rootfs: content digest sha256:${HEX}: not found`,
  ],
  ["Unknown", 'failed to resolve image "sha256:abc": not found'],
  ["Unknown", "image not known"],
  ["DiskPressure", `failed to extract layer sha256:${HEX}: no space left on device: unknown`],
];

for (const [expected, message] of TABLE) {
  for (const method of ["helper", "image-volume"] as const) {
    test(`by ${method}, "${message}" means ${expected ?? "that the image is there"}`, () => {
      const reference = "docker.io/acme/app:1";
      const seen = { reason: "CreateContainerError", message, method, reference };
      assert.equal(classifyStart({ ...seen, toolImage: undefined })?.reason, expected);
    });
  }
}
