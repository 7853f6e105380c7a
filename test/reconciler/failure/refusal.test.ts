import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { classifyRefusal } from "../../../src/reconciler/failure/refusal.ts";
import type { FailureReason, FailureScope } from "../../../src/reconciler/model/failure.ts";

const POD = 'pods "pull-x" is forbidden: ';

const TABLE: readonly (readonly [number, string, FailureReason, FailureScope])[] = [
  [
    403,
    `${POD}exceeded quota: pulls, requested: pods=1, used: pods=10`,
    "QuotaExceeded",
    "namespace",
  ],
  [
    403,
    `${POD}failed quota: pulls: must specify limits.cpu for: image-1`,
    "QuotaExceeded",
    "namespace",
  ],
  [403, `${POD}status unknown for quota: pulls, resources: pods`, "QuotaExceeded", "namespace"],
  [
    403,
    `${POD}violates PodSecurity "restricted:latest": unrestricted capabilities`,
    "PodRejected",
    "pod",
  ],
  [
    403,
    `${POD}minimum memory usage per Container is 64Mi, but request is 8Mi`,
    "PodRejected",
    "pod",
  ],
  [400, 'admission webhook "validate.example.com" denied the request: no', "PodRejected", "pod"],
  [422, 'Pod "pull-x" is invalid: spec.volumes[0]: Required value', "PodRejected", "pod"],
  [
    ...([
      403,
      `${POD}User "system:serviceaccount:drop-system:drop" cannot create resource "pods"`,
    ] as const),
    ...(["PodRejected", "installation"] as const),
  ],
  [403, `${POD}no PriorityClass with name quiet was found`, "PodRejected", "installation"],
  [401, "Unauthorized", "PodRejected", "installation"],
  [404, 'namespaces "drop-pulls" not found', "PodRejected", "namespace"],
  [
    403,
    `${POD}unable to create new content in namespace drop-pulls because it is being terminated`,
    "PodRejected",
    "namespace",
  ],
  [
    403,
    `${POD}error looking up service account drop-pulls/default: serviceaccount "default" not found`,
    "PodRejected",
    "namespace",
  ],
  [
    500,
    'Internal error occurred: failed calling webhook "v.example.com": context deadline exceeded',
    "PodRejected",
    "namespace",
  ],
  [500, "etcdserver: request timed out", "Unknown", "namespace"],
  [429, "Too many requests, please try again later.", "Unknown", "namespace"],
  [503, "apiserver is shutting down", "Unknown", "namespace"],
  [0, "", "Unknown", "namespace"],
  [409, 'pods "pull-x" already exists', "Unknown", "cell"],
];

for (const [status, message, reason, scope] of TABLE) {
  test(`${status} "${message}" is ${reason} of the ${scope}`, () => {
    const failure = classifyRefusal({ status, reason: "", message });
    assert.deepEqual([failure.reason, failure.scope], [reason, scope]);
    if (message !== "") assert.equal(failure.message, message);
  });
}

test("any answer whatever is classified", () => {
  fc.assert(
    fc.property(fc.integer(), fc.string(), fc.string(), (status, reason, message) => {
      assert.ok(classifyRefusal({ status, reason, message }).message.length <= 1_024);
    }),
  );
});
