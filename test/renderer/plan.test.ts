import assert from "node:assert/strict";
import { test } from "node:test";
import { stringify } from "yaml";
import type { RankedImage } from "../../src/discovery/outcome.ts";
import type { LockedPolicy } from "../../src/renderer/lock/lock.ts";
import { desiredChildren } from "../../src/renderer/manifest/desired.ts";
import { readYaml } from "../../src/renderer/manifest/yaml-text.ts";
import { planTree, type SetResult } from "../../src/renderer/plan/tree.ts";
import { conflictsOf, type Plan, type PlannedImage } from "../../src/renderer/plan.ts";
import { applied, aSet, contents, type Disk, ranked, treeOf } from "./builders.ts";

const POLICY: LockedPolicy = { name: "popular", hash: "0".repeat(64) };

interface Wish {
  readonly statics?: readonly string[];
  readonly found?: readonly string[];
  readonly images?: readonly RankedImage[];
  readonly pullPolicy?: "Always" | "IfNotPresent";
}

/** The set "web" with these static images (`name:tag`) and these discovered ones. */
function web({ statics = [], found, images, pullPolicy = "Always" }: Wish): SetResult {
  const entries = statics.map((text) => {
    const [image = "", tag = ""] = text.split(":");
    return { image, tag };
  });
  const set = aSet("web", { imagePullPolicy: pullPolicy, images: entries });
  const discovered = images ?? found?.map((image, index) => ranked(image, index + 1)) ?? [];
  const { children } = desiredChildren(set, discovered);
  const facts = { policy: "popular", count: discovered.length, limit: 30, silent: new Map() };
  return images === undefined && found === undefined
    ? { type: "rendered", set: "web", children, memory: { images: [] } }
    : {
        type: "rendered",
        set: "web",
        children,
        memory: { policy: POLICY, images: discovered },
        discovery: { ...facts, silent: new Map([["metrics", "did not answer"]]) },
      };
}

function planOn(disk: Disk, ...results: SetResult[]): Plan {
  const sets = results.map(({ set }) => set);
  return planTree({ results, tree: treeOf(disk, sets), known: sets, pruneSets: false });
}

function rendered(disk: Disk, ...results: SetResult[]): Disk {
  return applied(disk, planOn(disk, ...results).actions);
}

const EMPTY: Disk = new Map();

function fileOf(disk: Disk, slug: string): string {
  const path = [...disk.keys()].find((name) => name.includes(`/${slug}-`));
  if (path === undefined) assert.fail(`no file ${slug} in ${[...disk.keys()].join(", ")}`);
  return path;
}

function changes(plan: Plan): readonly string[] {
  const images = plan.sets.flatMap((set) => set.images);
  return images.map(({ change, image, replaces, reason }: PlannedImage) =>
    [change, image, ...(replaces ? [`for ${replaces}`] : []), `(${reason})`].join(" "),
  );
}

test("a first run writes every image, a kustomization.yaml that lists them, the lock and the top", () => {
  const disk = rendered(EMPTY, web({ statics: ["redis:8"], found: ["quay.io/a/b:1"] }));
  const children = [...disk.keys()].filter((path) => /web\/.*-[0-9a-f]{8}\.yaml$/.test(path));
  assert.deepEqual([...disk.keys()].sort(), [
    "kustomization.yaml",
    "web/.drop.lock",
    ...[...children, "web/kustomization.yaml"].sort(),
  ]);
  assert.equal(children.length, 2);
  assert.deepEqual(readYaml(disk.get("kustomization.yaml") ?? ""), {
    apiVersion: "kustomize.config.k8s.io/v1beta1",
    kind: "Kustomization",
    resources: ["web"],
  });
  const names = children.map((path) => path.slice("web/".length)).sort();
  assert.match(disk.get("web/kustomization.yaml") ?? "", new RegExp(names.join("[^]*")));
});

test("a second run has nothing to do, whatever the order in which the sources answer", () => {
  const disk = rendered(
    EMPTY,
    web({ statics: ["redis:8"], found: ["quay.io/a/b:1", "quay.io/c/d:2"] }),
  );
  for (const found of [
    ["quay.io/a/b:1", "quay.io/c/d:2"],
    ["quay.io/c/d:2", "quay.io/a/b:1"],
  ]) {
    const plan = planOn(disk, web({ statics: ["redis:8"], found }));
    assert.deepEqual(plan.actions, []);
    assert.deepEqual(
      plan.sets[0]?.images.map(({ change }) => change),
      ["kept", "kept", "kept"],
    );
  }
});

test("a set that holds to the byte what it should gets the plan that comparing its objects gives", () => {
  const wishes: readonly Wish[] = [
    {},
    { statics: ["redis:8", "nginx:1.27"] },
    { found: ["quay.io/a/b:1", "quay.io/c/d:2"] },
    {
      statics: ["redis:8"],
      images: [ranked("quay.io/k/k:1", 1, true), ranked("docker.io/library/redis:8", 2)],
    },
  ];
  for (const wish of wishes) {
    const disk = rendered(EMPTY, web(wish));
    const reformatted = new Map(disk);
    for (const [path, text] of disk) {
      const isLock = path.endsWith(".drop.lock");
      reformatted.set(path, isLock ? JSON.stringify(JSON.parse(text)) : `# reformatted\n${text}`);
    }
    const plan = planOn(disk, web(wish));
    assert.deepEqual(plan, planOn(reformatted, web(wish)));
    assert.deepEqual([plan.actions, plan.sets[0]?.state], [[], "rendered"]);
  }
});

test("the plan gives for every image what happens and why", () => {
  const disk = rendered(
    EMPTY,
    web({
      statics: ["redis:8", "old:1"],
      found: ["quay.io/a/b:1", "quay.io/c/d:2", "quay.io/k/k:1"],
    }),
  );
  const plan = planOn(
    disk,
    web({
      statics: ["redis:8", "new:1"],
      images: [
        ranked("quay.io/a/b:2", 1),
        ranked("quay.io/k/k:1", 2, true),
        ranked("quay.io/n/n:1", 3),
      ],
    }),
  );
  assert.deepEqual(changes(plan), [
    "added docker.io/library/new:1 (listed in the set)",
    "kept docker.io/library/redis:8 (listed in the set)",
    "updated quay.io/a/b:2 for quay.io/a/b:1 (rank 1 of 3 from metrics)",
    "kept quay.io/k/k:1 (remembered: metrics did not answer)",
    "added quay.io/n/n:1 (rank 3 of 3 from metrics)",
    "removed docker.io/library/old:1 (listed in the set no more)",
    "removed quay.io/c/d:2 (no longer among the first 30 of popular)",
  ]);
});

test("with several tags of a repository as many count as updates as go and come", () => {
  const disk = rendered(EMPTY, web({ found: ["quay.io/a/b:1", "quay.io/a/b:2", "quay.io/a/b:3"] }));
  const plan = planOn(disk, web({ found: ["quay.io/a/b:3", "quay.io/a/b:4"] }));
  assert.deepEqual(changes(plan), [
    "kept quay.io/a/b:3 (rank 1 of 2 from metrics)",
    "updated quay.io/a/b:4 for quay.io/a/b:1 (rank 2 of 2 from metrics)",
    "removed quay.io/a/b:2 (no longer among the first 30 of popular)",
  ]);
});

test("new settings of the set reach the files in place", () => {
  const disk = rendered(EMPTY, web({ statics: ["redis:8"] }));
  const plan = planOn(disk, web({ statics: ["redis:8"], pullPolicy: "IfNotPresent" }));
  assert.deepEqual(changes(plan), [
    "updated docker.io/library/redis:8 (its settings in the set changed)",
  ]);
  const after = applied(disk, plan.actions);
  assert.match(after.get(fileOf(after, "redis-8")) ?? "", /imagePullPolicy: IfNotPresent/);
  assert.deepEqual(
    planOn(after, web({ statics: ["redis:8"], pullPolicy: "IfNotPresent" })).actions,
    [],
  );
});

test("a set that loses its policy loses the discovered images, and the reason says so", () => {
  const disk = rendered(EMPTY, web({ found: ["quay.io/a/b:1"] }));
  assert.deepEqual(changes(planOn(disk, web({}))), [
    "removed quay.io/a/b:1 (the set names no DiscoveryPolicy any more)",
  ]);
});

test("a file that a formatter touched is still Drop's: kept as it is, and removed when its time comes", () => {
  const disk = rendered(EMPTY, web({ statics: ["redis:8"] }));
  const path = fileOf(disk, "redis-8");
  disk.set(path, `# ours\n${stringify(readYaml(disk.get(path) ?? ""), { indent: 4 })}`);
  assert.deepEqual(planOn(disk, web({ statics: ["redis:8"] })).actions, []);
  assert.ok(!rendered(disk, web({})).has(path));
});

const edits: readonly [name: string, edit: (text: string) => string][] = [
  ["another value", (text) => text.replace("Always", "Never")],
  ["one more field", (text) => `${text}  priority: 1\n`],
  ["no YAML", () => "{"],
  ["nothing", () => ""],
  ["a second document", (text) => `${text}---\na: 1\n`],
];

test("a file that a person changed is reported and left, wanted or not, and stays listed", () => {
  const disk = rendered(EMPTY, web({ statics: ["redis:8", "nginx:1"] }));
  const path = fileOf(disk, "redis-8");
  for (const [name, edit] of edits) {
    const edited = new Map(disk).set(path, edit(disk.get(path) ?? ""));
    for (const statics of [["redis:8", "nginx:1"], ["nginx:1"], []]) {
      const plan = planOn(edited, web({ statics }));
      assert.deepEqual(
        conflictsOf(plan).map((conflict) => conflict.path),
        [path],
        name,
      );
      const after = applied(edited, plan.actions);
      assert.equal(after.get(path), edited.get(path), name);
      assert.ok(after.get("web/kustomization.yaml")?.includes(path.slice("web/".length)), name);
      const again = planOn(after, web({ statics }));
      assert.deepEqual(again.actions, [], name);
      assert.equal(conflictsOf(again).length, 1, name);
    }
  }
});

test("a change taken back makes the file Drop's again", () => {
  const disk = rendered(EMPTY, web({ statics: ["redis:8"] }));
  const path = fileOf(disk, "redis-8");
  const edited = new Map(disk).set(path, "a: 1\n");
  const left = rendered(edited, web({}));
  const restored = left.set(path, disk.get(path) ?? "");
  assert.ok(!rendered(restored, web({})).has(path));
});

test("a file that a person deleted is written again while its image is wanted", () => {
  const disk = rendered(EMPTY, web({ statics: ["redis:8"] }));
  const path = fileOf(disk, "redis-8");
  const without = new Map(disk);
  without.delete(path);
  assert.deepEqual(contents(rendered(without, web({ statics: ["redis:8"] }))), contents(disk));
  const plan = planOn(without, web({}));
  assert.deepEqual([changes(plan), conflictsOf(plan)], [[], []]);
});

test("files that Drop does not know are never touched", () => {
  const own = new Map([
    ["README.md", "mine"],
    ["web/notes.txt", "mine"],
    ["web/extra.yaml", "kind: ConfigMap"],
    ["web/nginx-1-deadbeef.yaml", "kind: ConfigMap"],
    ["web/deeper/x-deadbeef.yaml", "kind: ConfigMap"],
    ["other/kustomization.yaml", "kind: Kustomization"],
  ]);
  const disk = rendered(new Map(own), web({ statics: ["redis:8"] }));
  const emptied = rendered(disk, web({}));
  for (const [path, text] of own) assert.equal(emptied.get(path), text, path);
  assert.ok(!emptied.get("kustomization.yaml")?.includes("other"));
});

test("a stranger's file where Drop would write one is a conflict, unless it says the same", () => {
  const disk = rendered(EMPTY, web({ statics: ["redis:8"] }));
  const path = fileOf(disk, "redis-8");
  const foreign = planOn(new Map([[path, "a: 1\n"]]), web({ statics: ["redis:8"] }));
  assert.deepEqual(
    conflictsOf(foreign).map((conflict) => conflict.path),
    [path],
  );
  assert.ok(foreign.actions.every((action) => action.path !== path));

  const equal = new Map([[path, `# by hand\n${disk.get(path)}`]]);
  const plan = planOn(equal, web({ statics: ["redis:8"] }));
  assert.deepEqual(conflictsOf(plan), []);
  const after = applied(equal, plan.actions);
  assert.equal(after.get(path), equal.get(path));
  assert.ok(!rendered(after, web({})).has(path), "once adopted it is Drop's");
});

test("a lock that cannot be read protects its set, and no other", () => {
  const api: SetResult = {
    ...web({}),
    type: "rendered",
    set: "api",
    memory: { images: [] },
    children: desiredChildren(aSet("api", { images: [{ image: "redis" }] }), []).children,
  };
  const disk = rendered(EMPTY, web({ statics: ["redis:8"] }));
  disk.set("web/.drop.lock", "<<<<<<< HEAD\n");
  const plan = planOn(disk, api, web({}));
  assert.deepEqual(
    plan.sets.map(({ set, state }) => [set, state]),
    [
      ["api", "rendered"],
      ["web", "refused"],
    ],
  );
  const after = applied(disk, plan.actions);
  assert.ok(after.has(fileOf(disk, "redis-8")));
  assert.match(after.get("kustomization.yaml") ?? "", /- api\n {2}- web\n/);
});

test("a set whose sources did not answer stays as it is, also in the list of sets", () => {
  const disk = rendered(EMPTY, web({ statics: ["redis:8"] }));
  assert.deepEqual(planOn(disk, { type: "unanswered", set: "web" }).actions, []);
  assert.deepEqual(planOn(EMPTY, { type: "unanswered", set: "web" }).actions, []);
});

test("sets that are gone from the inputs stay, and go with --prune-sets", () => {
  const disk = rendered(EMPTY, web({ statics: ["redis:8"] }));
  disk.set("web/notes.txt", "mine");
  const input = { results: [], tree: treeOf(disk), known: [] };
  assert.deepEqual(planTree({ ...input, pruneSets: false }).actions, []);
  const plan = planTree({ ...input, pruneSets: true });
  assert.deepEqual(
    plan.sets.map(({ set, state }) => [set, state]),
    [["web", "pruned"]],
  );
  assert.deepEqual(changes(plan), [
    "removed docker.io/library/redis:8 (its set is gone from the inputs)",
  ]);
  assert.deepEqual([...applied(disk, plan.actions).keys()].sort(), [
    "kustomization.yaml",
    "web/notes.txt",
  ]);
  const kept = planTree({ ...input, known: ["web"], pruneSets: true });
  assert.deepEqual(kept.actions, [], "a set that is only not selected or suspended is not gone");
});

test("a set in which a person changed a file is not pruned", () => {
  const disk = rendered(EMPTY, web({ statics: ["redis:8", "nginx:1"] }));
  disk.set(fileOf(disk, "redis-8"), "a: 1\n");
  const plan = planTree({ results: [], tree: treeOf(disk), known: [], pruneSets: true });
  assert.deepEqual([plan.actions, conflictsOf(plan).length], [[], 1]);
});

const HEAD = "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n";

const tops: readonly [name: string, text: string, verdict: "written" | "fine" | "conflict"][] = [
  ["Drop's own with a set that is gone", `${HEAD}resources: [gone, web]\n`, "written"],
  [
    "Drop's own without sets",
    `${HEAD}generatorOptions: {disableNameSuffixHash: true}\nresources: []\n`,
    "written",
  ],
  ["one that lists another folder", `${HEAD}resources: [mine]\n`, "conflict"],
  ["one that lists a file", `${HEAD}resources: [extra.yaml]\n`, "conflict"],
  ["one with a prefix", `${HEAD}resources: [web]\nnamePrefix: x-\n`, "fine"],
  ["one that lists more", `${HEAD}resources: [mine, ./web/]\n`, "fine"],
  ["no kustomization", "- a\n", "conflict"],
];

test("the list of sets is written where it is Drop's, and a person's own is only looked at", () => {
  for (const [name, text, verdict] of tops) {
    const disk = new Map([
      ["kustomization.yaml", text],
      ["mine/kustomization.yaml", HEAD],
      ["extra.yaml", ""],
    ]);
    const plan = planOn(disk, web({ statics: ["redis:8"] }));
    const isWritten = plan.actions.some(({ path }) => path === "kustomization.yaml");
    const isConflict = conflictsOf(plan).length > 0;
    assert.equal(isWritten ? "written" : isConflict ? "conflict" : "fine", verdict, name);
  }
});

test("what is no ordinary file or folder is reported and left", () => {
  const tree = treeOf(EMPTY, ["web"]);
  const results = [web({ statics: ["redis:8"] })];
  const input = { results, known: ["web"], pruneSets: false };
  const link = planTree({
    ...input,
    tree: { ...tree, obstacles: new Map([["web", "a symbolic link"]]) },
  });
  assert.deepEqual([link.actions, link.sets[0]?.state], [[], "refused"]);

  const other = { type: "other", what: "a symbolic link" } as const;
  const locked = planTree({
    ...input,
    tree: { ...tree, sets: new Map([["web", new Map([[".drop.lock", other]])]]) },
  });
  assert.deepEqual([locked.actions, locked.sets[0]?.state], [[], "refused"]);

  const path = fileOf(rendered(EMPTY, ...results), "redis-8");
  const child = planTree({
    ...input,
    tree: { ...tree, sets: new Map([["web", new Map([[path.slice(4), other]])]]) },
  });
  assert.deepEqual(
    conflictsOf(child).map((conflict) => conflict.path),
    [path],
  );
});
