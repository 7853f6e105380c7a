import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { pullPodName } from "../../../src/reconciler/pull-pod/name.ts";
import { NODE_UID } from "./pods.ts";

test("the name is the node's uid, so that a node has one pull Pod", () => {
  assert.equal(pullPodName(NODE_UID), `pull-${NODE_UID}`);
});

test("any other uid gets a name of its own that the API server takes", () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (one, other) => {
      assert.match(pullPodName(one), /^pull-[0-9a-f-]{36}$/);
      assert.equal(pullPodName(one) === pullPodName(other), one === other);
    }),
  );
});
