import assert from "node:assert/strict";
import { test } from "node:test";
import type { CachedImageStatus } from "../../../src/api/types.gen.ts";
import { createLedger } from "../../../src/reconciler/ledger/ledger.ts";
import { lastStarts, restoreStarts } from "../../../src/reconciler/ledger/starts.ts";
import type { ImageFacts, NodeFacts } from "../../../src/reconciler/model/facts.ts";
import { aCutList, aList, aNode, anImage, aPolicy, aSpec, START } from "../core/facts.ts";
import {
  cell,
  createStage,
  end,
  look,
  showPod,
  step,
  summary,
  told,
  wanted,
} from "../core/stage.ts";

const WEB = "r.example/web:1";
const HOUR = 3_600_000;

function time(offsetMs: number): string {
  return new Date(START + offsetMs).toISOString().replace(".000Z", "Z");
}

/** What an earlier leader left: pulled onto `n` an hour ago. */
const STATUS: CachedImageStatus = {
  observedGeneration: 1,
  reference: WEB,
  cachedNodes: ["n"],
  workStartedAt: time(-2 * HOUR),
  lastPulledAt: time(-HOUR),
  lastAttemptedAt: time(-HOUR - 5_000),
};

function left(status: Partial<CachedImageStatus> = {}, over: Partial<ImageFacts> = {}): ImageFacts {
  return { ...anImage("web", aSpec(WEB)), status: { ...STATUS, ...status }, ...over };
}

const TRUSTED: readonly [
  what: string,
  node: Partial<NodeFacts>,
  status: Partial<CachedImageStatus>,
  present: boolean,
][] = [
  ["the list is empty", {}, {}, true],
  ["the list is cut", { images: aCutList("other/x:1") }, {}, true],
  ["the list names it", { images: aList(WEB) }, {}, true],
  ["a complete list lacks it", { images: aList("other/x:1") }, {}, false],
  [
    "a complete list lacks what was pulled half a minute ago",
    { images: aList("other/x:1") },
    { lastPulledAt: time(-30_000) },
    true,
  ],
  ["the node is younger than the last pull", { createdAt: START - HOUR + 1_000 }, {}, false],
  ["the status is about another reference", {}, { reference: "r.example/web:0" }, false],
  ["another node is named", {}, { cachedNodes: ["m"] }, false],
];

test("a new leader trusts cachedNodes as far as nodes and lists allow", () => {
  for (const [what, over, status, present] of TRUSTED) {
    const stage = createStage({ nodes: [aNode("n", over)], images: [left(status)] });
    look(stage);
    assert.equal(cell(stage, WEB, "n").isPresent, present, what);
  }
});

test("what was pulled just before a change of leader gets its minute", () => {
  const nodes = [aNode("n", { images: aList("other/x:1") })];
  const stage = createStage({ nodes, images: [left({ lastPulledAt: time(-30_000) })] });
  assert.equal(look(stage).requeueAt, START + 30_000);
  stage.now += 30_000;
  look(stage);
  assert.equal(cell(stage, WEB, "n").isPresent, false);
});

test("what cachedNodes claims and a complete list lacks was evicted", () => {
  const nodes = [aNode("n", { images: aList("other/x:1") })];
  const stage = createStage({ nodes, images: [left()] });
  look(stage);
  assert.deepEqual(summary(stage, "web").evictedNodes, [
    { node: "n", count: 1, nextAttemptAt: START + 6 * HOUR },
  ]);
});

test("backoff goes on after a restart where failedNodes tells of it", () => {
  const failed = { node: "n", reason: "Unknown", message: "odd", attempts: 3 };
  const failedNodes = [{ ...failed, nextAttemptTime: time(90_000) }];
  const stage = createStage({
    nodes: [aNode("n")],
    images: [left({ cachedNodes: [], failedNodes })],
  });
  assert.deepEqual(wanted(stage), []);
  const { attempts, failure, nextAttemptAt } = cell(stage, WEB, "n");
  assert.deepEqual([attempts, failure?.message, nextAttemptAt], [3, "odd", START + 90_000]);
  const [request] = step(stage, 90_000);
  assert.equal(request?.work.items[0]?.attempt, 4);
});

test("an edit while nobody led clears the backoff and keeps the evidence", () => {
  const failed = { node: "m", reason: "Unknown", attempts: 3, nextAttemptTime: time(HOUR) };
  const image = left({ failedNodes: [failed] }, { generation: 2 });
  const stage = createStage({ nodes: [aNode("n"), aNode("m")], images: [image] });
  assert.deepEqual(told(wanted(stage)), ["m: web"]);
});

test("evictions go on after a restart, for the node that they happened on", () => {
  const evictedNodes = [{ node: "n", count: 2, nextAttemptTime: time(HOUR) }];
  const image = left({ cachedNodes: [], evictedNodes });
  const stage = createStage({ nodes: [aNode("n")], images: [image] });
  assert.deepEqual(wanted(stage), []);
  assert.deepEqual(summary(stage, "web").evictedNodes, [
    { node: "n", count: 2, nextAttemptAt: START + HOUR },
  ]);
  const younger = createStage({
    ...{ nodes: [aNode("n", { createdAt: START - HOUR / 2 })], images: [image] },
  });
  assert.deepEqual(told(wanted(younger)), ["n: web"]);
});

test("three remembered evictions hold the node for a new leader as well", () => {
  const evictedNodes = [{ node: "n", count: 1, nextAttemptTime: time(HOUR) }];
  const lost = ["a", "b", "c"].map((name): ImageFacts => {
    const spec = aSpec(`r.example/${name}:1`);
    const status = { ...STATUS, reference: spec.reference, cachedNodes: [], evictedNodes };
    return { ...anImage(name, spec), status };
  });
  const images = [...lost, anImage("new", aSpec("r.example/new:1"))];
  const stage = createStage({ nodes: [aNode("n")], images });
  assert.deepEqual(wanted(stage), []);
  assert.deepEqual(told(step(stage, HOUR)), ["n: a b c new"]);
});

test("nodes of an architecture that the image does not exist for stay out of its target", () => {
  const failedNodes = [{ node: "arm", reason: "PlatformMismatch", attempts: 1 }];
  const arm = { architecture: "arm64" };
  const nodes = [aNode("arm", arm), aNode("arm-2", arm), aNode("n")];
  const stage = createStage({ nodes, images: [left({ failedNodes })] });
  look(stage);
  const { targeted, ready, blocking } = summary(stage, "web");
  assert.deepEqual([targeted, ready, blocking], [1, 1, 0]);
});

test("the delay after the last start outlives its leader, whatever tells of it", () => {
  const policy = aPolicy("p", { maxConcurrentNodes: 2, minDelayMs: 60_000 });
  const wants = (name: string) => anImage(name, aSpec(`r.example/${name}:1`, { policyName: "p" }));
  const stageOf = (image: ImageFacts) => {
    return createStage({ nodes: [aNode("m"), aNode("n")], images: [image], policies: [policy] });
  };

  const byLease = stageOf(wants("a"));
  restoreStarts(byLease.ledger, { p: START - 10_000 });
  assert.equal(look(byLease).requeueAt, START + 50_000);

  const image = wants("a");
  const status = { ...image.status, lastAttemptedAt: time(-10_000) };
  // A status tells whole seconds: the start may have been up to one later.
  assert.equal(look(stageOf({ ...image, status })).requeueAt, START + 51_000);

  const byPod = stageOf(wants("a"));
  const before = stageOf(wants("a"));
  const [request] = wanted(before);
  assert.ok(request !== undefined);
  showPod(byPod, request, { createdAt: START - 10_000, startedAt: START - 10_000 });
  const { actions, requeueAt } = look(byPod);
  assert.deepEqual([actions, requeueAt], [[], START + 51_000]);
});

test("a Pod of an earlier leader does what its annotations say, and its outcome counts", () => {
  const stage = createStage({ nodes: [aNode("n")], images: [anImage("web", aSpec(WEB))] });
  step(stage);
  stage.ledger = createLedger();
  assert.deepEqual(wanted(stage), []);
  assert.equal(summary(stage, "web").pulling, 1);
  end(stage, "n", {}, "pulled");
  step(stage, 1_000);
  assert.equal(summary(stage, "web").ready, 1);
});

test("an outcome that is read again by a new leader counts once", () => {
  const stage = createStage({ nodes: [aNode("n")], images: [anImage("web", aSpec(WEB))] });
  step(stage);
  end(stage, "n", {}, "Unknown");
  look(stage);
  stage.ledger = createLedger();
  look(stage);
  const { attempts } = cell(stage, WEB, "n");
  assert.deepEqual([attempts, summary(stage, "web").consecutiveFailures], [1, 1]);
});

test("the later of several tellings of a start counts, and none from the future", () => {
  const stage = createStage({});
  restoreStarts(stage.ledger, { p: START - 5, q: START - 7 });
  restoreStarts(stage.ledger, { p: START - 9, "": START + HOUR });
  look(stage);
  const expected = { "": START + 1_000, p: START - 5, q: START - 7 };
  assert.deepEqual(lastStarts(stage.ledger), expected);
  stage.now += 25 * HOUR;
  look(stage);
  assert.deepEqual(Object.keys(lastStarts(stage.ledger)), [""], "policies that are gone");
});
