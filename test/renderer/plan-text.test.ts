import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { planDiff } from "../../src/renderer/plan/diff.ts";
import { planJson, planLines, planText } from "../../src/renderer/plan/text.ts";
import type { Plan } from "../../src/renderer/plan.ts";
import { run } from "../support/child.ts";
import { makeFolder } from "../support/folder.ts";
import { type Disk, treeOf } from "./builders.ts";

const found = { source: "metrics", part: "", rank: 1 };

const plan: Plan = {
  sets: [
    { set: "api", state: "unanswered", images: [], conflicts: [], actions: [] },
    {
      set: "web",
      state: "rendered",
      images: [
        {
          change: "added",
          image: "quay.io/a/b:1",
          origin: "discovered",
          found,
          reason: "rank 1 of 3 from metrics",
        },
        { change: "kept", image: "quay.io/c/d:1", origin: "static", reason: "listed in the set" },
        {
          change: "updated",
          image: "localhost:5000/e/f:2",
          replaces: "localhost:5000/e/f:1",
          origin: "discovered",
          found,
          reason: "rank 2 of 3 from metrics\u001b[31m",
        },
        {
          change: "removed",
          image: "quay.io/g/h:1",
          origin: "static",
          reason: "listed in the set no more",
        },
      ],
      conflicts: [
        { path: "web/x.yaml", what: "it was changed by hand", fix: "take the change back" },
      ],
      actions: [],
    },
  ],
  conflicts: [{ path: "kustomization.yaml", what: "it is not Drop's", fix: 'add "web"' }],
  actions: [
    { type: "write", path: "web/.drop.lock", text: "first\n" },
    { type: "write", path: "web/b-0123abcd.yaml", text: "a: 1\nb: 3\n" },
    { type: "write", path: "web/a-0123abcd.yaml", text: "new: true\n" },
    { type: "remove", path: "web/c-0123abcd.yaml" },
    { type: "write", path: "web/.drop.lock", text: "last\n" },
    { type: "write", path: "kustomization.yaml", text: "top: new\n" },
  ],
};

test("a plan for people counts what stays and names what changes, with the reason", () => {
  assert.equal(
    planText(plan),
    `api: left as it is, no source answered
web: 1 added, 1 updated, 1 removed, 1 kept
  + quay.io/a/b:1  (rank 1 of 3 from metrics)
  ~ localhost:5000/e/f:2 in place of 1  (rank 2 of 3 from metrics\\u{1b}[31m)
  - quay.io/g/h:1  (listed in the set no more)
  ! web/x.yaml: it was changed by hand; take the change back
  ! kustomization.yaml: it is not Drop's; add "web"
2 sets: 1 added, 1 updated, 1 removed, 1 kept; 1 left as it is
`,
  );
});

test("the last line of a plan never calls sets empty that were left as they are", () => {
  const left = (set: string) =>
    ({ set, state: "unanswered", images: [], conflicts: [], actions: [] }) as const;
  const total = (...sets: Plan["sets"]) =>
    planText({ sets, conflicts: [], actions: [] }).split("\n").at(-2);
  assert.equal(total(left("a")), "1 set: 1 left as it is");
  assert.equal(total(left("a"), left("b")), "2 sets: 2 left as they are");
  assert.equal(total({ ...left("a"), state: "rendered" }), "1 set: no images");
  assert.equal(
    total({ ...left("a"), state: "rendered" }, left("b")),
    "2 sets: no images; 1 left as it is",
  );
});

test("on demand it names what stays too", () => {
  const lines = planLines(plan, { verbose: true });
  assert.deepEqual(
    lines.filter(({ kind }) => kind === "kept"),
    [{ kind: "kept", text: "  = quay.io/c/d:1  (listed in the set)" }],
  );
});

test("a plan as JSON has every image, every conflict and every file, and no file's text", () => {
  const json = JSON.parse(planJson(plan));
  assert.equal(json.version, 1);
  assert.deepEqual(json.totals, json.sets[1].totals);
  assert.deepEqual(json.sets[1].totals, { added: 1, kept: 1, updated: 1, removed: 1 });
  assert.deepEqual(json.sets[1].images, plan.sets[1]?.images);
  assert.deepEqual(json.files[3], { type: "remove", path: "web/c-0123abcd.yaml" });
  assert.ok(!planJson(plan).includes("top: new"));
});

const disk: Disk = new Map([
  ["kustomization.yaml", "top: old\n"],
  ["web/.drop.lock", "old\n"],
  ["web/b-0123abcd.yaml", "a: 1\nb: 2\n"],
  ["web/c-0123abcd.yaml", "c: 1\n"],
]);

test("a diff shows each file once, by path, as it will be in the end", () => {
  assert.equal(
    planDiff(plan, treeOf(disk)),
    `--- a/kustomization.yaml
+++ b/kustomization.yaml
@@ -1,1 +1,1 @@
-top: old
+top: new
--- a/web/.drop.lock
+++ b/web/.drop.lock
@@ -1,1 +1,1 @@
-old
+last
--- /dev/null
+++ b/web/a-0123abcd.yaml
@@ -0,0 +1,1 @@
+new: true
--- a/web/b-0123abcd.yaml
+++ b/web/b-0123abcd.yaml
@@ -1,2 +1,2 @@
 a: 1
-b: 2
+b: 3
--- a/web/c-0123abcd.yaml
+++ /dev/null
@@ -1,1 +0,0 @@
-c: 1
`,
  );
  assert.equal(planDiff({ ...plan, actions: [] }, treeOf(disk)), "");
});

test("git takes the diff for a patch of the folder", async (t) => {
  const folder = await makeFolder("diff");
  t.after(() => folder.remove());
  await writeFile(join(folder.path, "plan.diff"), planDiff(plan, treeOf(disk)));
  const listed = await run("git", ["apply", "--numstat", "plan.diff"], { cwd: folder.path });
  assert.equal(listed.code, 0, listed.stderr);
  assert.equal(listed.stdout.trim().split("\n").length, 5);
});
