import assert from "node:assert/strict";
import { test } from "node:test";
import { createLedger } from "../../../src/reconciler/ledger/ledger.ts";
import { LIST_LAG_MS } from "../../../src/reconciler/ledger/restore.ts";
import type { ImageSpecFacts, PolicyFacts } from "../../../src/reconciler/model/facts.ts";
import { aNode, anImage, aPolicy, aSpec } from "../core/facts.ts";
import { createStage, end, look, type Stage, step, summary, told, wanted } from "../core/stage.ts";

const WEB = "r.example/web:1";
const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** Three nodes under a policy that pulls again every day, everything pulled in the order c, b, a. */
function stageWith(spec: Partial<ImageSpecFacts> = {}, policy: Partial<PolicyFacts> = {}): Stage {
  const daily = aPolicy("p", { maxConcurrentNodes: 1, repullIntervalMs: DAY, ...policy });
  const names = ["a", "b", "c"];
  const nodes = names.map((name, n) => aNode(name, { createdAt: n }));
  const images = [anImage("web", aSpec(WEB, { policyName: "p", ...spec }))];
  const stage = createStage({ nodes, images, policies: [daily] });
  for (const name of names.toReversed()) {
    assert.deepEqual(told(step(stage)), [`${name}: web`]);
    end(stage, name, {}, "pulled");
  }
  settle(stage);
  return stage;
}

/** Every list has had its time to show what was pulled. */
function settle(stage: Stage): void {
  step(stage);
  step(stage, LIST_LAG_MS);
}

test("a day after the first pull every node asks the registry again, by name, one after the other", () => {
  const stage = stageWith({ imagePullPolicy: "IfNotPresent" });
  const { requeueAt } = look(stage);
  stage.now = (requeueAt ?? 0) - 1;
  assert.deepEqual(wanted(stage), []);
  stage.now += 1;
  for (const name of ["a", "b", "c"]) {
    const [request] = step(stage);
    assert.equal(request?.work.nodeName, name);
    assert.equal(request?.work.isRefresh, true);
    assert.equal(request?.work.items[0]?.pullPolicy, "Always");
    assert.equal(summary(stage, "web").ready, 3);
    end(stage, name, {}, "pulled");
  }
  assert.deepEqual(told(step(stage)), []);
});

test("a round ends after its last node, and the next one comes an interval after it began", () => {
  const stage = stageWith();
  stage.now = look(stage).requeueAt ?? 0;
  const began = Math.floor(stage.now / 1_000) * 1_000;
  look(stage);
  for (const name of ["a", "b", "c"]) {
    step(stage, HOUR);
    end(stage, name, {}, "pulled");
  }
  settle(stage);
  assert.equal(summary(stage, "web").refreshStartedAt, began);
  const { requeueAt = 0 } = look(stage);
  assert.ok(requeueAt >= began + DAY && requeueAt <= began + DAY + HOUR + 2_000);
});

test("no round begins while one runs, however long it takes", () => {
  const stage = stageWith();
  stage.now = look(stage).requeueAt ?? 0;
  step(stage);
  const { refreshStartedAt } = summary(stage, "web");
  end(stage, "a", {}, "pulled");
  step(stage, 3 * DAY);
  end(stage, "b", {}, "pulled");
  step(stage);
  assert.equal(summary(stage, "web").refreshStartedAt, refreshStartedAt);
});

test("digests and Never are not pulled again", () => {
  const digest = { reference: `r.example/web@sha256:${"a".repeat(64)}`, isPinned: true };
  for (const spec of [digest, { imagePullPolicy: "Never" as const }]) {
    assert.equal(look(stageWith(spec)).requeueAt, undefined);
  }
});

test("a restart goes on where the round was", () => {
  const stage = stageWith();
  stage.now = look(stage).requeueAt ?? 0;
  step(stage);
  end(stage, "a", {}, "pulled");
  step(stage);
  assert.equal(summary(stage, "web").refreshedThrough, "a");
  stage.facts.pods.clear();
  const before = summary(stage, "web");
  const image = stage.facts.images.get("web") ?? anImage("web", aSpec(WEB));
  const seconds = (at = 0) => new Date(at).toISOString();
  stage.facts.images.set("web", {
    ...image,
    status: {
      ...{ observedGeneration: 1, reference: WEB, cachedNodes: [...before.cachedNodes] },
      ...{
        workStartedAt: seconds(before.workStartedAt),
        lastPulledAt: seconds(before.lastPulledAt),
      },
      ...{ refreshStartedAt: seconds(before.refreshStartedAt), refreshedThrough: "a" },
    },
  });
  stage.ledger = createLedger();
  for (const name of ["b", "c"]) {
    assert.deepEqual(told(step(stage, 1_000)), [`${name}: web`]);
    end(stage, name, {}, "pulled");
  }
  assert.deepEqual(told(step(stage)), []);
  assert.equal(summary(stage, "web").refreshedThrough, "c");
});

test("a node that fails thrice is left to the next round, keeps its image, and holds nobody up", () => {
  const stage = stageWith();
  stage.now = look(stage).requeueAt ?? 0;
  step(stage);
  end(stage, "a", {}, "Unknown");
  for (const name of ["b", "c"]) {
    assert.deepEqual(told(step(stage)), [`${name}: web`]);
    end(stage, name, {}, "pulled");
  }
  for (let times = 0; times < 2; times++) {
    step(stage);
    assert.deepEqual(told(step(stage, 60_000)), ["a: web"]);
    end(stage, "a", {}, "Unknown");
  }
  step(stage);
  assert.deepEqual(told(step(stage, HOUR)), []);
  assert.equal(summary(stage, "web").ready, 3);
  assert.deepEqual(
    summary(stage, "web").failedNodes.map(({ node }) => node),
    ["a"],
  );
});

test("what a node lacks goes before what is asked for again", () => {
  const stage = stageWith();
  stage.now = look(stage).requeueAt ?? 0;
  stage.facts.images.set("new", anImage("new", aSpec("r.example/new:1", { policyName: "p" })));
  const nodes: string[] = [];
  for (let times = 0; times < 6; times++) {
    const [request] = step(stage);
    nodes.push(...told(request === undefined ? [] : [request]));
    end(stage, request?.work.nodeName ?? "", {}, "pulled");
  }
  assert.deepEqual(nodes, ["c: new", "b: new", "a: new", "a: web", "b: web", "c: web"]);
});

test("nothing is asked for again while the image or its policy is suspended", () => {
  const stage = stageWith();
  stage.now = look(stage).requeueAt ?? 0;
  const policy = stage.facts.policies.get("p") ?? aPolicy("p");
  stage.facts.policies.set("p", { ...policy, isSuspended: true });
  const { actions, requeueAt } = look(stage);
  assert.deepEqual([actions, requeueAt], [[], undefined]);
});
