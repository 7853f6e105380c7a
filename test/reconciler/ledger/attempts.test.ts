import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { backoffMs } from "../../../src/reconciler/ledger/backoff.ts";
import { aNode, anImage, aPolicy, aSpec } from "../core/facts.ts";
import {
  cell,
  changeSpec,
  createStage,
  end,
  look,
  type Stage,
  step,
  summary,
  told,
  wanted,
} from "../core/stage.ts";

const WEB = "r.example/web:1";
const POLICY = aPolicy("p", { backoffInitialMs: 30_000, backoffMaxMs: 100_000 });

function stageWith(...names: readonly string[]): Stage {
  const images = names.map((name) =>
    anImage(name, aSpec(`r.example/${name}:1`, { policyName: "p" })),
  );
  return createStage({ nodes: [aNode("n")], images, policies: [POLICY] });
}

test("waits double from the first to the longest one, less a fifth at most, and the same for the same attempt", () => {
  const attempts = fc.integer({ min: 1, max: 2_000 });
  const policy = fc.record({
    backoffInitialMs: fc.integer({ min: 2_000, max: 600_000 }),
    backoffMaxMs: fc.integer({ min: 2_000, max: 3_600_000 }),
  });
  fc.assert(
    fc.property(policy, attempts, fc.string(), (pace, attempt, seed) => {
      const whole = Math.min(pace.backoffInitialMs * 2 ** (attempt - 1), pace.backoffMaxMs);
      const waited = backoffMs(pace, attempt, seed);
      assert.ok(waited <= whole && waited >= Math.floor(0.8 * whole), `${waited} of ${whole}`);
      assert.equal(backoffMs(pace, attempt, seed), waited);
    }),
  );
});

test("jitter spreads what failed together over the whole fifth", () => {
  const pace = { backoffInitialMs: 100_000, backoffMaxMs: 100_000 };
  const tenths = new Array<number>(10).fill(0);
  for (let n = 0; n < 10_000; n++) {
    const less = 100_000 - backoffMs(pace, 1, `r.example/web:1 uid-${n}`);
    const tenth = Math.min(9, Math.floor(less / 2_000));
    tenths[tenth] = (tenths[tenth] ?? 0) + 1;
  }
  assert.ok(
    tenths.every((count) => count > 900 && count < 1_100),
    tenths.join(" "),
  );
});

test("no policy makes Drop try in a loop without a pause", () => {
  assert.equal(backoffMs({ backoffInitialMs: 0, backoffMaxMs: 0 }, 1, ""), 1_000);
});

test("a failed image waits longer each time, and each Pod carries the number of the attempt", () => {
  const stage = stageWith("web");
  for (const [attempt, longest] of [
    [1, 30_000],
    [2, 60_000],
    [3, 100_000],
    [4, 100_000],
  ] as const) {
    const [request] = step(stage);
    assert.equal(request?.work.items[0]?.attempt, attempt);
    end(stage, "n", {}, "Unknown");
    step(stage);
    const { nextAttemptAt, attempts } = cell(stage, WEB, "n");
    assert.equal(attempts, attempt);
    const waits = (nextAttemptAt ?? 0) - stage.now;
    assert.ok(waits <= longest && waits >= 0.8 * longest, `${waits}`);
    assert.equal(look(stage).requeueAt, nextAttemptAt);
    stage.now = nextAttemptAt ?? 0;
  }
  assert.equal(summary(stage, "web").consecutiveFailures, 4);
});

test("a success ends the row of failures", () => {
  const stage = stageWith("web");
  step(stage);
  end(stage, "n", {}, "Unknown");
  step(stage);
  step(stage, 30_000);
  end(stage, "n", {}, "pulled");
  step(stage, 1_000);
  const { attempts, failure } = cell(stage, WEB, "n");
  assert.deepEqual([attempts, failure], [0, undefined]);
  assert.equal(summary(stage, "web").consecutiveFailures, 0);
});

test("an outcome that is read over and over counts once", () => {
  const stage = stageWith("web");
  step(stage);
  for (let times = 0; times < 5; times++) {
    end(stage, "n", {}, "Unknown");
    look(stage);
    stage.now += 1_000;
  }
  assert.equal(cell(stage, WEB, "n").attempts, 1);
});

test("kubelet may yet succeed with what failed, as long as the Pod is there", () => {
  const stage = stageWith("web");
  step(stage);
  end(stage, "n", {}, "Unknown");
  look(stage);
  end(stage, "n", {}, "pulled");
  look(stage);
  assert.equal(cell(stage, WEB, "n").isPresent, true);
  assert.equal(cell(stage, WEB, "n").failure, undefined);
});

test("what failed before goes one to a Pod, after all that never failed", () => {
  const stage = stageWith("a", "b", "c");
  step(stage);
  end(stage, "n", {}, "Unknown");
  step(stage);
  stage.facts.images.set("d", anImage("d", aSpec("r.example/d:1", { policyName: "p" })));
  stage.now += 30_000;
  const pods: string[] = [];
  for (let times = 0; times < 4; times++) {
    pods.push(...told(step(stage)));
    end(stage, "n", {}, "pulled");
    stage.now += 1_000;
  }
  assert.deepEqual(pods, ["n: d", "n: a", "n: b", "n: c"]);
});

test("a new generation is tried at once", () => {
  const stage = stageWith("web");
  step(stage);
  end(stage, "n", {}, "Unknown");
  step(stage);
  assert.deepEqual(wanted(stage), []);
  changeSpec(stage, "web", { imagePullSecrets: ["login"] });
  const [request] = wanted(stage);
  assert.equal(request?.work.items[0]?.attempt, 1);
  assert.equal(summary(stage, "web").consecutiveFailures, 0);
});

test("a Pod that somebody deleted has an unknown result, and its images back off", () => {
  const stage = stageWith("web");
  step(stage);
  look(stage);
  stage.facts.pods.clear();
  stage.now += 1_000;
  assert.deepEqual(wanted(stage), []);
  assert.equal(cell(stage, WEB, "n").failure?.reason, "Unknown");
  assert.deepEqual(told(step(stage, 30_000)), ["n: web"]);
});

test("a Pod that was never seen is forgotten after half a minute, and says nothing", () => {
  const stage = stageWith("web");
  step(stage);
  stage.facts.pods.clear();
  assert.equal(look(stage).requeueAt, stage.now + 30_000);
  assert.deepEqual(told(step(stage, 29_999)), []);
  const [request] = step(stage, 1);
  assert.equal(request?.work.items[0]?.attempt, 1);
});

test("what fails with one secret does not keep another one from being tried", () => {
  const images = [
    anImage("a", aSpec(WEB, { policyName: "p", imagePullSecrets: ["wrong"] })),
    anImage("b", aSpec(WEB, { policyName: "p", imagePullSecrets: ["right"] })),
  ];
  const stage = createStage({ nodes: [aNode("n")], images, policies: [POLICY] });
  const [first] = step(stage);
  assert.deepEqual(first?.imagePullSecrets, ["wrong"]);
  end(stage, "n", {}, "Unauthorized");
  const [second] = step(stage);
  assert.deepEqual(second?.imagePullSecrets, ["right"]);
  end(stage, "n", {}, "pulled");
  step(stage);
  assert.deepEqual([summary(stage, "a").ready, summary(stage, "b").ready], [1, 1]);
});
