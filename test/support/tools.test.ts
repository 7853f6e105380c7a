import assert from "node:assert/strict";
import { chmodSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { run } from "./child.ts";
import { makeFolder } from "./folder.ts";
import { pinnedVersion, tools, toolsOf } from "./tool-table.ts";

const pinned = await pinnedVersion(tools.registry.go);

/** Asks for the registry in a process of its own, with an empty PATH so that nothing can be built. */
async function askForRegistry(cache: string, env: NodeJS.ProcessEnv = {}) {
  const code = `
    const { unavailable, tool } = await import("${join(import.meta.dirname, "tools.ts")}");
    const reason = await unavailable("registry");
    console.log(reason === false ? await tool("registry") : "skipped: " + reason);
  `;
  const args = ["--input-type=module", "--eval", code];
  return run(process.execPath, args, { env: { DROP_TEST_TOOLS: cache, PATH: "", ...env } });
}

async function makeCache(t: TestContext, stamp: string): Promise<string> {
  const folder = await makeFolder("tools");
  t.after(() => folder.remove());
  for (const name of ["bin", "stamps"]) mkdirSync(join(folder.path, name));
  writeProgram(join(folder.path, "bin", "registry"));
  writeFileSync(join(folder.path, "stamps", "registry"), `${stamp}\n`);
  return folder.path;
}

function writeProgram(path: string): void {
  writeFileSync(path, "#!/bin/sh\n");
  chmodSync(path, 0o755);
}

test("a cached program of the pinned version is used", async (t) => {
  const cache = await makeCache(t, pinned);
  const { stdout, code } = await askForRegistry(cache);
  assert.deepEqual([code, stdout], [0, `${join(cache, "bin", "registry")}\n`]);
});

test("a cached program of another version is built again, and without Go the test is skipped with the reason", async (t) => {
  const cache = await makeCache(t, "v0.0.1");
  const { stdout, stderr, code } = await askForRegistry(cache);
  assert.equal(code, 0);
  assert.match(stdout, /^skipped: registry cannot be had: Go does not run here: .*ENOENT/);
  assert.match(stderr, /SKIPPED: registry cannot be had/);
});

test("on a build server a missing program is a failure instead", async (t) => {
  const cache = await makeCache(t, "v0.0.1");
  const { stdout, stderr, code } = await askForRegistry(cache, { CI: "true" });
  assert.deepEqual([code, stdout], [1, ""]);
  assert.match(stderr, /MissingTool: registry cannot be had/);
});

test("what just failed is not tried again by the next test file, until it is there", async (t) => {
  const cache = await makeCache(t, "v0.0.1");
  const first = await askForRegistry(cache);
  const path = join(cache, "path");
  mkdirSync(path);
  writeProgram(join(path, "go"));
  const second = await askForRegistry(cache, { PATH: path });
  assert.deepEqual(second, first);
  writeFileSync(join(cache, "stamps", "registry"), pinned);
  assert.match((await askForRegistry(cache)).stdout, /bin\/registry\n$/);
});

test("KUBEBUILDER_ASSETS comes before everything else", async (t) => {
  const folder = await makeFolder("assets");
  t.after(() => folder.remove());
  writeProgram(join(folder.path, "etcd"));
  const code = `
    const { tool } = await import("${join(import.meta.dirname, "tools.ts")}");
    console.log(await tool("etcd"));
  `;
  const env = { PATH: process.env["PATH"], KUBEBUILDER_ASSETS: folder.path };
  const args = ["--input-type=module", "--eval", code];
  const { stdout } = await run(process.execPath, args, { env });
  assert.equal(stdout, `${join(folder.path, "etcd")}\n`);
  assert.equal(existsSync(stdout.trim()), true);
});

test("neither command obtains what only the other one needs", () => {
  const plain = toolsOf("test");
  const endToEnd = toolsOf("e2e");
  assert.deepEqual(
    ["kubelet", "prometheus", "kubectl"].map((name) => plain.some((one) => one === name)),
    [false, true, true],
  );
  assert.deepEqual(
    ["kubelet", "prometheus", "kubectl"].map((name) => endToEnd.some((one) => one === name)),
    [true, false, true],
  );
});
