import assert from "node:assert/strict";
import { mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { dirname, join } from "node:path";
import { type TestContext, test } from "node:test";
import { drop } from "../support/drop.ts";
import { makeFolder } from "../support/folder.ts";
import { requireTool, tool } from "../support/tools.ts";

const header = "apiVersion: drop.corewire.io/v1alpha1\n";

function set(name: string, spec: object): string {
  return `${header}kind: CachedImageSet\nmetadata: {name: ${name}}\nspec: ${JSON.stringify(spec)}\n`;
}

const listed = { images: [{ image: "docker.io/library/nginx", tag: "1.27" }] };

/** A folder with these files, by relative path. */
async function folderOf(t: TestContext, files: Readonly<Record<string, string>>): Promise<string> {
  const folder = await makeFolder("fleet");
  t.after(() => folder.remove());
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder.path, path)), { recursive: true });
    await writeFile(join(folder.path, path), text);
  }
  return folder.path;
}

async function filesIn(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();
}

const twoTargets = `targets:
  - {name: prod, inputs: [prod], outputDir: out/prod}
  - {name: edge, inputs: [edge], outputDir: out/edge}
`;

test("a target with a mistake is left as it is, and the other one is rendered", async (t) => {
  const cwd = await folderOf(t, {
    "drop.yaml": twoTargets,
    "prod/set.yaml": set("web", listed),
    "edge/set.yaml": set("web", listed),
  });
  assert.equal((await drop(["render"], { cwd })).code, 0);
  const before = await filesIn(join(cwd, "out/edge"));
  assert.equal(before.length, 4);

  await writeFile(join(cwd, "edge/set.yaml"), set("web", { images: [{ image: "nginx:1.27" }] }));
  await writeFile(join(cwd, "prod/more.yaml"), set("more", listed));
  const { code, stderr } = await drop(["render"], { cwd });
  assert.equal(code, 2);
  assert.match(stderr, /edge\/set\.yaml:4:.* spec\.images\[0\]\.image: .*\[DROP1006\]/);
  assert.match(stderr, /2 targets: 1 done\n {2}edge: has mistakes, left as it is\n/);
  assert.deepEqual(await filesIn(join(cwd, "out/edge")), before);
  assert.ok((await filesIn(join(cwd, "out/prod"))).some((path) => path.startsWith("more/")));
});

test("a set that is gone from a target's inputs is removed from its folder", async (t) => {
  const cwd = await folderOf(t, {
    "drop.yaml": twoTargets,
    "prod/web.yaml": set("web", listed),
    "prod/gone.yaml": set("gone", listed),
    "edge/set.yaml": set("gone", listed),
  });
  await drop(["render"], { cwd });
  await rm(join(cwd, "prod/gone.yaml"));
  assert.equal((await drop(["render", "--check"], { cwd })).code, 1);
  const { code, stderr } = await drop(["render"], { cwd });
  assert.equal(code, 0, stderr);
  assert.deepEqual(await readdir(join(cwd, "out/prod")), ["kustomization.yaml", "web"]);
  assert.deepEqual(await readdir(join(cwd, "out/edge")), ["gone", "kustomization.yaml"]);
  assert.equal((await drop(["render", "--check"], { cwd })).code, 0);
});

test("a source that two targets have is asked once", async (t) => {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url ?? "");
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify({ name: "team/app", tags: ["v1.0.0", "v2.0.0"] }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => new Promise((resolve) => server.close(resolve)));
  const address = server.address();
  assert.ok(typeof address === "object" && address !== null);
  const registry = { url: `http://127.0.0.1:${address.port}`, repositories: ["team/app"] };
  const policy = (name: string) =>
    `${header}kind: DiscoveryPolicy\nmetadata: {name: ${name}}\nspec: ${JSON.stringify({ sources: [{ type: "registry", registry }] })}\n---\n`;
  const found = (name: string) => policy(name) + set("found", { discoveryPolicyRef: { name } });
  const cwd = await folderOf(t, {
    "drop.yaml": twoTargets,
    "prod/set.yaml": found("one"),
    "edge/set.yaml": found("another"),
  });
  const { code, stderr } = await drop(["render"], { cwd });
  assert.equal(code, 0, stderr);
  assert.equal(asked.filter((url) => url.includes("/tags/list")).length, 1, asked.join("\n"));
  for (const name of ["prod", "edge"]) {
    const written = await filesIn(join(cwd, "out", name));
    assert.equal(written.filter((path) => path.includes("app-v")).length, 2);
  }
});

test("a target is built with kustomize, and one that cannot be built leaves the others alone", async (t) => {
  if (!(await requireTool(t, "kubectl"))) return;
  const cwd = await folderOf(t, {
    "drop.yaml": `targets:
  - {name: broken, kustomize: broken, outputDir: out/broken}
  - {name: edge, kustomize: overlays/edge, outputDir: out/edge}
`,
    "base/kustomization.yaml": "resources: [set.yaml]\n",
    "base/set.yaml": set("web", listed),
    "overlays/edge/kustomization.yaml": "namePrefix: edge-\nresources: [../../base]\n",
    "broken/kustomization.yaml": "resources: [missing.yaml]\n",
  });
  const env = { PATH: `${dirname(await tool("kubectl"))}:/usr/bin:/bin` };
  const { code, stderr } = await drop(["render"], { cwd, env });
  assert.equal(code, 2);
  assert.match(stderr, /drop: broken: kustomize cannot build it: .*missing\.yaml/);
  assert.ok(
    (await filesIn(join(cwd, "out/edge"))).some((path) => path.startsWith("edge-web/nginx-")),
  );
  const without = await drop(["render"], { cwd, env: { PATH: join(cwd, "base") } });
  assert.equal(without.code, 2);
  assert.match(without.stderr, /neither kustomize nor kubectl is installed/);
});

test("a drop.yaml with a mistake names its line, and one that is missing says what to do", async (t) => {
  const cwd = await folderOf(t, { "drop.yaml": "targets:\n  - name: prod\n    outputdir: out\n" });
  const { code, stderr } = await drop(["render"], { cwd });
  assert.equal(code, 2);
  assert.match(
    stderr,
    /^drop\.yaml:3:5: error: targets\[0\]\.outputdir: .*did you mean "outputDir"/m,
  );
  const none = await drop(["render", "--config", "nowhere.yaml"], { cwd });
  assert.equal(none.code, 2);
  assert.match(none.stderr, /nowhere\.yaml: there is no such file or folder; name a PATH/);
});
