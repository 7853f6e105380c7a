import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { run } from "../support/child.ts";
import { basic, testCredentials } from "../support/credentials.ts";
import { makeFolder } from "../support/folder.ts";
import { ask } from "../support/http.ts";
import { pushTags } from "../support/push.ts";
import { type Registry, startDistribution, startDockerRegistry } from "../support/registry.ts";
import { requireTool, tool } from "../support/tools.ts";

after(() => {
  const left = [tmpdir(), "/dev/shm"]
    .filter(existsSync)
    .flatMap((folder) => readdirSync(folder))
    .filter((name) => name.startsWith("drop-test-") && name.includes(`-${process.pid}-`));
  assert.deepEqual(left, []);
});

async function refusesConnections(url: string): Promise<void> {
  await assert.rejects(ask(url), { code: "ECONNREFUSED" });
}

function tagsOf(body: string): unknown {
  return JSON.parse(body).tags;
}

test("distribution gives its tags page by page", async (t) => {
  if (!(await requireTool(t, "registry"))) return;
  const registry = await startDistribution();
  t.after(() => registry.stop());
  await pushTags(registry, "library/app", ["c", "a", "b"]);
  const first = await ask(`${registry.url}/v2/library/app/tags/list?n=2`);
  assert.deepEqual(tagsOf(first.body), ["a", "b"]);
  assert.match(
    String(first.headers["link"]),
    /^<\/v2\/library\/app\/tags\/list\?last=b&n=2>; rel="next"$/,
  );
  const second = await ask(`${registry.url}/v2/library/app/tags/list?last=b&n=2`);
  assert.deepEqual(tagsOf(second.body), ["c"]);
  await registry.stop();
  await refusesConnections(registry.url);
});

test("docker-registry gives all its tags whatever page was asked for", async (t) => {
  if (!(await requireTool(t, "docker-registry"))) return;
  const registry = await startDockerRegistry();
  t.after(() => registry.stop());
  await pushTags(registry, "library/app", ["c", "a", "b"]);
  const { body, headers } = await ask(`${registry.url}/v2/library/app/tags/list?n=1&last=b`);
  assert.deepEqual(new Set([tagsOf(body)].flat()), new Set(["a", "b", "c"]));
  assert.equal(headers["link"], undefined);
  await registry.stop();
  await refusesConnections(registry.url);
});

test("a registry with a password refuses everybody but the test account", async (t) => {
  if (!(await requireTool(t, "registry"))) return;
  const registry = await startDistribution({ auth: "basic" });
  t.after(() => registry.stop());
  await pushTags(registry, "library/app", ["v1"]);
  const list = `${registry.url}/v2/library/app/tags/list`;
  const wrong = basic({ ...testCredentials, password: "wrong" });
  const right = basic(testCredentials);
  assert.equal((await ask(list)).status, 401);
  assert.equal((await ask(list, { headers: { authorization: wrong } })).status, 401);
  assert.equal((await ask(list, { headers: { authorization: right } })).status, 200);
  await registry.stop();
});

async function skopeoTags(registry: Registry, repository: string, login: readonly string[]) {
  const home = await makeFolder("skopeo");
  const image = `docker://${registry.host}/${repository}`;
  const args = ["list-tags", "--tls-verify=false", ...login, image];
  const env = { PATH: process.env["PATH"], HOME: home.path };
  const finished = await run(await tool("skopeo"), args, { env });
  await home.remove();
  return finished;
}

test("a registry with tokens shows public repositories to everybody and others to the test account", async (t) => {
  if (!(await requireTool(t, "registry", "skopeo"))) return;
  const registry = await startDistribution({ auth: "token" });
  t.after(() => registry.stop());
  await pushTags(registry, "public/app", ["v1"]);
  await pushTags(registry, "team/app", ["v2"]);
  const { username, password } = testCredentials;
  const login = ["--creds", `${username}:${password}`];
  const open = await skopeoTags(registry, "public/app", ["--no-creds"]);
  const closed = await skopeoTags(registry, "team/app", ["--no-creds"]);
  const opened = await skopeoTags(registry, "team/app", login);
  assert.deepEqual([open.code, JSON.parse(open.stdout).Tags], [0, ["v1"]], open.stderr);
  assert.notEqual(closed.code, 0);
  assert.deepEqual([opened.code, JSON.parse(opened.stdout).Tags], [0, ["v2"]], opened.stderr);
  const asked = registry.tokens?.requests.map(({ account, scopes }) => `${account} ${scopes}`);
  // skopeo asks again when it is refused, so how often is its own affair.
  for (const [account, scope] of [
    [username, "repository:team/app:pull,push"],
    [undefined, "repository:public/app:pull"],
    [undefined, "repository:team/app:pull"],
    [username, "repository:team/app:pull"],
  ]) {
    assert.ok(asked?.includes(`${account} ${scope}`), `${account} ${scope}`);
  }
  await registry.stop();
  await refusesConnections(registry.tokens?.realm ?? "");
});

test("a registry with a private authority is trusted by those who know it only", async (t) => {
  if (!(await requireTool(t, "registry"))) return;
  const registry = await startDistribution({ auth: "token", tls: true });
  t.after(() => registry.stop());
  await pushTags(registry, "public/app", ["v1"]);
  const root = `${registry.url}/v2/`;
  await assert.rejects(ask(root), { code: "UNABLE_TO_VERIFY_LEAF_SIGNATURE" });
  assert.equal((await ask(root, { caPem: registry.caPem })).status, 401);
  await registry.stop();
});

test("thousands of tags are pushed and each of them is the same valid image", async (t) => {
  if (!(await requireTool(t, "registry", "skopeo"))) return;
  const registry = await startDistribution();
  t.after(() => registry.stop());
  const tags = Array.from({ length: 3_000 }, (_, index) => `1.0.${index}`);
  const digest = await pushTags(registry, "library/app", tags);
  const { body } = await ask(`${registry.url}/v2/library/app/tags/list`);
  assert.deepEqual(tagsOf(body), tags.toSorted());
  const copy = await makeFolder("image");
  t.after(() => copy.remove());
  const image = `docker://${registry.host}/library/app:1.0.2999`;
  const options = ["--insecure-policy", "--src-tls-verify=false", "--preserve-digests"];
  const record = join(copy.path, "digest");
  const args = [
    "copy",
    ...options,
    "--digestfile",
    record,
    image,
    `dir:${join(copy.path, "image")}`,
  ];
  const copied = await run(await tool("skopeo"), args);
  assert.equal(copied.code, 0, copied.stderr);
  assert.equal(readFileSync(record, "utf8"), digest);
});
