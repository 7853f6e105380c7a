import assert from "node:assert/strict";
import { test } from "node:test";
import { exclusionIn } from "../../../src/reconciler/ledger/cell.ts";
import type { ImageSummary } from "../../../src/reconciler/model/summary.ts";
import { summaryOf } from "../../../src/reconciler/summary/summary.ts";
import { aList, aNode, anImage, aPolicy, aSpec, START } from "../core/facts.ts";
import {
  changeNode,
  changeSpec,
  createStage,
  end,
  look,
  type Stage,
  step,
  summary,
} from "../core/stage.ts";

const WEB = "r.example/web:1";
const REPOSITORY = "r.example/web";
const POLICY = aPolicy("p", { maxConcurrentNodes: 2 });

function stageWith(nodes: number, over = {}, policy = POLICY): Stage {
  const all = Array.from({ length: nodes }, (_, n) => aNode(`n${n + 1}`));
  const images = [anImage("web", aSpec(WEB, { policyName: "p", ...over }))];
  return createStage({ nodes: all, images, policies: [policy] });
}

/** Nodes that hold it, wait for their turn, pull, back off, and hold Ready up. */
function countsOf(stage: Stage): readonly number[] {
  const { targeted, ready, waiting, pulling, backingOff, blocking } = summary(stage, "web");
  assert.ok(targeted <= ready + waiting + pulling + backingOff);
  return [targeted, ready, waiting, pulling, backingOff, blocking];
}

test("every target is ready, pulls, waits for its turn, or backs off", () => {
  const stage = stageWith(4);
  look(stage);
  assert.deepEqual(countsOf(stage), [4, 0, 4, 0, 0, 4]);
  step(stage);
  assert.deepEqual(countsOf(stage), [4, 0, 2, 2, 0, 4]);
  end(stage, "n1", {}, "pulled");
  end(stage, "n2", {}, "Unknown");
  look(stage);
  assert.deepEqual(countsOf(stage), [4, 1, 2, 0, 1, 3]);
  stage.now += 30_000;
  look(stage);
  assert.deepEqual(countsOf(stage), [4, 1, 3, 0, 0, 3]);
});

test("a node where it failed backs off until its wait is over, and not while it is tried again", () => {
  const stage = stageWith(1);
  const isBackingOff = () => summary(stage, "web").failedNodes.map((cell) => cell.isBackingOff);
  step(stage);
  end(stage, "n1", {}, "Unknown");
  look(stage);
  assert.deepEqual(isBackingOff(), [true]);
  stage.now = summary(stage, "web").nextAttemptAt ?? 0;
  look(stage);
  assert.deepEqual(isBackingOff(), [false]);
  step(stage);
  assert.deepEqual(isBackingOff(), [false]);
});

test("a wait that is over touches the image, since its counts are others now", () => {
  const stage = stageWith(1);
  step(stage);
  end(stage, "n1", {}, "Unknown");
  step(stage);
  stage.now = summary(stage, "web").nextAttemptAt ?? 0;
  assert.deepEqual([...look(stage).touched], ["web"]);
});

test("nodes that joined after the work began hold Ready up no more", () => {
  const stage = stageWith(1);
  look(stage);
  assert.equal(summary(stage, "web").workStartedAt, START);
  stage.facts.nodes.set("late", aNode("late", { createdAt: START + 1_000 }));
  look(stage);
  assert.equal(summary(stage, "web").targeted, 2);
  assert.equal(summary(stage, "web").blocking, 1);
});

const EDITS: readonly [change: object, anew: boolean][] = [
  [{ reference: "r.example/web:2" }, true],
  [{ nodeSelector: { pool: "a" } }, true],
  [{ tolerations: [{ operator: "Exists" }] }, true],
  [{ policyName: undefined }, true],
  [{ priority: 7 }, false],
  [{ isSuspended: true }, false],
  [{ imagePullPolicy: "IfNotPresent" }, false],
  [{ imagePullSecrets: ["login"] }, false],
];

test("the work begins anew with another reference, selector, toleration or policy, and with nothing else", () => {
  for (const [change, anew] of EDITS) {
    const stage = stageWith(1);
    look(stage);
    stage.now += 60_500;
    changeSpec(stage, "web", change);
    look(stage);
    const expected = anew ? START + 60_000 : START;
    assert.equal(summary(stage, "web").workStartedAt, expected, JSON.stringify(change));
  }
});

const HOLDS: readonly [image: object, policy: object, reason: string][] = [
  [{ policyName: "nobody" }, {}, "PolicyNotFound"],
  [{ isSuspended: true }, {}, "Suspended"],
  [{}, { isSuspended: true }, "Suspended"],
];

test("what a person decided is a hold, and not a failure", () => {
  for (const [image, policy, reason] of HOLDS) {
    const stage = stageWith(2, image, { ...POLICY, ...policy });
    look(stage);
    const { hold, waiting, backingOff } = summary(stage, "web");
    assert.deepEqual([hold?.reason, hold?.until, waiting, backingOff], [reason, undefined, 2, 0]);
  }
});

test("a spec that cannot be understood has no targets, and says why", () => {
  const stage = createStage({ nodes: [aNode("n")], images: [anImage("web", "the tag is odd")] });
  look(stage);
  const { targeted, hold, cachedNodes } = summary(stage, "web");
  assert.deepEqual([targeted, hold?.message, cachedNodes], [0, "the tag is odd", []]);
});

test("cachedNodes names all that hold it, targets or not, by name; only targets count as ready", () => {
  const stage = stageWith(3);
  for (let times = 0; times < 2; times++) {
    for (const { work } of step(stage)) end(stage, work.nodeName, {}, "pulled");
  }
  look(stage);
  changeNode(stage, "n2", { isUnschedulable: true });
  look(stage);
  const { cachedNodes, ready, targeted } = summary(stage, "web");
  assert.deepEqual([cachedNodes, ready, targeted], [["n1", "n2", "n3"], 2, 2]);
  assert.equal(exclusionIn(stage.ledger, "web", "n2"), "Cordoned");
  assert.equal(exclusionIn(stage.ledger, "web", "n1"), undefined);
});

test("failedNodes names at most ten nodes, those that failed last", () => {
  const stage = stageWith(12, {}, { ...POLICY, maxConcurrentNodes: 12 });
  step(stage);
  for (let n = 1; n <= 12; n++) {
    end(stage, `n${n}`, {}, "Unknown");
    look(stage);
  }
  const nodes = summary(stage, "web").failedNodes.map(({ node }) => node);
  assert.equal(nodes.length, 10);
  assert.deepEqual(nodes, nodes.toSorted());
  assert.ok(!nodes.includes("n1") && !nodes.includes("n2"));
});

test("consecutiveFailures is the number of the last failed attempt, and 0 after a success anywhere", () => {
  const stage = stageWith(2);
  step(stage);
  end(stage, "n1", {}, "Unknown");
  look(stage);
  assert.equal(summary(stage, "web").consecutiveFailures, 1);
  end(stage, "n2", {}, "pulled");
  look(stage);
  assert.equal(summary(stage, "web").consecutiveFailures, 0);
});

test("a start is the last attempt, an end the last pull", () => {
  const stage = stageWith(1);
  step(stage);
  look(stage);
  assert.equal(summary(stage, "web").lastAttemptedAt, START);
  assert.equal(summary(stage, "web").lastPulledAt, undefined);
  end(stage, "n1", {}, "pulled");
  look(stage);
  assert.equal(summary(stage, "web").lastPulledAt, START + 1_000);
});

test("a node's clock that is wrong moves no pull before its start or after its being seen", () => {
  for (const [finishedAt, expected] of [
    [0, START],
    [START + 900_000, START + 5_000],
  ] as const) {
    const stage = stageWith(1);
    step(stage);
    end(stage, "n1", {}, "pulled");
    for (const pod of stage.facts.pods.values()) {
      const containers = pod.containers.map((one) => ({ ...one, finishedAt }));
      stage.facts.pods.set(pod.name, { ...pod, containers });
    }
    stage.now = START + 5_000;
    look(stage);
    assert.equal(summary(stage, "web").lastPulledAt, expected);
  }
});

test("the digest is the one that most nodes have, and how many differ is told", () => {
  const stage = stageWith(3, { imagePullPolicy: "IfNotPresent" });
  const [one, two] = [`sha256:${"1".repeat(64)}`, `sha256:${"2".repeat(64)}`];
  for (const [n, digest] of [one, two, two].entries()) {
    changeNode(stage, `n${n + 1}`, { images: aList(WEB, `${REPOSITORY}@${digest}`) });
  }
  look(stage);
  const { resolvedDigest, digestCount } = summary(stage, "web");
  assert.deepEqual([resolvedDigest, digestCount], [two, 2]);
});

test("which of several digests of a repository is a tag's is not guessed", () => {
  const stage = stageWith(1, { imagePullPolicy: "IfNotPresent" });
  const digests = ["1", "2"].map((digit) => `${REPOSITORY}@sha256:${digit.repeat(64)}`);
  changeNode(stage, "n1", { images: aList(WEB, ...digests) });
  look(stage);
  assert.equal(summary(stage, "web").resolvedDigest, undefined);
});

test("an image that is not there has no summary", () => {
  const stage = stageWith(1);
  look(stage);
  assert.equal(summaryOf(stage.ledger, stage.facts, "other", stage.now), undefined);
  stage.facts.images.clear();
  look(stage);
  const gone: ImageSummary | undefined = summaryOf(stage.ledger, stage.facts, "web", stage.now);
  assert.equal(gone, undefined);
});

test("a look at what has not changed touches nothing", () => {
  const stage = stageWith(3);
  assert.deepEqual([...look(stage).touched], ["web"]);
  assert.deepEqual([...look(stage).touched], []);
  stage.facts.nodes.set("n1", { ...aNode("n1") });
  assert.deepEqual([...look(stage).touched], []);
  changeNode(stage, "n1", { isUnschedulable: true });
  assert.deepEqual([...look(stage).touched], ["web"]);
});
