import assert from "node:assert/strict";
import { test } from "node:test";
import type { ImageSpecFacts, NodeImages } from "../../../src/reconciler/model/facts.ts";
import { aCutList, aList, aNode, anImage, aSpec, NO_LIST } from "../core/facts.ts";
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
  told,
  wanted,
} from "../core/stage.ts";

const WEB = "r.example/web:1";
const PINNED = `r.example/web@sha256:${"a".repeat(64)}`;
const MINUTE = 60_000;
const HOUR = 3_600_000;

/** One node, one image. */
function stageOf(spec: ImageSpecFacts, images: NodeImages = NO_LIST): Stage {
  return createStage({ nodes: [aNode("n", { images })], images: [anImage("web", spec)] });
}

/** The image is pulled onto the node, which tells of no images yet. */
function pulled(spec: ImageSpecFacts = aSpec(WEB)): Stage {
  const stage = stageOf(spec);
  step(stage);
  end(stage, "n", {}, "pulled");
  step(stage, 1_000);
  return stage;
}

test("a successful pull gives evidence", () => {
  const stage = pulled();
  assert.equal(cell(stage, WEB, "n").isPresent, true);
  assert.deepEqual(wanted(stage), []);
});

const GIVES: readonly [what: string, spec: ImageSpecFacts, list: NodeImages, present: boolean][] = [
  ["Always", aSpec(WEB), aList(WEB), false],
  ["IfNotPresent", aSpec(WEB, { imagePullPolicy: "IfNotPresent" }), aList(WEB), true],
  ["Never", aSpec(WEB, { imagePullPolicy: "Never" }), aList(WEB), true],
  ["a digest with Always", aSpec(PINNED), aList(PINNED), true],
  ["a cut list names it", aSpec(WEB, { imagePullPolicy: "IfNotPresent" }), aCutList(WEB), true],
  ["a longer tag", aSpec(WEB, { imagePullPolicy: "IfNotPresent" }), aList(`${WEB}0`), false],
  ["a longer host", aSpec(WEB, { imagePullPolicy: "IfNotPresent" }), aList(`x${WEB}`), false],
  ["the tag of a digest", aSpec(PINNED), aList(WEB), false],
];

test("a node's list gives evidence for IfNotPresent, Never and digests, comparing whole references", () => {
  for (const [what, spec, list, present] of GIVES) {
    const stage = stageOf(spec, list);
    look(stage);
    assert.equal(cell(stage, spec.reference, "n").isPresent, present, what);
  }
});

test("one CachedImage with Always is enough for lists to prove nothing of the reference", () => {
  const spec = aSpec(WEB, { imagePullPolicy: "IfNotPresent" });
  const images = [anImage("always", aSpec(WEB)), anImage("web", spec)];
  const stage = createStage({ nodes: [aNode("n", { images: aList(WEB) })], images });
  look(stage);
  assert.equal(cell(stage, WEB, "n").isPresent, false);
  stage.facts.images.delete("always");
  look(stage);
  assert.equal(cell(stage, WEB, "n").isPresent, true);
});

const TAKES: readonly [what: string, list: NodeImages, afterMs: number, present: boolean][] = [
  ["a complete list lacks it in the first minute", aList("other/x:1"), MINUTE - 2_000, true],
  ["a complete list lacks it after a minute", aList("other/x:1"), MINUTE, false],
  ["the list is empty", NO_LIST, 9 * HOUR, true],
  ["the list is cut", aCutList("other/x:1"), 9 * HOUR, true],
  [
    "an entry has as many names as are told",
    { ...aList("other/x:1"), hasFullEntry: true },
    9 * HOUR,
    true,
  ],
  ["the list names it", aList(WEB, "other/x:1"), 9 * HOUR, true],
];

test("only a complete list that lacks it takes evidence away, and only after a minute", () => {
  for (const [what, images, afterMs, present] of TAKES) {
    const stage = pulled();
    changeNode(stage, "n", { images });
    stage.now += afterMs;
    look(stage);
    assert.equal(cell(stage, WEB, "n").isPresent, present, what);
  }
});

test("the minute's end wakes the reconciler if the list still lacks the image", () => {
  const stage = pulled();
  changeNode(stage, "n", { images: aList("other/x:1") });
  const { requeueAt } = look(stage);
  assert.equal(requeueAt, stage.now + MINUTE);
  stage.now += MINUTE;
  const { touched } = look(stage);
  assert.deepEqual([...touched], ["web"]);
  assert.equal(cell(stage, WEB, "n").lostAt, stage.now);
});

test("what is trusted without being confirmed counts as unverified", () => {
  const rows: readonly [images: NodeImages, verified: boolean, unverified: number][] = [
    [aList(WEB), true, 0],
    [aCutList(WEB), true, 0],
    [aCutList("other/x:1"), false, 1],
    [NO_LIST, false, 1],
  ];
  for (const [images, verified, unverified] of rows) {
    const stage = pulled();
    changeNode(stage, "n", { images });
    look(stage);
    assert.equal(cell(stage, WEB, "n").isVerified, verified);
    assert.equal(summary(stage, "web").unverified, 0, "the list has had no time to show it");
    if (unverified > 0) assert.equal(look(stage).requeueAt, stage.now + MINUTE, "it is told then");
    stage.now += MINUTE;
    look(stage);
    assert.equal(summary(stage, "web").unverified, unverified);
  }
});

test("an image that is never pulled and absent waits for the list, and says so", () => {
  const spec = aSpec(WEB, { imagePullPolicy: "Never" });
  const stage = stageOf(spec, aList("other/x:1"));
  step(stage);
  end(stage, "n", {}, "NotPresent");
  look(stage);
  const { waiting, backingOff, failedNodes, nextAttemptAt } = summary(stage, "web");
  assert.deepEqual([waiting, backingOff, nextAttemptAt], [0, 1, undefined]);
  assert.deepEqual(
    failedNodes.map((failed) => [failed.failure.reason, failed.nextAttemptAt]),
    [["NotPresent", undefined]],
  );
});

test("how many entries make a list complete is a flag, and a negative one means all of them", () => {
  for (const [nodeStatusMaxImages, present] of [
    [1, true],
    [2, false],
    [-1, false],
  ] as const) {
    const stage = pulled();
    stage.options = { ...stage.options, nodeStatusMaxImages };
    changeNode(stage, "n", { images: aList("other/x:1") });
    stage.now += MINUTE;
    look(stage);
    assert.equal(cell(stage, WEB, "n").isPresent, present, String(nodeStatusMaxImages));
  }
});

test("another node under the same name holds nothing", () => {
  const stage = pulled();
  changeNode(stage, "n", { uid: "another", createdAt: stage.now });
  assert.deepEqual(told(step(stage, 10_000)), ["n: web"]);
  assert.deepEqual(summary(stage, "web").cachedNodes, []);
});

test("a node that comes back under its name and uid after it was gone holds nothing either", () => {
  const stage = pulled();
  const node = stage.facts.nodes.get("n") ?? aNode("n");
  stage.facts.nodes.delete("n");
  look(stage);
  stage.facts.nodes.set("n", node);
  look(stage);
  assert.equal(cell(stage, WEB, "n").isPresent, false);
});

test("a new generation with the same reference keeps evidence, another reference has none", () => {
  const stage = pulled();
  changeSpec(stage, "web", { priority: 5, imagePullSecrets: ["login"], policyName: undefined });
  look(stage);
  assert.deepEqual(summary(stage, "web").cachedNodes, ["n"]);
  changeSpec(stage, "web", { reference: "r.example/web:2" });
  look(stage);
  assert.deepEqual(summary(stage, "web").cachedNodes, []);
});

test("a result counts for every CachedImage with the reference, whatever its policy or secrets", () => {
  const images = [
    anImage("web", aSpec(WEB)),
    anImage("same", aSpec(WEB, { imagePullSecrets: ["login"] })),
    anImage("other", aSpec("r.example/other:1")),
  ];
  const stage = createStage({ nodes: [aNode("n")], images });
  step(stage);
  end(stage, "n", { [WEB]: "pulled" });
  look(stage);
  const ready = ["web", "same", "other"].map((name) => summary(stage, name).ready);
  assert.deepEqual(ready, [1, 1, 0]);
});

test("after a tag moved, the digest is the one that the tag's own entry tells", () => {
  const [old, moved] = [`sha256:${"a".repeat(64)}`, `sha256:${"b".repeat(64)}`];
  const stage = pulled();
  changeNode(stage, "n", { images: aList(WEB, `r.example/web@${old}`) });
  look(stage);
  assert.equal(summary(stage, "web").resolvedDigest, old);
  const names = aList(WEB, `r.example/web@${old}`, `r.example/web@${moved}`);
  changeNode(stage, "n", { images: { ...names, digests: new Map([[WEB, moved]]) } });
  look(stage);
  assert.equal(summary(stage, "web").resolvedDigest, moved);
});
