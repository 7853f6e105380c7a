import assert from "node:assert/strict";
import { test } from "node:test";
import { aList, aNode, anImage, aPolicy, aSpec } from "../core/facts.ts";
import {
  cell,
  changeNode,
  createStage,
  end,
  look,
  type Stage,
  step,
  summary,
  told,
  wanted,
} from "../core/stage.ts";

const HOUR = 3_600_000;
const NAMES = ["a", "b", "c", "d"] as const;
const reference = (name: string) => `r.example/${name}:1`;

/** A node that got some images and tells of them. */
function stageWith(names: readonly string[]): Stage {
  const images = names.map((name) => anImage(name, aSpec(reference(name))));
  const stage = createStage({ nodes: [aNode("n")], images });
  step(stage);
  pullAll(stage, names);
  return stage;
}

function pullAll(stage: Stage, names: readonly string[]): void {
  end(stage, "n", {}, "pulled");
  step(stage, 1_000);
  report(stage, names);
}

/** The node's list names these and something else. */
function report(stage: Stage, names: readonly string[]): void {
  changeNode(stage, "n", { images: aList("other/x:1", ...names.map(reference)) });
  look(stage);
}

test("an evicted image waits 6, 12, 24 and again 24 hours, and then is pulled", () => {
  const stage = stageWith(["a"]);
  for (const hours of [6, 12, 24, 24]) {
    stage.now += 5 * 60_000;
    report(stage, []);
    const { requeueAt } = look(stage);
    assert.equal(requeueAt, stage.now + hours * HOUR);
    stage.now += hours * HOUR - 1;
    assert.deepEqual(wanted(stage), []);
    assert.deepEqual(told(step(stage, 1)), ["n: a"]);
    pullAll(stage, ["a"]);
  }
  assert.equal(cell(stage, reference("a"), "n").evictions, 4);
});

test("an image that stayed for longer than the longest wait begins with the shortest again", () => {
  const stage = stageWith(["a"]);
  report(stage, []);
  step(stage, 6 * HOUR);
  pullAll(stage, ["a"]);
  stage.now += 25 * HOUR;
  look(stage);
  assert.deepEqual(summary(stage, "a").evictedNodes, []);
  report(stage, []);
  assert.equal(cell(stage, reference("a"), "n").evictions, 1);
});

test("an eviction is told of, and takes the node out of cachedNodes", () => {
  const stage = stageWith(["a", "b"]);
  report(stage, ["b"]);
  const { evictedNodes, cachedNodes, backingOff, blocking, nextAttemptAt } = summary(stage, "a");
  assert.deepEqual(evictedNodes, [{ node: "n", count: 1, nextAttemptAt: stage.now + 6 * HOUR }]);
  assert.deepEqual(cachedNodes, []);
  assert.equal(backingOff, 1);
  assert.equal(blocking, 1);
  assert.equal(nextAttemptAt, stage.now + 6 * HOUR);
});

test("three evictions in one report hold the whole node, two do not", () => {
  for (const [left, started] of [
    [["c", "d"], ["n: new"]],
    [["d"], []],
  ] as const) {
    const stage = stageWith(NAMES);
    report(stage, left);
    stage.facts.images.set("new", anImage("new", aSpec(reference("new"))));
    assert.deepEqual(told(wanted(stage)), started);
  }
});

test("a held node is left alone for six hours, and holds nobody's Ready up", () => {
  const stage = stageWith(NAMES);
  report(stage, []);
  stage.facts.images.set("new", anImage("new", aSpec(reference("new"))));
  assert.deepEqual(told(step(stage, 6 * HOUR - 1)), []);
  assert.equal(summary(stage, "new").blocking, 0);
  assert.equal(summary(stage, "new").backingOff, 1);
  assert.deepEqual(told(step(stage, 1)), ["n: a b c d new"]);
});

test("another node pulls on while one is held", () => {
  const stage = stageWith(NAMES);
  report(stage, []);
  stage.facts.nodes.set("m", aNode("m"));
  assert.deepEqual(told(step(stage, 10_000)), ["m: a b c d"]);
});

test("an image that a list shows again needs no pull", () => {
  const spec = aSpec(reference("a"), { imagePullPolicy: "IfNotPresent", policyName: "p" });
  const images = [anImage("a", spec)];
  const stage = createStage({ nodes: [aNode("n")], images, policies: [aPolicy("p")] });
  report(stage, ["a"]);
  report(stage, []);
  assert.equal(summary(stage, "a").backingOff, 1);
  report(stage, ["a"]);
  assert.equal(summary(stage, "a").ready, 1);
});
