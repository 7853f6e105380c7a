import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { createNamePool } from "../../../src/reconciler/facts/name-pool.ts";
import { nodeFacts } from "../../../src/reconciler/facts/node.ts";

/** A node as kubelet reports it, its needless fields mostly left out. */
const NODE = {
  apiVersion: "v1",
  kind: "Node",
  metadata: {
    name: "node-1",
    uid: "1b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed",
    creationTimestamp: "2026-01-02T03:04:05Z",
    labels: { "kubernetes.io/arch": "amd64", pool: "ci" },
    annotations: { "example.com/needless": "x" },
    managedFields: [{ manager: "kubelet" }],
  },
  spec: {
    podCIDR: "10.0.0.0/24",
    unschedulable: true,
    taints: [
      { key: "node.kubernetes.io/unschedulable", effect: "NoSchedule" },
      { key: "dedicated", value: "ci", effect: "NoExecute", timeAdded: "2026-01-02T03:04:05Z" },
    ],
  },
  status: {
    capacity: { cpu: "8" },
    conditions: [
      { type: "DiskPressure", status: "False", lastHeartbeatTime: "2026-01-02T03:04:05Z" },
      { type: "Ready", status: "True" },
    ],
    nodeInfo: {
      ...{ architecture: "amd64", operatingSystem: "linux", kernelVersion: "6.1" },
      ...{ kubeletVersion: "v1.36.3", containerRuntimeVersion: "containerd://2.4.2" },
    },
    images: [
      { names: ["quay.io/acme/b:1", "nginx:1.27"], sizeBytes: 1 },
      { names: ["docker.io/library/nginx:1.27", "<none>:<none>", "registry.example.com/a"] },
    ],
  },
};

function facts(raw: unknown) {
  const found = nodeFacts(raw, createNamePool());
  assert.ok(found);
  return found;
}

test("a node is read as far as Drop needs it, and no further", () => {
  assert.deepEqual(facts(NODE), {
    name: "node-1",
    uid: "1b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed",
    createdAt: Date.parse("2026-01-02T03:04:05Z"),
    labels: { "kubernetes.io/arch": "amd64", pool: "ci" },
    taints: [
      { key: "node.kubernetes.io/unschedulable", value: "", effect: "NoSchedule" },
      { key: "dedicated", value: "ci", effect: "NoExecute" },
    ],
    isUnschedulable: true,
    isDeleting: false,
    isReady: true,
    hasDiskPressure: false,
    operatingSystem: "linux",
    architecture: "amd64",
    kubeletVersion: "v1.36.3",
    containerRuntime: "containerd://2.4.2",
    images: {
      names: ["docker.io/library/nginx:1.27", "quay.io/acme/b:1", "registry.example.com/a:latest"],
      entryCount: 2,
      hasFullEntry: false,
    },
  });
});

const OLD = `sha256:${"0".repeat(64)}`;
const NEW = `sha256:${"1".repeat(64)}`;

test("a tag's digest is told by its own entry where the list has several of the repository", () => {
  const web = "registry.example.com:5000/web";
  const lists = [
    [[[`${web}@${NEW}`, `${web}:1`], [`${web}@${OLD}`]], [[`${web}:1`, NEW]]],
    [
      [
        [`${web}@${NEW}`, `${web}:1`],
        [`${web}@${OLD}`, `${web}:2`],
      ],
      [
        [`${web}:1`, NEW],
        [`${web}:2`, OLD],
      ],
    ],
    [[[`${web}@${NEW}`, `${web}@${OLD}`, `${web}:1`]], []],
    [[[`${web}@${NEW}`, `${web}:1`], [`${web}2@${OLD}`]], []],
    [[[`${web}@${NEW}`], [`${web}@${OLD}`], [`${web}:1`]], []],
  ] as const;
  for (const [images, digests] of lists) {
    const raw = { ...NODE, status: { images: images.map((names) => ({ names })) } };
    assert.deepEqual([...(facts(raw).images.digests ?? [])], digests);
  }
});

test("a node that has said nothing yet is not ready and holds nothing", () => {
  const { metadata } = NODE;
  const found = facts({ metadata: { ...metadata, deletionTimestamp: "2026-01-02T03:04:05Z" } });
  assert.equal(found.isReady, false);
  assert.equal(found.isDeleting, true);
  assert.equal(found.architecture, "amd64", "of the label");
  assert.deepEqual(found.images, { names: [], entryCount: 0, hasFullEntry: false });
});

test("a node that does not answer is not ready", () => {
  const conditions = [
    { type: "Ready", status: "Unknown" },
    { type: "DiskPressure", status: "True" },
  ];
  const found = facts({ ...NODE, status: { ...NODE.status, conditions } });
  assert.deepEqual([found.isReady, found.hasDiskPressure], [false, true]);
});

test("an entry with five names is full, since kubelet leaves out the sixth", () => {
  const names = ["a", "b", "c", "d", "e"].map((name) => `quay.io/acme/${name}:1`);
  const of = (count: number) => ({ images: [{ names: names.slice(0, count) }] });
  assert.equal(facts({ ...NODE, status: of(4) }).images.hasFullEntry, false);
  assert.equal(facts({ ...NODE, status: of(5) }).images.hasFullEntry, true);
});

test("what has no name or uid is no node", () => {
  for (const raw of [undefined, null, 1, "x", [], {}, { metadata: { name: "n" } }]) {
    assert.equal(nodeFacts(raw, createNamePool()), undefined);
  }
});

test("any JSON in a node is read, also under names of JavaScript's own", () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.jsonValue(), fc.jsonValue(), (metadata, spec, status) => {
      nodeFacts({ metadata, spec, status }, createNamePool());
      const known = { name: "n", uid: "u", labels: metadata };
      facts({
        metadata: known,
        spec: { taints: spec },
        status: { images: status, conditions: spec },
      });
    }),
  );
  const raw = JSON.parse('{"metadata":{"name":"n","uid":"u","labels":{"__proto__":"x","a":"b"}}}');
  assert.deepEqual(Object.entries(facts(raw).labels), [
    ["__proto__", "x"],
    ["a", "b"],
  ]);
});

describe("the pool of names", () => {
  test("gives equal names the one text that came first", () => {
    const pool = createNamePool();
    assert.equal(pool.nameOf("nginx"), "docker.io/library/nginx:latest");
    assert.equal(pool.nameOf("docker.io/library/nginx:latest"), "docker.io/library/nginx:latest");
    assert.equal(pool.nameOf("<none>@<none>"), undefined);
    assert.equal(pool.nameOf("<none>@<none>"), undefined);
  });

  test("is right however many names it has forgotten", () => {
    const pool = createNamePool(3);
    fc.assert(
      fc.property(fc.array(fc.nat(12)), (numbers) => {
        for (const n of numbers) assert.equal(pool.nameOf(`a/b:${n}`), `docker.io/a/b:${n}`);
      }),
    );
  });
});
