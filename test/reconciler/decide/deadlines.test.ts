import assert from "node:assert/strict";
import { test } from "node:test";
import { assumeDeleted } from "../../../src/reconciler/ledger/assume.ts";
import type { NodeFacts } from "../../../src/reconciler/model/facts.ts";
import type { PodFacts } from "../../../src/reconciler/model/pod.ts";
import { aNode, anImage, aPolicy, aSpec } from "../core/facts.ts";
import {
  cell,
  changeNode,
  changeSpec,
  createStage,
  end,
  look,
  type Stage,
  step,
  summary,
} from "../core/stage.ts";

const MINUTE = 60_000;

/** One node with one running Pod of three images. */
function running(over: Partial<PodFacts> = {}): Stage {
  const images = ["a", "b", "c"].map((name) => {
    return anImage(name, aSpec(`r.example/${name}:1`, { policyName: "p" }));
  });
  const policies = [aPolicy("p", { pullTimeoutMs: 10 * MINUTE })];
  const stage = createStage({ nodes: [aNode("n")], images, policies });
  step(stage);
  for (const pod of stage.facts.pods.values()) stage.facts.pods.set(pod.name, { ...pod, ...over });
  look(stage);
  return stage;
}

function deletions(stage: Stage): readonly string[] {
  return look(stage).actions.flatMap((one) => (one.type === "DeletePullPod" ? one.why : []));
}

function reason(stage: Stage, name: string): string | undefined {
  return cell(stage, `r.example/${name}:1`, "n").failure?.reason;
}

test("a Pod whose images all have an outcome is deleted", () => {
  const stage = running();
  end(stage, "n", { "r.example/a:1": "pulled" });
  assert.deepEqual(deletions(stage), []);
  end(stage, "n", {}, "pulled");
  assert.deepEqual(deletions(stage), ["it is finished"]);
});

test("a Pod is deleted after pullTimeout times its images, and what is not there by then has failed", () => {
  const stage = running();
  const { requeueAt } = look(stage);
  assert.equal(requeueAt, stage.now + 30 * MINUTE);
  end(stage, "n", { "r.example/a:1": "pulled" });
  stage.now = (requeueAt ?? 0) - 1;
  assert.deepEqual(deletions(stage), []);
  stage.now += 1;
  assert.deepEqual(deletions(stage), ["its pulls took too long"]);
  assert.deepEqual(
    [reason(stage, "a"), reason(stage, "b"), reason(stage, "c")],
    [undefined, "Timeout", "Timeout"],
  );
});

test("a node whose pulls took too long is left alone for a minute, since kubelet goes on with them", () => {
  const stage = running();
  stage.facts.policies.set("p", aPolicy("p", { backoffInitialMs: 1_000, backoffMaxMs: 1_000 }));
  stage.now += 31 * MINUTE;
  assert.deepEqual(step(stage), []);
  assert.deepEqual(step(stage, MINUTE - 1), []);
  assert.equal(look(stage).requeueAt, stage.now + 1);
  assert.equal(step(stage, 1).length, 1);
});

test("an image that is slow says nothing of its registry: the others go on", () => {
  const stage = running();
  stage.now += 30 * MINUTE;
  look(stage);
  assert.equal(summary(stage, "a").hold, undefined);
});

test("an edited pullTimeout is for new Pods", () => {
  const stage = running();
  stage.facts.policies.set("p", aPolicy("p", { pullTimeoutMs: MINUTE }));
  stage.now += 5 * MINUTE;
  assert.deepEqual(deletions(stage), []);
});

test("a Pod that kubelet does not take up within a minute is deleted, and its node is held", () => {
  const stage = running({ startedAt: undefined });
  assert.equal(look(stage).requeueAt, stage.now + MINUTE);
  stage.now += MINUTE;
  assert.deepEqual(deletions(stage), ["kubelet did not take it up in time"]);
  assert.equal(reason(stage, "a"), "NodeRejected");
  assert.equal(summary(stage, "a").blocking, 0);
});

test("a node's clock that is wrong makes no deadline early, and none late", () => {
  for (const startedAt of [0, Number.MAX_SAFE_INTEGER]) {
    const stage = running({ startedAt });
    assert.equal(look(stage).requeueAt, stage.now + 30 * MINUTE);
  }
});

const LEAVES: readonly [over: Partial<NodeFacts>, reason: string | undefined][] = [
  [{ isUnschedulable: true }, undefined],
  [{ isDeleting: true }, undefined],
  [{ hasDiskPressure: true }, "DiskPressure"],
  [{ isReady: false }, "NodeRejected"],
];

test("a Pod is deleted when its node stops being a target; a node in trouble is then left alone for a while", () => {
  for (const [over, expected] of LEAVES) {
    const stage = running();
    changeNode(stage, "n", over);
    assert.deepEqual(deletions(stage), ["its node is no longer a target"], JSON.stringify(over));
    assert.equal(reason(stage, "b"), expected);
  }
});

test("a Pod goes on while its node is a target of one of its images", () => {
  const stage = running();
  for (const name of ["a", "b"]) changeSpec(stage, name, { nodeSelector: { pool: "other" } });
  assert.deepEqual(deletions(stage), []);
  changeSpec(stage, "c", { nodeSelector: { pool: "other" } });
  assert.deepEqual(deletions(stage), ["its node is no longer a target"]);
});

test("a Pod whose node is gone, or another one by now, is deleted", () => {
  const stage = running();
  stage.facts.nodes.set("n", aNode("n", { uid: "another" }));
  assert.deepEqual(deletions(stage), ["its node is gone"]);
  stage.facts.nodes.clear();
  assert.deepEqual(deletions(stage), ["its node is gone"]);
});

test("a Pod that says nothing that can be read is deleted, and its node is used then", () => {
  const stage = createStage({
    nodes: [aNode("n")],
    images: [anImage("web", aSpec("r.example/web:1"))],
  });
  const before = running();
  const [pod] = before.facts.pods.values();
  assert.ok(pod !== undefined);
  stage.facts.pods.set(pod.name, { ...pod, work: undefined });
  assert.deepEqual(deletions(stage), ["it is finished"]);
  assert.equal(step(stage).length, 1);
});

test("a deletion that the API server took is not asked for again, unless the Pod stays", () => {
  const stage = running();
  end(stage, "n", {}, "pulled");
  const [pod] = stage.facts.pods.values();
  assert.equal(deletions(stage).length, 1);
  assumeDeleted(stage.ledger, pod?.uid ?? "", stage.now);
  assert.deepEqual(deletions(stage), []);
  assert.equal(look(stage).requeueAt, stage.now + 30_000);
  stage.now += 30_000;
  assert.equal(deletions(stage).length, 1);
});

test("what one Pod tells of an architecture ends the others that pull for it, in the same look", () => {
  const arm = { architecture: "arm64" };
  const images = [anImage("web", aSpec("r.example/web:1", { policyName: "p" }))];
  const nodes = ["a", "b", "c"].map((name) => aNode(name, arm));
  for (const node of ["a", "b", "c"]) {
    const other = createStage({ nodes, images, policies: [aPolicy("p")] });
    step(other);
    end(other, node, {}, "PlatformMismatch");
    assert.equal(deletions(other).length, 3, node);
  }
});
