import assert from "node:assert/strict";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { applyActions } from "../../src/renderer/folder/directory-sink.ts";
import { readTree } from "../../src/renderer/folder/read-tree.ts";
import type { OutputTree } from "../../src/renderer/folder/tree.ts";
import { desiredChildren } from "../../src/renderer/manifest/desired.ts";
import { listedResources } from "../../src/renderer/manifest/kustomization.ts";
import { temporaryName } from "../../src/renderer/manifest/names.ts";
import { readYaml } from "../../src/renderer/manifest/yaml-text.ts";
import { planTree, type SetResult } from "../../src/renderer/plan/tree.ts";
import { conflictsOf, type Plan } from "../../src/renderer/plan.ts";
import { makeFolder } from "../support/folder.ts";
import { applied, aSet, contents, type Disk, ranked, treeOf } from "./builders.ts";

const never = new AbortController().signal;

/** What one run is given: for each set its images and settings. Sets that are missing are gone. */
type Wishes = Readonly<
  Record<string, { readonly images: readonly string[]; readonly always: boolean }>
>;

function plan(tree: OutputTree, wishes: Wishes): Plan {
  const results = Object.entries(wishes).map(([name, { images, always }]): SetResult => {
    const found = images.map((image, index) => ranked(image, index + 1));
    const set = aSet(name, { imagePullPolicy: always ? "Always" : "IfNotPresent" });
    const { children } = desiredChildren(set, found);
    const memory = { policy: { name: "p", hash: "0".repeat(64) }, images: found };
    return { type: "rendered", set: name, children, memory };
  });
  return planTree({ results, tree, known: Object.keys(wishes), pruneSets: true });
}

function run(disk: Disk, wishes: Wishes, stopAfter = Number.POSITIVE_INFINITY): Disk {
  const { actions } = plan(treeOf(disk, Object.keys(wishes)), wishes);
  return applied(disk, actions.slice(0, stopAfter));
}

const images = fc.uniqueArray(
  fc.constantFrom(..."abcdef".split("").map((name) => `quay.io/x/${name}:1`), "quay.io/x/a:2"),
  { maxLength: 5 },
);
const wishes = fc.dictionary(
  fc.constantFrom("api", "base", "web"),
  fc.record({ images, always: fc.boolean() }),
);

test("stopped after any number of steps, the next run ends where an undisturbed one does", () => {
  fc.assert(
    fc.property(wishes, wishes, wishes, fc.nat(40), (first, second, third, stop) => {
      const before = run(new Map(), first);
      const undisturbed = run(before, second);
      const { length } = plan(treeOf(before, Object.keys(second)), second).actions;
      for (let after = 0; after <= length; after++) {
        const stopped = run(before, second, after);
        assert.deepEqual(contents(run(stopped, second)), contents(undisturbed));
      }
      // Also when the next run, itself interrupted, wants something else altogether.
      const stopped = run(run(before, second, stop), third, stop);
      const recovered = plan(treeOf(stopped, Object.keys(second)), second);
      assert.deepEqual(conflictsOf(recovered), []);
      const after = applied(stopped, recovered.actions);
      assert.deepEqual(manifests(after), manifests(undisturbed));
      assert.deepEqual(plan(treeOf(after, Object.keys(second)), second).actions, []);
    }),
    { numRuns: 25 },
  );
});

/** What reaches a cluster: a lock may keep an older order, and the list of no sets may or may not be there. */
function manifests(disk: Disk): readonly (readonly [string, string])[] {
  return contents(disk).filter(([path]) => path.includes("/") && !path.endsWith(".drop.lock"));
}

test("at every step each kustomization.yaml names only what is there", () => {
  fc.assert(
    fc.property(wishes, wishes, (first, second) => {
      let disk = run(new Map(), first);
      for (const action of plan(treeOf(disk, Object.keys(second)), second).actions) {
        disk = applied(disk, [action]);
        assertBuildable(disk);
      }
    }),
    { numRuns: 60 },
  );
});

function assertBuildable(disk: Disk): void {
  for (const name of listedResources(readYaml(disk.get("kustomization.yaml") ?? "")) ?? []) {
    const listing = disk.get(`${name}/kustomization.yaml`);
    assert.ok(listing, `${name} is listed and has no kustomization.yaml`);
    for (const file of listedResources(readYaml(listing)) ?? []) {
      assert.ok(disk.has(`${name}/${file}`), `${name}/${file} is listed and missing`);
    }
  }
}

async function writeDisk(path: string, disk: Disk): Promise<void> {
  for (const [file, text] of disk) {
    await mkdir(dirname(join(path, file)), { recursive: true });
    await writeFile(join(path, file), text);
  }
}

async function readDisk(path: string): Promise<Disk> {
  const disk: Disk = new Map();
  for (const entry of await readdir(path, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = join(entry.parentPath, entry.name);
    disk.set(file.slice(path.length + 1), await readFile(file, "utf8"));
  }
  return disk;
}

test("on a real disk too, half-written files included", async (t) => {
  const folder = await makeFolder("crash");
  t.after(() => folder.remove());
  const path = join(folder.path, "out");
  const first = {
    web: { images: ["quay.io/x/a:1", "quay.io/x/b:1"], always: true },
    old: { images: [], always: true },
  };
  const second = {
    web: { images: ["quay.io/x/a:2", "quay.io/x/b:1", "quay.io/x/c:1"], always: false },
  };
  const before = run(new Map(), first);
  const undisturbed = contents(run(before, second));
  const { actions } = plan(treeOf(before, ["web"]), second);
  assert.ok(actions.length > 8);
  for (let after = 0; after <= actions.length; after++) {
    await rm(path, { recursive: true, force: true });
    await writeDisk(path, before);
    await applyActions({ path, actions: actions.slice(0, after), leftovers: [] }, never);
    const next = actions[after]?.path ?? "web/kustomization.yaml";
    const half = join(path, dirname(next), temporaryName(next.slice(next.lastIndexOf("/") + 1)));
    await mkdir(dirname(half), { recursive: true });
    await writeFile(half, "apiVer");

    const tree = await readTree({ path, sets: ["web"], others: true }, never);
    const repair = plan(tree, second);
    await applyActions({ path, actions: repair.actions, leftovers: tree.leftovers }, never);
    assert.deepEqual(contents(await readDisk(path)), undisturbed, `stopped after ${after}`);
  }
});
