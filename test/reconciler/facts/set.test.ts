import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { setFacts } from "../../../src/reconciler/facts/set.ts";

const metadata = { name: "base", uid: "u", generation: 2 };

test("a set is read with its images as the references that its children have", () => {
  const digest = `sha256:${"3f5a".repeat(16)}`;
  const images = [
    { image: "redis", tag: "7" },
    { image: "index.docker.io/library/redis", tag: "7" },
    { image: "quay.io/acme/app", digest },
    { image: "nginx" },
  ];
  const status = { imagesManaged: 3, conditions: [{ type: "Rendered", status: "True" }], odd: 1 };
  const spec = { images, discoveryPolicyRef: { name: "popular" }, suspend: true };
  assert.deepEqual(setFacts({ metadata, spec, status }), {
    name: "base",
    uid: "u",
    generation: 2,
    isDeleting: false,
    staticReferences: [
      "docker.io/library/nginx:latest",
      "docker.io/library/redis:7",
      `quay.io/acme/app@${digest}`,
    ],
    hasDiscovery: true,
    isSuspended: true,
    status: { imagesManaged: 3, conditions: [{ type: "Rendered", status: "True" }] },
  });
});

test("an image that is no reference stays, so that the set waits for a child that never comes", () => {
  const spec = { images: [{ image: "NGINX", tag: "1" }] };
  const found = setFacts({ metadata, spec });
  assert.deepEqual(found?.staticReferences, ["NGINX:1"]);
  assert.deepEqual([found?.hasDiscovery, found?.isSuspended, found?.status], [false, false, {}]);
});

test("any JSON in a set is read", () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.jsonValue(), (spec, status) => {
      assert.equal(setFacts({ metadata, spec: { images: spec }, status })?.name, "base");
      setFacts({ metadata: spec, spec, status });
    }),
  );
});
