import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { RegistrySource } from "../../src/api/types.gen.ts";
import { pushTags } from "../support/push.ts";
import { type Registry, startDistribution, startDockerRegistry } from "../support/registry.ts";
import { askOne, found, reasonOf, textOf } from "./ask.ts";
import { registrySource } from "./policies.ts";

const many = Array.from({ length: 1203 }, (_, index) => `v1.0.${index}`);
const few = ["v9.0.0", "v10.0.0", "v10.0.0-rc.1", "latest", "v9.10.0"];

let paging: Registry;
let whole: Registry;

before(async () => {
  [paging, whole] = await Promise.all([startDistribution(), startDockerRegistry()]);
  for (const registry of [paging, whole]) {
    await pushTags(registry, "team/many", many);
    await pushTags(registry, "team/round", many.slice(0, 1_100));
    await pushTags(registry, "team/few", few);
  }
});

after(async () => {
  await paging?.stop();
  await whole?.stop();
});

function source(registry: Registry, more: Partial<RegistrySource>) {
  return registrySource({ url: registry.url, repositories: ["team/few"], ...more });
}

for (const name of [
  "distribution 3, which pages",
  "docker-registry 2.8, which does not page",
] as const) {
  const registryOf = () => (name.startsWith("distribution") ? paging : whole);

  test(`every tag is found on ${name}`, async () => {
    const pages: number[] = [];
    const outcome = await askOne(source(registryOf(), { repositories: ["team/many"], topX: 3 }), {
      onProgress: (progress) => pages.push(progress.pages, progress.tags),
    });
    const { host } = registryOf();
    assert.deepEqual(found(outcome), [
      `${host}/team/many:v1.0.1202=1000`,
      `${host}/team/many:v1.0.1201=999`,
      `${host}/team/many:v1.0.1200=998`,
    ]);
    assert.deepEqual(pages, [1, 1203]);
  });

  test(`a list that may be cut is read in pages on ${name}`, async () => {
    const pages: number[] = [];
    const outcome = await askOne(source(registryOf(), { repositories: ["team/round"] }), {
      onProgress: (progress) => pages.push(progress.pages, progress.tags),
    });
    assert.equal(found(outcome).length, 1_100);
    assert.deepEqual(pages, name.startsWith("distribution") ? [1, 1000, 2, 1100] : [1, 1100]);
  });

  test(`versions are ordered as versions on ${name}`, async () => {
    const outcome = await askOne(source(registryOf(), { tagFilter: "^v" }));
    const tags = found(outcome).map((text) => text.split(":").at(-1));
    assert.deepEqual(tags, ["v10.0.0=1000", "v10.0.0-rc.1=999", "v9.10.0=998", "v9.0.0=997"]);
  });

  test(`one missing repository does not hide the other on ${name}`, async () => {
    const outcome = await askOne(
      source(registryOf(), { repositories: ["team/none", "team/few"], topX: 1 }),
    );
    assert.equal(reasonOf(outcome), "NotFound");
    assert.match(textOf(outcome), /no repository team\/none/);
    assert.equal(found(outcome).length, 1);
  });
}

test("a registry with htpasswd wants the right login", async () => {
  const registry = await startDistribution({ auth: "basic" });
  try {
    await pushTags(registry, "team/few", few);
    const { username = "", password = "" } = registry.credentials ?? {};
    const locked = registrySource(
      { url: registry.url, repositories: ["team/few"] },
      { secretRef: { name: "creds" } },
    );
    assert.equal(found(await askOne(locked, { secret: { username, password } })).length, 5);
    assert.equal(
      reasonOf(await askOne(locked, { secret: { username, password: "wrong" } })),
      "Unauthorized",
    );
    const anonymous = await askOne(source(registry, {}));
    assert.equal(reasonOf(anonymous), "Unauthorized");
    assert.match(textOf(anonymous), /secretRef/);
  } finally {
    await registry.stop();
  }
});

test("a registry with a token service serves the public anonymously and the rest to a login", async () => {
  const registry = await startDistribution({ auth: "token" });
  try {
    await pushTags(registry, "public/app", few);
    await pushTags(registry, "private/app", few);
    const repositories = ["public/app", "private/app"];
    const anonymous = await askOne(source(registry, { repositories }));
    assert.deepEqual(
      anonymous.parts.map(({ state }) => state),
      ["complete", "failed"],
    );
    assert.equal(reasonOf(anonymous), "Unauthorized");

    const { username = "", password = "" } = registry.credentials ?? {};
    const auth = Buffer.from(`${username}:${password}`).toString("base64");
    const config = JSON.stringify({ auths: { [registry.host]: { auth } } });
    const known = registrySource(
      { url: registry.url, repositories },
      { secretRef: { name: "creds" } },
    );
    const outcome = await askOne(known, { secret: { ".dockerconfigjson": config } });
    assert.deepEqual(
      outcome.parts.map(({ state }) => state),
      ["complete", "complete"],
    );
    assert.equal(registry.tokens?.requests.at(-1)?.account, username);
  } finally {
    await registry.stop();
  }
});

test("a registry's private authority is trusted when the Secret holds it, and not otherwise", async () => {
  const registry = await startDistribution({ tls: true });
  try {
    await pushTags(registry, "team/few", few);
    const secured = registrySource(
      { url: registry.url, repositories: ["team/few"] },
      { secretRef: { name: "creds" } },
    );
    const outcome = await askOne(secured, { secret: { "ca.crt": registry.caPem ?? "" } });
    assert.equal(found(outcome).length, 5);
    const distrusting = await askOne(source(registry, {}));
    assert.equal(reasonOf(distrusting), "TLSError");
    assert.match(textOf(distrusting), /ca\.crt/);
  } finally {
    await registry.stop();
  }
});
