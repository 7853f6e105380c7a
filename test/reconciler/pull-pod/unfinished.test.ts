import assert from "node:assert/strict";
import { test } from "node:test";
import { unfinishedOutcome } from "../../../src/reconciler/pull-pod/unfinished.ts";
import { item, seen, waiting } from "./pods.ts";

const creating = { method: "helper", statuses: [waiting("PodInitializing")] } as const;

function conditions(status: string) {
  return { conditions: [{ type: "PodReadyToStartContainers", status }] };
}

test("a pull that its deadline ends was slow on this node, which says nothing about the registry", () => {
  const failure = unfinishedOutcome(seen(creating), item(1), "PullTimeout");
  assert.deepEqual([failure?.reason, failure?.scope], ["Timeout", "cell"]);
  assert.match(failure?.message ?? "", /registry\.example\.com\/team\/app:1/);
});

test("a Pod that never got its sandbox or network is its node's matter", () => {
  const without = seen({ ...creating, status: conditions("False") });
  assert.equal(unfinishedOutcome(without, item(1), "PullTimeout")?.reason, "NodeRejected");
  const withOne = seen({ ...creating, status: conditions("True") });
  assert.equal(unfinishedOutcome(withOne, item(1), "PullTimeout")?.reason, "Timeout");
});

test("a Pod that kubelet did not take up is its node's matter", () => {
  assert.equal(unfinishedOutcome(seen(creating), item(1), "NotStarted")?.scope, "node");
});

test("a Pod that somebody else removed holds the node, so that nobody is fought", () => {
  assert.equal(unfinishedOutcome(seen(creating), item(1), "Gone")?.reason, "PodEvicted");
});

test("a Pod whose node is no target any more says nothing", () => {
  assert.equal(unfinishedOutcome(seen(creating), item(1), "Untargeted"), undefined);
});
