import assert from "node:assert/strict";
import { test } from "node:test";
import { holdsOf } from "../../../src/reconciler/ledger/holds.ts";
import { aNode, anImage, aPolicy, aSpec } from "../core/facts.ts";
import {
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

const POLICY = aPolicy("p", { backoffInitialMs: 30_000, backoffMaxMs: 100_000 });

/** Nodes `n1`, `n2`, …, and images of `r.example` or, with a slash, of the host before it. */
function stageWith(nodes: number, names: readonly string[], maxConcurrentNodes = 10): Stage {
  const images = names.map((name) => {
    const reference = name.includes("/") ? `${name}:1` : `r.example/${name}:1`;
    return anImage(name.replace("/", "-"), aSpec(reference, { policyName: "p" }));
  });
  const all = Array.from({ length: nodes }, (_, n) => aNode(`n${n + 1}`));
  return createStage({ nodes: all, images, policies: [{ ...POLICY, maxConcurrentNodes }] });
}

function held(stage: Stage): readonly string[] {
  return holdsOf(stage.ledger).map(({ kind, subject }) => `${kind} ${subject}`);
}

test("an image that one node cannot get is checked on another, and then held everywhere", () => {
  const stage = stageWith(4, ["web"], 1);
  assert.deepEqual(told(step(stage)), ["n1: web"]);
  end(stage, "n1", {}, "NotFound");
  assert.deepEqual(told(step(stage)), ["n2: web"]);
  assert.equal(summary(stage, "web").hold, undefined);
  end(stage, "n2", {}, "NotFound");
  assert.deepEqual(told(step(stage)), []);
  const { hold, backingOff, failedNodes } = summary(stage, "web");
  assert.deepEqual([hold?.reason, hold?.scope, backingOff], ["NotFound", "image", 4]);
  assert.deepEqual(
    failedNodes.map(({ node }) => node),
    ["n1", "n2"],
  );
  assert.deepEqual(held(stage), ["image r.example/web:1"]);
  assert.equal(look(stage).requeueAt, hold?.until);
});

test("a held image is tried on one node at a time, ever less often, and released everywhere by one success", () => {
  const stage = stageWith(4, ["web"]);
  step(stage);
  for (const node of ["n1", "n2", "n3", "n4"]) end(stage, node, {}, "NotFound");
  step(stage);
  const waits: number[] = [];
  for (let times = 0; times < 3; times++) {
    const until = summary(stage, "web").hold?.until ?? 0;
    waits.push(until - stage.now);
    const probes = step(stage, until - stage.now);
    assert.equal(probes.length, 1);
    end(stage, probes[0]?.work.nodeName ?? "", {}, "NotFound");
    step(stage);
  }
  assert.ok(
    waits.every((wait, n) => n === 0 || wait >= (waits[n - 1] ?? 0)),
    waits.join(" "),
  );
  assert.equal(summary(stage, "web").consecutiveFailures > 1, true);
  const [probe] = step(stage, 100_000);
  end(stage, probe?.work.nodeName ?? "", {}, "pulled");
  assert.equal(step(stage).length, 3);
});

test("where another node gets the image the first one alone backs off, and its word counts no more", () => {
  const stage = stageWith(3, ["web"], 1);
  step(stage);
  end(stage, "n1", {}, "NotFound");
  assert.deepEqual(told(step(stage)), ["n2: web"]);
  end(stage, "n2", {}, "pulled");
  assert.deepEqual(told(step(stage)), ["n3: web"]);
  end(stage, "n3", {}, "pulled");
  for (let times = 0; times < 3; times++) {
    assert.deepEqual(told(step(stage, 100_000)), ["n1: web"]);
    end(stage, "n1", {}, "NotFound");
    look(stage);
  }
  assert.deepEqual(held(stage), []);
  const { failedNodes, ready, targeted } = summary(stage, "web");
  assert.deepEqual([ready, targeted, failedNodes[0]?.attempts], [2, 3, 4]);
});

test("a dead registry holds all that comes from it, for all policies, and nothing else", () => {
  const images = [
    anImage("a", aSpec("dead.example/a:1", { policyName: "p" })),
    anImage("b", aSpec("dead.example/b:1", { policyName: "q" })),
    anImage("c", aSpec("live.example/c:1", { policyName: "q" })),
  ];
  const nodes = [aNode("n1"), aNode("n2"), aNode("n3")];
  const policies = [
    { ...POLICY, maxConcurrentNodes: 1 },
    { ...POLICY, name: "q", maxConcurrentNodes: 1 },
  ];
  const stage = createStage({ nodes, images, policies });
  assert.deepEqual(told(step(stage)), ["n1: a", "n2: b c"]);
  end(stage, "n1", {}, "ConnectionRefused");
  end(stage, "n2", { "live.example/c:1": "pulled", "dead.example/b:1": "ConnectionRefused" });
  // `c` goes on; both failed nodes say the same of the registry.
  assert.deepEqual(told(step(stage)), ["n1: c"]);
  assert.deepEqual(held(stage), ["registry dead.example"]);
  assert.equal(summary(stage, "b").hold?.reason, "ConnectionRefused");
  assert.equal(summary(stage, "c").hold, undefined);
  end(stage, "n1", {}, "pulled");
  assert.deepEqual(told(step(stage)), ["n3: c"]);
  end(stage, "n3", {}, "pulled");
  assert.deepEqual(told(step(stage)), []);
  assert.equal(step(stage, 30_000).length, 1);
});

test("a registry that says no has answered", () => {
  const stage = stageWith(3, ["dead.example/a", "dead.example/b"], 1);
  step(stage);
  end(stage, "n1", {}, "ConnectionRefused");
  assert.deepEqual(told(step(stage)), ["n2: a"]);
  assert.equal(wanted(stage).length, 0);
  stage.now += 5_000;
  end(stage, "n2", {}, "NotFound");
  assert.deepEqual(told(step(stage)), ["n2: b"]);
  assert.deepEqual(held(stage), []);
});

test("a Pod that was under way before the failure is no probe, and nobody waits for it", () => {
  const stage = stageWith(3, ["web"], 2);
  assert.deepEqual(told(step(stage)), ["n1: web", "n2: web"]);
  end(stage, "n1", {}, "ConnectionRefused");
  assert.deepEqual(told(step(stage)), ["n3: web"]);
});

test("a probe that gets no answer keeps others from asking for a minute only", () => {
  const stage = stageWith(4, ["web"], 4);
  step(stage);
  end(stage, "n1", {}, "ConnectionRefused");
  stage.facts.images.set("app", anImage("app", aSpec("r.example/app:1", { policyName: "p" })));
  const [probe] = step(stage, 1_000);
  assert.deepEqual(told(probe === undefined ? [] : [probe]), []);
  for (const node of ["n2", "n3", "n4"]) end(stage, node, {}, "ConnectionRefused");
  step(stage);
  const until = summary(stage, "web").hold?.until ?? 0;
  assert.equal(step(stage, until - stage.now).length, 1);
  assert.equal(step(stage, 59_999).length, 0);
  assert.equal(step(stage, 1).length, 1);
});

test("a node without an image for its architecture leaves the target with all of its kind", () => {
  const nodes = ["arm64", "arm64", "amd64"].map((architecture, n) =>
    aNode(`n${n + 1}`, { architecture }),
  );
  const images = [anImage("web", aSpec("r.example/web:1", { policyName: "p" }))];
  const stage = createStage({ nodes, images, policies: [{ ...POLICY, maxConcurrentNodes: 1 }] });
  step(stage);
  end(stage, "n1", {}, "PlatformMismatch");
  assert.deepEqual(told(step(stage)), ["n3: web"]);
  const { targeted, failedNodes, hold } = summary(stage, "web");
  assert.deepEqual([targeted, hold], [1, undefined]);
  assert.deepEqual(
    failedNodes.map(({ node, nextAttemptAt }) => [node, nextAttemptAt]),
    [["n1", undefined]],
  );
  assert.deepEqual(held(stage), ["platform r.example/web:1 on arm64"]);
  changeSpec(stage, "web", { priority: 1 });
  look(stage);
  assert.equal(summary(stage, "web").targeted, 3);
});

test("an image that exists for no node's architecture is held itself", () => {
  const stage = stageWith(2, ["web"], 1);
  step(stage);
  end(stage, "n1", {}, "PlatformMismatch");
  step(stage);
  const { targeted, hold } = summary(stage, "web");
  assert.deepEqual(
    [targeted, hold?.reason, hold?.scope, hold?.until],
    [0, "PlatformMismatch", "image", undefined],
  );
});

test("a name that no registry could have waits for a person", () => {
  const stage = stageWith(3, ["web"], 1);
  step(stage);
  end(stage, "n1", {}, "InvalidReference");
  step(stage);
  end(stage, "n2", {}, "InvalidReference");
  step(stage);
  assert.equal(summary(stage, "web").hold?.until, undefined);
  assert.equal(summary(stage, "web").hold?.reason, "InvalidReference");
  assert.deepEqual(told(step(stage, 1_000_000_000)), []);
  assert.equal(look(stage).requeueAt, undefined);
  changeSpec(stage, "web", { reference: "r.example/web:2" });
  assert.equal(wanted(stage).length, 1);
});

test("a node that fails itself is held with all images and policies, and holds nobody's Ready up", () => {
  const stage = stageWith(2, ["web", "app"], 2);
  step(stage);
  end(stage, "n1", {}, "DiskPressure");
  end(stage, "n2", {}, "pulled");
  step(stage);
  stage.facts.images.set("new", anImage("new", aSpec("r.example/new:1", { policyName: "p" })));
  assert.deepEqual(told(step(stage)), ["n2: new"]);
  assert.deepEqual(held(stage), ["node n1"]);
  assert.equal(summary(stage, "new").blocking, 1);
  assert.equal(summary(stage, "web").blocking, 0);
  const [until] = holdsOf(stage.ledger).map((hold) => hold.until ?? 0);
  assert.deepEqual(told(step(stage, (until ?? 0) - stage.now)), ["n1: new"]);
  end(stage, "n1", {}, "pulled");
  look(stage);
  assert.deepEqual(held(stage), []);
});

test("a tool image that cannot be had is the installation's problem, and no image's", () => {
  const stage = stageWith(3, ["web"], 1);
  const broken = (node: string) => {
    const pod = [...stage.facts.pods.values()].find(({ nodeName }) => nodeName === node);
    assert.ok(pod?.work !== undefined);
    const words =
      "failed to resolve reference tools.example/pause:1: tools.example/pause:1: not found";
    const containers = pod.work.items.map(({ container, reference }) => ({
      ...{ name: container, state: "waiting" as const, reason: "ErrImagePull", message: words },
      ...{ exitCode: undefined, finishedAt: undefined, imageId: "" },
      ...{ image: "tools.example/pause:1", volumeImage: reference },
    }));
    stage.facts.pods.set(pod.name, { ...pod, containers });
  };
  step(stage);
  broken("n1");
  assert.deepEqual(told(step(stage)), ["n2: web"]);
  broken("n2");
  assert.deepEqual(told(step(stage)), []);
  assert.deepEqual(held(stage), ["installation image-volume"]);
  const { hold, failedNodes, consecutiveFailures } = summary(stage, "web");
  assert.deepEqual([hold?.scope, failedNodes, consecutiveFailures], ["installation", [], 0]);
  const [probe] = step(stage, 60_000);
  assert.equal(probe?.work.items[0]?.attempt, 1);
  end(stage, probe?.work.nodeName ?? "", {}, "pulled");
  step(stage);
  assert.deepEqual(held(stage), []);
});

test("whatever is held or released touches every image that it concerns", () => {
  const stage = stageWith(3, ["dead.example/a"], 2);
  step(stage);
  end(stage, "n1", {}, "ConnectionRefused");
  stage.facts.images.set("d", anImage("d", aSpec("dead.example/d:1", { policyName: "p" })));
  look(stage);
  end(stage, "n2", {}, "ConnectionRefused");
  assert.ok(look(stage).touched.has("d"));
  assert.notEqual(summary(stage, "d").hold, undefined);
  step(stage);
  const [probe] = step(stage, 100_000);
  end(stage, probe?.work.nodeName ?? "", {}, "pulled");
  assert.ok(look(stage).touched.has("d"));
  assert.equal(summary(stage, "d").hold, undefined);
});
