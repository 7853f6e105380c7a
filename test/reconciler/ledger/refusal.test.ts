import assert from "node:assert/strict";
import { test } from "node:test";
import { assume } from "../../../src/reconciler/ledger/assume.ts";
import { holdsOf } from "../../../src/reconciler/ledger/holds.ts";
import { recordRefusal } from "../../../src/reconciler/ledger/refusal.ts";
import { lastStarts } from "../../../src/reconciler/ledger/starts.ts";
import type { Failure } from "../../../src/reconciler/model/failure.ts";
import type { PodRequest } from "../../../src/reconciler/model/pod.ts";
import { aNode, anImage, aPolicy, aSpec } from "../core/facts.ts";
import { createStage, end, look, type Stage, showPod, summary, wanted } from "../core/stage.ts";

const QUOTA: Failure = { reason: "QuotaExceeded", scope: "namespace", message: "exceeded quota" };
const REJECTED: Failure = { reason: "PodRejected", scope: "pod", message: "denied by a webhook" };

function stageWith(names: readonly string[], nodes = 1, policyCount = 1): Stage {
  const policies = ["p", "q"].slice(0, policyCount).map((name) => aPolicy(name));
  const images = names.map((name, n) => {
    const policyName = policies[n % policyCount]?.name;
    return anImage(name, aSpec(`r.example/${name}:1`, { policyName }));
  });
  const all = Array.from({ length: nodes }, (_, n) => aNode(`n${n + 1}`));
  return createStage({ nodes: all, images, policies });
}

/** What the API server takes; everything else it answers with a refusal. */
type Rule = (request: PodRequest) => boolean;

/** Asks for what is wanted now; gives each request with the answer, as `method: image image yes`. */
function ask(stage: Stage, rule: Rule, failure = REJECTED): readonly string[] {
  return wanted(stage).map((request) => {
    const { method, items } = request.work;
    const isTaken = rule(request);
    assume(stage.ledger, request, stage.now);
    if (isTaken) showPod(stage, request);
    else recordRefusal(stage.ledger, request, failure, stage.now + 1);
    const names = items.map(({ images }) => images.join("+")).join(" ");
    return `${method}: ${names} ${isTaken ? "yes" : "no"}`;
  });
}

/** Asks, lets every Pod pull what it holds, and asks again until nothing more is wanted for the moment. */
function askAll(stage: Stage, rule: Rule): readonly string[] {
  const asked: string[] = [];
  for (let times = 0; times < 50; times++) {
    const answers = ask(stage, rule);
    asked.push(...answers);
    for (const { nodeName } of stage.facts.pods.values()) end(stage, nodeName, {}, "pulled");
    look(stage);
    stage.facts.pods.clear();
    stage.now += 1_000;
    if (answers.length === 0) break;
  }
  return asked;
}

test("a quota holds everything in the pull namespace, and then one Pod alone tries it", () => {
  const stage = stageWith(["a", "b"], 3, 2);
  assert.equal(ask(stage, () => false, QUOTA).length, 3);
  assert.deepEqual(wanted(stage), []);
  const [hold] = holdsOf(stage.ledger);
  assert.deepEqual(
    [hold?.kind, hold?.attempts, hold?.failure.message],
    ["namespace", 1, "exceeded quota"],
  );
  assert.equal(summary(stage, "b").hold?.reason, "QuotaExceeded");
  assert.equal(look(stage).requeueAt, hold?.until);
  stage.now = hold?.until ?? 0;
  assert.equal(ask(stage, () => false, QUOTA).length, 1);
  stage.now = holdsOf(stage.ledger)[0]?.until ?? 0;
  assert.equal(ask(stage, () => true).length, 1);
  assert.equal(wanted(stage).length, 2);
  assert.deepEqual(holdsOf(stage.ledger), []);
});

test("a refused Pod was never started", () => {
  const stage = stageWith(["a"]);
  ask(stage, () => false, QUOTA);
  assert.deepEqual(lastStarts(stage.ledger), {});
  assert.equal(summary(stage, "a").pulling, 0);
});

test("where image volumes are refused, all go by helper", () => {
  const asked = askAll(stageWith(["a", "b"], 2), ({ work }) => work.method === "helper");
  assert.deepEqual(asked.toSorted(), [
    "helper: a b yes",
    "helper: a b yes",
    "image-volume: a b no",
    "image-volume: a b no",
  ]);
});

test("where both ways are refused, each image goes alone, and those that pass go together again", () => {
  const stage = stageWith(["a", "b", "c"]);
  const rule: Rule = ({ work }) => !work.items.some(({ reference }) => reference.includes("/b:"));
  const asked = askAll(stage, rule);
  assert.deepEqual(asked, [
    "image-volume: a b c no",
    "helper: a b c no",
    "image-volume: a yes",
    "image-volume: b no",
    "helper: b no",
    "image-volume: c yes",
  ]);
  const { hold } = summary(stage, "b");
  assert.deepEqual([hold?.reason, hold?.message], ["PodRejected", "denied by a webhook"]);
  assert.equal(summary(stage, "c").hold, undefined);
  stage.facts.nodes.set("n2", aNode("n2"));
  assert.deepEqual(ask(stage, rule), ["image-volume: a c yes"]);
});

test("a policy is held once each of its images was refused, and no other policy is", () => {
  const stage = stageWith(["a", "b", "c", "d"], 1, 2);
  const rule: Rule = ({ work }) => work.policyName === "q";
  const asked = askAll(stage, rule);
  assert.deepEqual(
    asked.filter((answer) => answer.endsWith("yes")),
    ["image-volume: b d yes"],
  );
  const [hold, ...others] = holdsOf(stage.ledger);
  assert.deepEqual([hold?.kind, hold?.subject, others.length], ["policy", "p", 0]);
  assert.equal(summary(stage, "a").hold?.reason, "PodRejected");
  stage.now = hold?.until ?? 0;
  const again = askAll(stage, () => true);
  assert.equal(
    again.every((answer) => answer.endsWith("yes")),
    true,
  );
  assert.equal(summary(stage, "a").ready + summary(stage, "c").ready, 2);
});

test("where one way is prescribed the other is not tried", () => {
  const stage = stageWith(["a"]);
  stage.options = { ...stage.options, pullMethod: "image-volume" };
  const asked = askAll(stage, () => false);
  assert.deepEqual(new Set(asked), new Set(["image-volume: a no"]));
  assert.ok(asked.length <= 3, asked.join(", "));
});

test("refusals are forgotten after an hour, or with an edit of the policy", () => {
  const byVolume = () => {
    const stage = stageWith(["a"]);
    ask(stage, () => false);
    assert.equal(wanted(stage)[0]?.work.method, "helper");
    return stage;
  };
  const later = byVolume();
  later.now += 3_600_001;
  assert.equal(wanted(later)[0]?.work.method, "image-volume");
  const edited = byVolume();
  edited.facts.policies.set("p", aPolicy("p", { minDelayMs: 1 }));
  assert.equal(wanted(edited)[0]?.work.method, "image-volume");
});

test("any other refusal counts as a failed attempt of the images", () => {
  const stage = stageWith(["a"]);
  const odd: Failure = { reason: "Unknown", scope: "cell", message: "an odd answer" };
  ask(stage, () => false, odd);
  const { failedNodes } = summary(stage, "a");
  assert.deepEqual(
    failedNodes.map(({ node, failure }) => [node, failure.message]),
    [["n1", "an odd answer"]],
  );
  assert.deepEqual(wanted(stage), []);
});
