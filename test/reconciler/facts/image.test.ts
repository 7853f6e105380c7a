import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { imageFacts } from "../../../src/reconciler/facts/image.ts";

const DIGEST = `sha256:${"3f5a".repeat(16)}`;

function raw(spec: unknown, over: { readonly metadata?: object; readonly status?: unknown } = {}) {
  const metadata = {
    ...{ name: "app", uid: "u", generation: 3, creationTimestamp: "2026-01-02T03:04:05Z" },
    ...{ resourceVersion: "7", managedFields: [{ manager: "kubectl" }], annotations: { a: "b" } },
    ...over.metadata,
  };
  return { metadata, spec, ...("status" in over && { status: over.status }) };
}

function facts(object: unknown) {
  const found = imageFacts(object);
  assert.ok(found);
  return found;
}

function specOf(object: unknown) {
  const { spec } = facts(object);
  assert.ok(typeof spec !== "string", String(spec));
  return spec;
}

test("an item of a list, without kind and version, is read with its defaults", () => {
  assert.deepEqual(facts(raw({ image: "nginx" })), {
    name: "app",
    uid: "u",
    generation: 3,
    createdAt: Date.parse("2026-01-02T03:04:05Z"),
    isDeleting: false,
    origin: undefined,
    setName: undefined,
    spec: {
      reference: "docker.io/library/nginx:latest",
      registryHost: "docker.io",
      isPinned: false,
      imagePullPolicy: "Always",
      imagePullSecrets: [],
      nodeSelector: {},
      tolerations: [],
      priority: 0,
      policyName: undefined,
      isSuspended: false,
    },
    status: {},
  });
});

test("a spec with every field is read whole", () => {
  const tolerations = [{ key: "dedicated", operator: "Exists" }];
  const spec = {
    ...{ image: "registry.example.com:5000/acme/app", digest: DIGEST, imagePullPolicy: "Never" },
    imagePullSecrets: [{ name: "b" }, { name: "a" }],
    ...{ nodeSelector: { pool: "ci" }, tolerations, priority: -5 },
    ...{ policyRef: { name: "gentle" }, suspend: true },
  };
  assert.deepEqual(specOf(raw(spec)), {
    reference: `registry.example.com:5000/acme/app@${DIGEST}`,
    registryHost: "registry.example.com:5000",
    isPinned: true,
    imagePullPolicy: "Never",
    imagePullSecrets: ["a", "b"],
    nodeSelector: { pool: "ci" },
    tolerations,
    priority: -5,
    policyName: "gentle",
    isSuspended: true,
  });
});

test("a spec with mistakes says which, and how to correct them", () => {
  const { spec } = facts(raw({ image: "nginx:1.27", tag: 1 }));
  assert.ok(typeof spec === "string");
  assert.match(spec, /^spec\.image: .*carries a tag.*spec\.tag: /);
  assert.equal(typeof facts(raw(undefined)).spec, "string");
  assert.equal(typeof facts({ metadata: { name: "app", uid: "u" } }).spec, "string");
});

describe("the set of an image", () => {
  const drop = { "app.kubernetes.io/managed-by": "drop", "drop.corewire.io/imageset": "labelled" };
  const owner = { apiVersion: "drop.corewire.io/v1alpha1", kind: "CachedImageSet", name: "owner" };
  const table = [
    ["its owner", { ownerReferences: [owner], labels: drop }, "owner"],
    ["the one that Drop's labels name", { labels: drop }, "labelled"],
    [
      "none where somebody else wrote the label",
      { labels: { ...drop, "app.kubernetes.io/managed-by": "x" } },
      undefined,
    ],
    [
      "none where the owner is of another group",
      { ownerReferences: [{ ...owner, apiVersion: "v1" }] },
      undefined,
    ],
    [
      "that of an owner of a later version",
      { ownerReferences: [{ ...owner, apiVersion: "drop.corewire.io/v2" }] },
      "owner",
    ],
  ] as const;
  for (const [what, metadata, expected] of table) {
    test(`is ${what}`, () => {
      assert.equal(facts(raw({ image: "nginx" }, { metadata })).setName, expected);
    });
  }
});

test("the origin is one of Drop's two words, or none", () => {
  const of = (origin: string) =>
    facts(raw({ image: "nginx" }, { metadata: { labels: { "drop.corewire.io/origin": origin } } }))
      .origin;
  assert.deepEqual(["static", "discovered", "made up"].map(of), [
    "static",
    "discovered",
    undefined,
  ]);
});

describe("the status", () => {
  test("is taken as it is where the CRD would take it", () => {
    const status = {
      ...{ observedGeneration: 2, phase: "Ready", reference: "docker.io/library/nginx:latest" },
      ...{ cachedNodes: ["a", "b"], lastPulledAt: "2026-01-02T03:04:05Z" },
      failedNodes: [{ node: "c", reason: "NotFound", attempts: 2 }],
      conditions: [{ type: "Ready", status: "True" }],
    };
    assert.deepEqual(facts(raw({ image: "nginx" }, { status })).status, status);
  });

  test("loses only the fields that are not as they should be", () => {
    const status = {
      ...{ cachedNodes: ["a"], phase: "Brilliant", lastPulledAt: "yesterday", later: true },
      ...{ failedNodes: [{ node: 1 }], nodesReady: 1 },
    };
    const found = facts(raw({ image: "nginx" }, { status }));
    assert.deepEqual(found.status, { cachedNodes: ["a"], nodesReady: 1 });
    assert.notEqual(typeof found.spec, "string", "the spec is none the worse for it");
  });
});

test("any JSON in an image is read", () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.jsonValue(), fc.jsonValue(), (metadata, spec, status) => {
      imageFacts({ metadata, spec, status });
      facts({
        metadata: { name: "n", uid: "u", labels: metadata, ownerReferences: spec },
        spec,
        status,
      });
    }),
  );
  for (const nothing of [undefined, null, 1, [], {}]) assert.equal(imageFacts(nothing), undefined);
});
