import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import type { PodWork, WorkItem } from "../../../src/reconciler/model/pod.ts";
import {
  MAX_NAMES,
  POLICY_ANNOTATION,
  parseWork,
  WORK_ANNOTATION,
  workAnnotations,
} from "../../../src/reconciler/pull-pod/annotations.ts";
import { item, NODE_UID } from "./pods.ts";

const name = fc.stringMatching(/^[a-z0-9]([-a-z0-9.]{0,40}[a-z0-9])?$/);
const reference = fc.oneof(
  fc.stringMatching(
    /^(quay\.io|docker\.io|r\.example\.com:5000)\/[a-z]{1,8}\/[a-z]{1,8}:[a-z0-9]{1,8}$/,
  ),
  fc.stringMatching(/^ghcr\.io\/[a-z]{1,8}@sha256:[0-9a-f]{64}$/),
);

const items: fc.Arbitrary<readonly WorkItem[]> = fc
  .array(
    fc.record(
      {
        reference,
        attempt: fc.integer({ min: 1, max: 2 ** 31 }),
        pullPolicy: fc.constantFrom("Always", "IfNotPresent", "Never"),
        images: fc.array(name, { maxLength: MAX_NAMES }),
      },
      { noNullPrototype: true },
    ),
    { minLength: 1, maxLength: 10 },
  )
  .map((list) => list.map((each, at) => ({ container: `image-${at + 1}`, ...each })));

const work: fc.Arbitrary<PodWork> = fc.record(
  {
    nodeName: name,
    nodeUid: fc.uuid(),
    policyName: fc.option(name, { nil: undefined }),
    method: fc.constantFrom("image-volume", "helper"),
    isRefresh: fc.boolean(),
    items,
  },
  { noNullPrototype: true },
);

test("what is written is read again", () => {
  fc.assert(
    fc.property(work, (written) => {
      assert.deepEqual(parseWork(workAnnotations(written), written.nodeName), written);
    }),
  );
});

function one(over: Partial<WorkItem> = {}): PodWork {
  const node = { nodeName: "node-1", nodeUid: NODE_UID, policyName: "slow", isRefresh: false };
  return { ...node, method: "helper", items: [item(1, over)] };
}

test("the annotations of the largest Pod fit into an object of Kubernetes, and are read again", () => {
  const long = "x".repeat(253);
  const reference = `${"a".repeat(60)}.example.com/${"b".repeat(182)}@sha512:${"0".repeat(128)}`;
  const images = Array.from({ length: 1_000 }, () => long);
  const full = Array.from({ length: 10 }, (_, at) => item(at + 1, { reference, images }));
  const annotations = workAnnotations({ ...one(), policyName: long, items: full });
  assert.ok(JSON.stringify(annotations).length < 128 * 1_024);
  const read = parseWork(annotations, "node-1");
  assert.equal(read?.items.length, 10);
  assert.equal(read?.items[9]?.images.length, MAX_NAMES);
});

describe("annotations that Drop did not write so are not read", () => {
  const good = workAnnotations(one());
  const json = good[WORK_ANNOTATION] ?? "";
  const changed = (change: (work: Record<string, unknown>) => unknown) => {
    const value = JSON.parse(json);
    return JSON.stringify(change(value) ?? value);
  };
  const withItem = (over: object) =>
    changed((value) => ({ ...value, items: [{ ...item(1), ...over }] }));
  const table: Readonly<Record<string, string>> = {
    "no JSON": "{",
    "not an object": "[]",
    null: "null",
    "another version": changed((value) => ({ ...value, version: 2 })),
    "another way to pull": changed((value) => ({ ...value, method: "socket" })),
    "no uid": changed((value) => ({ ...value, nodeUid: "" })),
    "no items": changed((value) => ({ ...value, items: [] })),
    "eleven items": changed((value) => ({
      ...value,
      items: Array.from({ length: 11 }, (_, at) => item(at)),
    })),
    "one container twice": changed((value) => ({ ...value, items: [item(1), item(1)] })),
    "one item that is none": changed((value) => ({ ...value, items: [item(1), null] })),
    "a short name": withItem({ reference: "nginx" }),
    "no reference": withItem({ reference: "docker.io/library/NGINX:1" }),
    "attempt zero": withItem({ attempt: 0 }),
    "half an attempt": withItem({ attempt: 1.5 }),
    "another policy": withItem({ pullPolicy: "Sometimes" }),
    "a container with a strange name": withItem({ container: "../x" }),
    "names that are none": withItem({ images: [1] }),
    "too long a text": `${json}${" ".repeat(200_000)}`,
  };
  for (const [what, text] of Object.entries(table)) {
    test(what, () => {
      assert.equal(parseWork({ ...good, [WORK_ANNOTATION]: text }, "node-1"), undefined);
    });
  }

  test("a Pod without a node, or with an empty policy", () => {
    assert.equal(parseWork(good, ""), undefined);
    assert.equal(parseWork({ ...good, [POLICY_ANNOTATION]: "" }, "node-1"), undefined);
    assert.deepEqual(parseWork(good, "node-1"), one());
  });

  test("any JSON whatever", () => {
    fc.assert(
      fc.property(fc.json(), fc.jsonValue(), (text, value) => {
        assert.equal(parseWork({ [WORK_ANNOTATION]: text }, "n"), undefined);
        const mixed = JSON.stringify({ ...JSON.parse(json), items: value });
        assert.equal(parseWork({ [WORK_ANNOTATION]: mixed }, "n"), undefined);
      }),
    );
  });
});
