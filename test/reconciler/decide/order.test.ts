import assert from "node:assert/strict";
import { test } from "node:test";
import { aNode, anImage, aPolicy, aSpec, START } from "../core/facts.ts";
import { createStage, end, look, type Stage, step, told, wanted } from "../core/stage.ts";

const POLICY = aPolicy("p");

interface Wish {
  readonly name: string;
  readonly priority?: number;
  readonly secrets?: readonly string[];
}

function stageWith(wishes: readonly Wish[], nodes = [aNode("n")]): Stage {
  const images = wishes.map(({ name, priority = 0, secrets = [] }) => {
    const over = { policyName: "p", priority, imagePullSecrets: secrets };
    return anImage(name, aSpec(`r.example/${name}:1`, over));
  });
  return createStage({ nodes, images, policies: [POLICY] });
}

test("a node gets its images by priority, lower first, and then by name", () => {
  const wishes = [
    { name: "d" },
    { name: "c", priority: 1 },
    { name: "b", priority: -1 },
    { name: "a" },
    { name: "e", priority: 1 },
  ];
  assert.deepEqual(told(wanted(stageWith(wishes))), ["n: b a d c e"]);
});

test("an image that came later has its place in that order as well", () => {
  const stage = stageWith([{ name: "b" }, { name: "c" }]);
  look(stage);
  const spec = aSpec("r.example/a:1", { policyName: "p" });
  stage.facts.images.set("a", anImage("a", spec));
  assert.deepEqual(told(wanted(stage)), ["n: a b c"]);
});

test("nodes get theirs newest first, and of the same age by name", () => {
  const nodes = [
    aNode("old", { createdAt: START - 9_000 }),
    aNode("b", { createdAt: START - 5_000 }),
    aNode("a", { createdAt: START - 5_000 }),
    aNode("new", { createdAt: START - 1_000 }),
  ];
  const requests = wanted(stageWith([{ name: "web" }], nodes));
  assert.deepEqual(told(requests), ["new: web", "a: web", "b: web", "old: web"]);
});

test("a Pod holds as many images as the flag says, and the node gets the rest in further ones", () => {
  const stage = stageWith(["a", "b", "c", "d", "e"].map((name) => ({ name })));
  stage.options = { ...stage.options, maxImagesPerPod: 2 };
  const pods: string[] = [];
  for (let times = 0; times < 3; times++) {
    pods.push(...told(step(stage)));
    end(stage, "n", {}, "pulled");
  }
  assert.deepEqual(pods, ["n: a b", "n: c d", "n: e"]);
});

test("only images with equal pull secrets share a Pod", () => {
  const stage = stageWith([
    { name: "a", secrets: ["x"] },
    { name: "b" },
    { name: "c", secrets: ["x"] },
    { name: "d", secrets: ["x", "y"] },
  ]);
  const pods: string[] = [];
  for (let times = 0; times < 3; times++) {
    pods.push(...told(step(stage)));
    end(stage, "n", {}, "pulled");
  }
  assert.deepEqual(pods, ["n: a c", "n: b", "n: d"]);
});

test("CachedImages that want the same are one item of a Pod, with the strictest pull policy", () => {
  const of = (imagePullPolicy: "Always" | "IfNotPresent") => {
    return aSpec("r.example/web:1", { policyName: "p", imagePullPolicy });
  };
  const images = [anImage("b", of("Always")), anImage("a", of("IfNotPresent"))];
  const [request, ...others] = wanted(
    createStage({ nodes: [aNode("n")], images, policies: [POLICY] }),
  );
  assert.equal(others.length, 0);
  assert.deepEqual(
    request?.work.items.map(({ images: names, pullPolicy }) => [names, pullPolicy]),
    [[["a", "b"], "Always"]],
  );
  assert.deepEqual(request?.owners, [
    { name: "a", uid: "uid-of-a" },
    { name: "b", uid: "uid-of-b" },
  ]);
});

test("Never makes a Pod that only looks", () => {
  const spec = aSpec("r.example/web:1", { policyName: "p", imagePullPolicy: "Never" });
  const stage = createStage({
    nodes: [aNode("n")],
    images: [anImage("web", spec)],
    policies: [POLICY],
  });
  const [request] = step(stage);
  assert.equal(request?.work.items[0]?.pullPolicy, "Never");
  end(stage, "n", {}, "NotPresent");
  step(stage);
  assert.ok(look(stage).requeueAt !== undefined, "nobody else will tell when it is there");
});

test("where a complete list says that it is absent, Never waits for the list", () => {
  const spec = aSpec("r.example/web:1", { policyName: "p", imagePullPolicy: "Never" });
  const images = { names: ["other/x:1"], entryCount: 1, hasFullEntry: false };
  const nodes = [aNode("n", { images })];
  const stage = createStage({ nodes, images: [anImage("web", spec)], policies: [POLICY] });
  step(stage);
  end(stage, "n", {}, "NotPresent");
  step(stage);
  assert.deepEqual(told(step(stage, 86_400_000)), []);
});

test("a Pod tolerates what its images and their policy tolerate, each once", () => {
  const exists = (key: string) => ({ key, operator: "Exists" as const });
  const policy = { ...POLICY, tolerations: [exists("z"), exists("a")] };
  const image = (name: string, key: string) => {
    const tolerations = [exists(key), exists("z")];
    return anImage(name, aSpec(`r.example/${name}:1`, { policyName: "p", tolerations }));
  };
  const images = [image("one", "b"), image("two", "c")];
  const [request] = wanted(createStage({ nodes: [aNode("n")], images, policies: [policy] }));
  assert.deepEqual(
    request?.tolerations.map(({ key }) => key),
    ["a", "b", "c", "z"],
  );
});

test("a Pod says how long kubelet may take, which is longer than Drop waits", () => {
  const stage = stageWith([{ name: "a" }, { name: "b" }]);
  const [request] = wanted(stage);
  assert.ok((request?.activeDeadlineMs ?? 0) > 2 * POLICY.pullTimeoutMs);
});

test("what is there is not pulled, and what is deleted neither", () => {
  const stage = stageWith([{ name: "a" }, { name: "b" }]);
  const image = stage.facts.images.get("a") ?? anImage("a", "");
  stage.facts.images.set("a", { ...image, isDeleting: true });
  assert.deepEqual(told(wanted(stage)), ["n: b"]);
});

test("nothing is started for an image whose policy is not there, or that a person suspended", () => {
  const rows = [
    [{ policyName: "nobody" }, "PolicyNotFound"],
    [{ isSuspended: true }, "Suspended"],
    [{ policyName: "still" }, "Suspended"],
  ] as const;
  for (const [over, reason] of rows) {
    const images = [anImage("web", aSpec("r.example/web:1", { policyName: "p", ...over }))];
    const policies = [POLICY, aPolicy("still", { isSuspended: true })];
    const stage = createStage({ nodes: [aNode("n")], images, policies });
    const { actions, requeueAt } = look(stage);
    assert.deepEqual([actions, requeueAt], [[], undefined], reason);
  }
});

test("an image without a policy is paced like others without one, and begins when its policy appears", () => {
  const stage = stageWith([{ name: "web" }]);
  stage.facts.policies.clear();
  assert.deepEqual(wanted(stage), []);
  stage.facts.policies.set("p", POLICY);
  assert.equal(wanted(stage).length, 1);
  const plain = createStage({
    nodes: [aNode("m"), aNode("n")],
    images: [anImage("a", aSpec("r.example/a:1")), anImage("b", aSpec("r.example/b:1"))],
  });
  assert.deepEqual(told(wanted(plain)), ["m: a b"]);
});
