import assert from "node:assert/strict";
import { test } from "node:test";
import { assume, noteCreated } from "../../../src/reconciler/ledger/assume.ts";
import type { PolicyFacts } from "../../../src/reconciler/model/facts.ts";
import { aNode, anImage, aPolicy, aSpec } from "../core/facts.ts";
import { createStage, end, look, type Stage, showPod, step, told, wanted } from "../core/stage.ts";

/** Nodes `n1` … and images, each name with the policy after its colon, `p` where none is said. */
function stageWith(nodes: number, names: readonly string[], ...policies: PolicyFacts[]): Stage {
  const images = names.map((text) => {
    const [name = "", policyName = "p"] = text.split(":");
    return anImage(name, aSpec(`r.example/${name}:1`, { policyName }));
  });
  const all = Array.from({ length: nodes }, (_, n) => aNode(`n${n + 1}`));
  const stage = createStage({ nodes: all, images, policies });
  stage.options = { ...stage.options, maxImagesPerPod: 1 };
  return stage;
}

test("at most maxConcurrentNodes nodes pull under a policy", () => {
  const stage = stageWith(5, ["a"], aPolicy("p", { maxConcurrentNodes: 2 }));
  assert.deepEqual(told(step(stage)), ["n1: a", "n2: a"]);
  assert.deepEqual(told(step(stage, 60_000)), []);
  end(stage, "n2", {}, "pulled");
  assert.deepEqual(told(step(stage)), ["n3: a"]);
});

test("each policy has a budget of its own, and a node has one Pod whatever the policy", () => {
  const one = aPolicy("p", { maxConcurrentNodes: 1 });
  const stage = stageWith(3, ["a", "b:q"], one, { ...one, name: "q" });
  assert.deepEqual(told(step(stage)), ["n1: a", "n2: b"]);
});

test("between starts on different nodes lies the delay, whether or not the earlier Pod is still there", () => {
  const stage = stageWith(3, ["a"], aPolicy("p", { maxConcurrentNodes: 3, minDelayMs: 10_000 }));
  const began = stage.now;
  assert.deepEqual(told(step(stage)), ["n1: a"]);
  assert.equal(look(stage).requeueAt, began + 10_000);
  end(stage, "n1", {}, "pulled");
  assert.deepEqual(told(step(stage)), []);
  assert.deepEqual(told(step(stage, began + 9_999 - stage.now)), []);
  assert.deepEqual(told(step(stage, 1)), ["n2: a"]);
  assert.deepEqual(told(step(stage, 10_000)), ["n3: a"]);
});

test("a node gets all its images without a delay in between, and keeps its slot", () => {
  const stage = stageWith(
    2,
    ["a", "b", "c"],
    aPolicy("p", { maxConcurrentNodes: 1, minDelayMs: 10_000 }),
  );
  const pods: string[] = [];
  for (let times = 0; times < 3; times++) {
    pods.push(...told(step(stage)));
    end(stage, "n1", {}, "pulled");
  }
  assert.deepEqual(pods, ["n1: a", "n1: b", "n1: c"]);
  assert.deepEqual(told(step(stage)), []);
});

test("with one node at a time the delay counts from the last Pod of the node before", () => {
  const stage = stageWith(
    2,
    ["a", "b"],
    aPolicy("p", { maxConcurrentNodes: 1, minDelayMs: 10_000 }),
  );
  step(stage);
  stage.now += 7_000;
  end(stage, "n1", {}, "pulled");
  const last = stage.now;
  assert.deepEqual(told(step(stage)), ["n1: b"]);
  end(stage, "n1", {}, "pulled");
  assert.deepEqual(told(step(stage)), []);
  assert.equal(look(stage).requeueAt, last + 10_000);
  assert.deepEqual(told(step(stage, last + 10_000 - stage.now)), ["n2: a"]);
});

test("with several nodes at a time a long turn of one does not keep others from beginning", () => {
  const stage = stageWith(
    3,
    ["a", "b", "c", "d"],
    aPolicy("p", { maxConcurrentNodes: 3, minDelayMs: 3_000 }),
  );
  const began = stage.now;
  step(stage);
  for (let times = 0; times < 2; times++) {
    end(stage, "n1", {}, "pulled");
    assert.equal(told(step(stage)).length, 1);
  }
  assert.deepEqual(told(step(stage, began + 3_000 - stage.now)), ["n2: a"]);
});

test("policies that wait for the same node take turns", () => {
  const policies = ["p", "q", "r"].map((name) => aPolicy(name, { maxConcurrentNodes: 1 }));
  const names = ["a", "b", "c", "d:q", "e:q", "f:q", "g:r", "h:r", "i:r"];
  const stage = stageWith(1, names, ...policies);
  const pods: string[] = [];
  for (let times = 0; times < 9; times++) {
    pods.push(...told(step(stage)));
    end(stage, "n1", {}, "pulled");
  }
  const order = pods.map((pod) => pod.replace("n1: ", ""));
  assert.deepEqual(order, ["a", "d", "g", "b", "e", "h", "c", "f", "i"]);
});

test("a policy that may not start now keeps no other one from a node", () => {
  const slow = aPolicy("q", { maxConcurrentNodes: 1, minDelayMs: 60_000 });
  const stage = stageWith(
    1,
    ["a", "b", "c:q", "d:q"],
    aPolicy("p", { maxConcurrentNodes: 1 }),
    slow,
  );
  stage.facts.nodes.set("m", aNode("m"));
  assert.deepEqual(told(step(stage)), ["m: a", "n1: c"]);
  end(stage, "m", {}, "pulled");
  // `q` waits for its delay there.
  assert.deepEqual(told(step(stage)), ["m: b"]);
});

test("an edited policy holds for new starts only", () => {
  const stage = stageWith(4, ["a"], aPolicy("p", { maxConcurrentNodes: 3 }));
  assert.equal(step(stage).length, 3);
  stage.facts.policies.set("p", aPolicy("p", { maxConcurrentNodes: 1 }));
  const { actions } = look(stage);
  assert.deepEqual(actions, []);
  end(stage, "n1", {}, "pulled");
  end(stage, "n2", {}, "pulled");
  assert.deepEqual(told(step(stage)), []);
  end(stage, "n3", {}, "pulled");
  assert.deepEqual(told(step(stage)), ["n4: a"]);
});

test("while suspended nothing is started, and what runs ends as usual", () => {
  const stage = stageWith(2, ["a"], aPolicy("p", { maxConcurrentNodes: 1 }));
  step(stage);
  stage.facts.policies.set("p", aPolicy("p", { isSuspended: true }));
  assert.deepEqual(look(stage).actions, []);
  end(stage, "n1", {}, "pulled");
  assert.deepEqual(told(step(stage)), []);
  assert.equal(stage.facts.pods.size, 0);
});

test("a Pod that was asked for counts as there before the watch shows it", () => {
  const stage = stageWith(3, ["a"], aPolicy("p", { maxConcurrentNodes: 2 }));
  const [first, second] = wanted(stage);
  assert.ok(first !== undefined && second !== undefined);
  assume(stage.ledger, first, stage.now);
  assert.deepEqual(told(wanted(stage)), ["n2: a"]);
  assume(stage.ledger, second, stage.now);
  const { actions, requeueAt } = look(stage);
  assert.deepEqual([actions, requeueAt], [[], stage.now + 30_000]);
});

test("the delay counts from when the API server took a Pod, not from when it was asked to", () => {
  const stage = stageWith(3, ["a"], aPolicy("p", { maxConcurrentNodes: 3, minDelayMs: 10_000 }));
  const [first] = wanted(stage);
  assert.ok(first !== undefined);
  assume(stage.ledger, first, stage.now);
  stage.now += 15_000;
  assert.deepEqual(told(wanted(stage)), [], "it may be taken at any moment");
  noteCreated(stage.ledger, first, stage.now);
  stage.now += 9_999;
  assert.deepEqual(told(wanted(stage)), []);
  stage.now += 1;
  assert.deepEqual(told(wanted(stage)), ["n2: a"]);
});

test("a Pod that the watch shows before the answer comes may have been made just then", () => {
  const stage = stageWith(2, ["a"], aPolicy("p", { maxConcurrentNodes: 2, minDelayMs: 10_000 }));
  const [first] = wanted(stage);
  assert.ok(first !== undefined);
  assume(stage.ledger, first, stage.now);
  stage.now += 900;
  showPod(stage, first);
  look(stage);
  stage.now += 50;
  noteCreated(stage.ledger, first, stage.now);
  stage.now += 9_949;
  assert.deepEqual(told(wanted(stage)), []);
  stage.now += 1;
  assert.deepEqual(told(wanted(stage)), ["n2: a"]);
});

test("a node whose Pod was never seen begins anew, at a distance from others", () => {
  const stage = stageWith(1, ["a"], aPolicy("p", { maxConcurrentNodes: 2, minDelayMs: 10_000 }));
  step(stage);
  stage.facts.pods.clear();
  stage.facts.nodes.set("late", aNode("late"));
  assert.deepEqual(told(step(stage, 25_000)), ["late: a"]);
  assert.deepEqual(told(step(stage, 5_000)), []);
  assert.deepEqual(told(step(stage, 5_000)), ["n1: a"]);
});

test("a node is tried again once a turn with what failed, while others wait for something new", () => {
  const policy = aPolicy("p", {
    maxConcurrentNodes: 1,
    minDelayMs: 0,
    backoffInitialMs: 1_000,
    backoffMaxMs: 1_000,
  });
  const stage = stageWith(3, ["a", "b", "c"], policy);
  stage.options = { ...stage.options, maxImagesPerPod: 10 };
  step(stage);
  end(stage, "n1", { "r.example/a:1": "pulled" }, "Unknown");
  step(stage);
  end(stage, "n2", {}, "pulled");
  const order: string[] = [];
  for (let times = 0; times < 4; times++) {
    const requests = step(stage);
    order.push(...told(requests));
    for (const { work } of requests) end(stage, work.nodeName, {}, "pulled");
  }
  assert.deepEqual(order, ["n3: a b c", "n1: b", "n1: c"]);
});

test("no more Pods are asked for at once than the API server will soon take, and each policy gets its part", () => {
  const names = ["a", "b:q"];
  const policies = ["p", "q"].map((name) => aPolicy(name, { maxConcurrentNodes: 500 }));
  const stage = stageWith(200, names, ...policies);
  const started: string[] = [];
  for (let times = 0; times < 4; times++) {
    const requests = step(stage, 1_000);
    assert.equal(requests.length, 40);
    started.push(...new Set(requests.map(({ work }) => work.policyName ?? "")));
  }
  assert.deepEqual(started, ["p", "q", "p", "q"]);
});
