import assert from "node:assert/strict";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { parse, parseAllDocuments } from "yaml";
import { makeFolder } from "../support/folder.ts";
import { type Ran, runDrop } from "../support/quirks/run-drop.ts";

const header = "apiVersion: drop.corewire.io/v1alpha1\n";

const POLICY = `${header}kind: DiscoveryPolicy
metadata: {name: popular}
spec:
  sources:
    - {name: usage, type: prometheus, prometheus: {endpoint: "http://127.0.0.1:1", query: up}}
`;

function set(name: string, spec: object): string {
  return `---\n${header}kind: CachedImageSet\nmetadata: {name: ${name}}\nspec: ${JSON.stringify(spec)}\n`;
}

const nginx = { images: [{ image: "docker.io/library/nginx", tag: "1.27" }] };
const SETS = `${POLICY}${set("found", { discoveryPolicyRef: { name: "popular" } })}${set("listed", nginx)}`;

function recorded(count: number): string {
  const images = Array.from({ length: count }, (_, index) => {
    return `    - {image: "quay.io/x/app-${index}:1", score: ${100 - index}, source: usage}\n`;
  });
  return `${POLICY}status:\n  discoveredImages:\n${images.join("")}  sources: [{name: usage, healthy: true, imageCount: 1}]\n`;
}

interface World {
  readonly out: string;
  /** Writes a file below the folder, an absent one with its folders. */
  readonly put: (path: string, text: string) => Promise<void>;
  readonly render: (...flags: readonly string[]) => Promise<Ran>;
}

/** A folder into which ten discovered images and a listed one are rendered. */
async function worldOf(t: TestContext): Promise<World> {
  const folder = await makeFolder("in-force");
  t.after(() => folder.remove());
  const { path } = folder;
  const out = join(path, "out");
  const put = async (name: string, text: string) => {
    await mkdir(join(path, name, ".."), { recursive: true });
    await writeFile(join(path, name), text);
  };
  await put("in/sets.yaml", SETS);
  await put("all.yaml", recorded(10));
  await put("few.yaml", recorded(3));
  const render = (...flags: readonly string[]) => {
    const args = ["render", join(path, "in"), "--output-dir", out, "-o", "yaml", ...flags];
    return runDrop(args, { folder: path });
  };
  const first = await render("--discovered", join(path, "all.yaml"));
  assert.equal(first.code, 0, first.stderr);
  assert.deepEqual(documents(first.stdout), await objectsIn(out));
  assert.equal(documents(first.stdout).length, 11);
  return { out, put, render };
}

function documents(stream: string): readonly unknown[] {
  return parseAllDocuments(stream).map((document) => document.toJS());
}

/** What kustomize would build of a folder: the objects that the files list, by set and name. */
async function objectsIn(out: string): Promise<readonly unknown[]> {
  const objects: unknown[] = [];
  const top = parse(await readFile(join(out, "kustomization.yaml"), "utf8"));
  for (const name of top.resources) {
    const { resources } = parse(await readFile(join(out, name, "kustomization.yaml"), "utf8"));
    for (const file of resources) {
      objects.push(parse(await readFile(join(out, name, file), "utf8")));
    }
  }
  return objects;
}

async function fileOf(out: string, start: string): Promise<string> {
  const [folder = "", name = ""] = start.split("/");
  const found = (await readdir(join(out, folder))).find((file) => file.startsWith(name));
  assert.ok(found, start);
  return join(out, folder, found);
}

const cases: readonly {
  readonly name: string;
  /** What somebody does before the next run. */
  readonly before?: (world: World) => Promise<void>;
  readonly flags: (world: World) => readonly string[];
  readonly code: number;
  readonly images: number;
}[] = [
  {
    name: "a set that the removal guard refuses",
    flags: ({ out }) => ["--discovered", join(out, "../few.yaml")],
    code: 4,
    images: 11,
  },
  {
    name: "a refused set beside one that changes",
    before: ({ put }) => put("in/sets.yaml", SETS.replace('"tag":"1.27"', '"tag":"1.28"')),
    flags: ({ out }) => ["--discovered", join(out, "../few.yaml")],
    code: 4,
    images: 11,
  },
  {
    name: "a file that a person changed",
    before: async ({ out }) => {
      const file = await fileOf(out, "found/app-3");
      await writeFile(
        file,
        (await readFile(file, "utf8")).replace("spec:", "spec:\n  priority: 7"),
      );
    },
    flags: ({ out }) => ["--discovered", join(out, "../all.yaml")],
    code: 4,
    images: 11,
  },
  {
    name: "a file that a person changed and whose image is no longer wanted",
    before: async ({ out, put }) => {
      const file = await fileOf(out, "listed/nginx");
      await writeFile(
        file,
        (await readFile(file, "utf8")).replace("spec:", "spec:\n  priority: 7"),
      );
      await put("in/sets.yaml", SETS.replace("library/nginx", "library/redis"));
    },
    flags: ({ out }) => ["--discovered", join(out, "../all.yaml")],
    code: 4,
    images: 12,
  },
  {
    name: "a person's own file where Drop would write one",
    before: async ({ out }) => {
      await rm(join(out, "listed/.drop.lock"));
      await rm(join(out, "listed/kustomization.yaml"));
      const file = await fileOf(out, "listed/nginx");
      await writeFile(
        file,
        (await readFile(file, "utf8")).replace("spec:", "spec:\n  priority: 7"),
      );
    },
    flags: ({ out }) => ["--discovered", join(out, "../all.yaml")],
    code: 4,
    images: 10,
  },
  {
    name: "a set whose lock cannot be read",
    before: ({ put }) => put("out/listed/.drop.lock", "<<<<<<< ours\n"),
    flags: ({ out }) => ["--discovered", join(out, "../all.yaml")],
    code: 4,
    images: 11,
  },
  {
    name: "a set of which no source answers and nothing is remembered",
    before: ({ put }) =>
      put(
        "in/sets.yaml",
        SETS.replace('"images":[', '"discoveryPolicyRef":{"name":"popular"},"images":['),
      ),
    flags: () => ["--offline"],
    code: 3,
    images: 11,
  },
];

for (const { name, before, flags, code, images } of cases) {
  test(`the stream shows what is in force, as the folder does: ${name}`, async (t) => {
    const world = await worldOf(t);
    await before?.(world);
    const planned = await world.render(...flags(world), "--dry-run");
    const ran = await world.render(...flags(world));
    assert.equal(ran.code, code, ran.stderr);
    assert.equal(documents(ran.stdout).length, images);
    assert.deepEqual(documents(ran.stdout), await objectsIn(world.out));
    assert.equal(planned.stdout, ran.stdout, "a dry run shows the same");
  });
}
