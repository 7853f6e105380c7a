import assert from "node:assert/strict";
import { mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { credentialsFrom } from "../../src/discovery/logins/credentials.ts";
import { authorizationOf } from "../../src/discovery/logins/login.ts";
import { givenSecrets, parseSecretFlag } from "../../src/discovery/secrets/flag.ts";
import { secretFolder } from "../../src/discovery/secrets/folder.ts";
import { inputSecrets, parseSecretObject } from "../../src/discovery/secrets/object.ts";
import { firstOf, inMemory } from "../../src/discovery/secrets/secret.ts";
import { SecretValue } from "../../src/runtime/secret-value.ts";
import { run } from "../support/child.ts";
import { makeFolder } from "../support/folder.ts";

const signal = new AbortController().signal;

function keysOf(keys: Readonly<Record<string, string>>) {
  return new Map(Object.entries(keys).map(([key, value]) => [key, new SecretValue(value)]));
}

test("a folder is read as Kubernetes mounts a Secret, through its links", async () => {
  const folder = await makeFolder("secrets");
  try {
    const secret = join(folder.path, "creds");
    await mkdir(join(secret, "..2026_01_02"), { recursive: true });
    await writeFile(join(secret, "..2026_01_02", "token"), "abc");
    await symlink("..2026_01_02", join(secret, "..data"));
    await symlink("..data/token", join(secret, "token"));
    await mkdir(join(secret, "folder"));
    await writeFile(join(secret, "binary"), Buffer.from([0, 255]));
    const keys = (await secretFolder(folder.path).read("creds", signal))?.keys;
    assert.deepEqual([...(keys?.keys() ?? [])], ["binary", "token"]);
    assert.equal(keys?.get("token")?.reveal(), "abc");
    assert.equal(keys?.get("binary")?.byteLength, 2);
  } finally {
    await folder.remove();
  }
});

test("a folder never waits for a pipe", async () => {
  const folder = await makeFolder("secrets");
  try {
    await mkdir(join(folder.path, "creds"));
    const made = await run("mkfifo", [join(folder.path, "creds", "token")]);
    assert.equal(made.code, 0, made.stderr);
    assert.equal((await secretFolder(folder.path).read("creds", signal))?.keys.size, 0);
  } finally {
    await folder.remove();
  }
});

test("a Secret larger than Kubernetes allows is not read", async () => {
  const folder = await makeFolder("secrets");
  try {
    await mkdir(join(folder.path, "creds"));
    await writeFile(join(folder.path, "creds", "a"), Buffer.alloc(800_000));
    await writeFile(join(folder.path, "creds", "b"), Buffer.alloc(800_000));
    await assert.rejects(secretFolder(folder.path).read("creds", signal), /larger than 1 MiB/);
  } finally {
    await folder.remove();
  }
});

for (const name of ["..", "../etc", "a/b", "", ".", "UPPER", "a".repeat(254), "missing"]) {
  test(`the name ${JSON.stringify(name).slice(0, 40)} finds no folder`, async () => {
    assert.equal(await secretFolder("/").read(name, signal), undefined);
  });
}

test("the first reader that has a Secret decides for all of its keys", async () => {
  const reader = firstOf([
    inMemory(new Map()),
    inMemory(new Map([["creds", { keys: keysOf({ token: "first" }) }]])),
    inMemory(new Map([["creds", { keys: keysOf({ token: "second", "ca.crt": "x" }) }]])),
  ]);
  const keys = (await reader.read("creds", signal))?.keys;
  assert.equal(keys?.get("token")?.reveal(), "first");
  assert.equal(keys?.size, 1);
});

test("a Secret object's data is Base64 of any bytes, and stringData goes before it", () => {
  const secret = parseSecretObject({
    kind: "Secret",
    metadata: { name: "creds" },
    data: {
      token: Buffer.from("old").toString("base64"),
      binary: "AP+A",
      empty: null,
      broken: "YW\nJj",
    },
    stringData: { token: "new" },
  });
  assert.ok(secret.ok);
  assert.equal(secret.value.keys.get("token")?.reveal(), "new");
  assert.equal(secret.value.keys.get("binary")?.byteLength, 3);
  assert.equal(secret.value.keys.get("empty")?.byteLength, 0);
  assert.equal(secret.value.keys.get("broken")?.reveal(), "abc");
});

const badSecrets = [
  { data: { token: "hunter2!" } },
  { data: { token: "YWJ" } },
  { data: { token: 5 } },
  { stringData: { token: 5 } },
  { data: ["x"] },
  { data: { "../x": "YQ==" } },
  { metadata: { name: "../x" } },
  { kind: "ConfigMap" },
] as const;

for (const bad of badSecrets) {
  test(`the Secret ${JSON.stringify(bad)} is a mistake that quotes no value`, () => {
    const secret = parseSecretObject({ kind: "Secret", metadata: { name: "creds" }, ...bad });
    assert.ok(!secret.ok);
    assert.doesNotMatch(`${secret.fault.what} ${secret.fault.fix}`, /hunter2/);
  });
}

test("a flag says which key is read from where", () => {
  const env = parseSecretFlag("creds/token=env:MY_TOKEN");
  assert.deepEqual(env.ok && env.value, {
    name: "creds",
    key: "token",
    from: { kind: "env", place: "MY_TOKEN" },
  });
  const file = parseSecretFlag("my.creds/ca.crt=file:/a=b:c");
  assert.deepEqual(file.ok && file.value.from, { kind: "file", place: "/a=b:c" });
});

for (const text of [
  "",
  "creds",
  "creds/token",
  "creds/token=hunter2",
  "creds/token=env:",
  "C/token=env:X",
  "creds/a b=env:X",
  "a/b/c=env:X",
]) {
  test(`the flag ${JSON.stringify(text)} is a mistake that quotes no value`, () => {
    const flag = parseSecretFlag(text);
    assert.ok(!flag.ok);
    assert.doesNotMatch(`${flag.fault.what} ${flag.fault.fix}`, /hunter2/);
  });
}

test("values given one by one make up their Secrets", async () => {
  const reader = givenSecrets([
    { name: "creds", key: "username", value: new SecretValue("admin") },
    { name: "creds", key: "password", value: new SecretValue("old") },
    { name: "creds", key: "password", value: new SecretValue("new") },
  ]);
  const keys = (await reader.read("creds", signal))?.keys;
  assert.equal(keys?.get("password")?.reveal(), "new");
  assert.equal(keys?.get("username")?.reveal(), "admin");
});

const auths = {
  auths: {
    "https://index.docker.io/v1/": { auth: Buffer.from("hub:pw:with:colons").toString("base64") },
    "ghcr.io": { username: "gh", password: "pw" },
    "quay.io": { registrytoken: "tok" },
  },
};
const dockerLogins = [
  ["docker.io", "Basic", "hub:pw:with:colons"],
  ["registry-1.docker.io", "Basic", "hub:pw:with:colons"],
  ["ghcr.io", "Basic", "gh:pw"],
  ["quay.io", "Bearer", "tok"],
] as const;

for (const [host, scheme, value] of dockerLogins) {
  test(`a Docker configuration logs in to ${host} with ${scheme}`, () => {
    const { login } = credentialsFrom(
      keysOf({ ".dockerconfigjson": JSON.stringify(auths) }),
      "creds",
      host,
    );
    assert.ok(login !== undefined && login.kind !== "identity");
    const expected = scheme === "Basic" ? Buffer.from(value).toString("base64") : value;
    assert.equal(authorizationOf(login).reveal(), `${scheme} ${expected}`);
  });
}

test("cert-manager's empty ca.crt is none", () => {
  const pem = "-----BEGIN X-----";
  const { tls } = credentialsFrom(
    keysOf({ "ca.crt": "", "tls.crt": pem, "tls.key": pem }),
    "creds",
    "a.io",
  );
  assert.equal(tls.ca, undefined);
  assert.equal(tls.cert, pem);
});

test("an identity token in a Docker configuration is kept for the token service", () => {
  const config = { auths: { "a.azurecr.io": { auth: "AAAA", identitytoken: "refresh" } } };
  const keys = keysOf({ ".dockerconfigjson": JSON.stringify(config) });
  const { login } = credentialsFrom(keys, "creds", "a.azurecr.io");
  assert.ok(login?.kind === "identity");
  assert.equal(login.token.reveal(), "refresh");
});

const encrypted = "ENC[AES256_GCM,data:aHVudGVyMg==,iv:x,tag:y,type:str]";
const sops = { mac: encrypted, version: "3.9.4" };

for (const [name, fields] of [
  ["values", { stringData: { token: encrypted }, sops }],
  ["data", { data: { token: encrypted }, sops }],
  ["values without its own facts", { stringData: { token: encrypted } }],
  ["facts alone", { data: {}, sops }],
] as const) {
  test(`a Secret among the inputs with SOPS ${name} is named with what to do about it`, async () => {
    const object = { kind: "Secret", metadata: { name: "creds" }, ...fields };
    await assert.rejects(inputSecrets([object]).read("creds", signal), {
      reason: "SecretUnusable",
      message: /creds.*encrypted with SOPS/,
      fix: /sops -d/,
    });
  });
}

test("SOPS ciphertext from anywhere else is no credential either, and is not quoted", () => {
  assert.throws(
    () => credentialsFrom(keysOf({ token: encrypted }), "creds", "a.io"),
    (error: Error) => {
      assert.match(error.message, /"token" of the Secret creds is encrypted with SOPS/);
      assert.doesNotMatch(error.message, /aHVudGVyMg/);
      return true;
    },
  );
});

test("a Secret among the inputs that cannot be read says why where it is named", async () => {
  const objects = [{ kind: "Secret", metadata: { name: "creds" }, data: { token: "hunter2!" } }];
  await assert.rejects(inputSecrets(objects).read("creds", signal), /creds.*no Base64/);
  assert.equal(await inputSecrets(objects).read("other", signal), undefined);
});

test("the annotation of allowed hosts comes along with an input Secret", async () => {
  const annotations = { "drop.corewire.io/allowed-hosts": "ghcr.io" };
  const objects = [{ kind: "Secret", metadata: { name: "creds", annotations } }];
  assert.equal((await inputSecrets(objects).read("creds", signal))?.allowedHosts, "ghcr.io");
  const bad = [
    {
      kind: "Secret",
      metadata: {
        name: "creds",
        annotations: { ...annotations, "drop.corewire.io/allowed-hosts": 5 },
      },
    },
  ];
  await assert.rejects(inputSecrets(bad).read("creds", signal), /allowed-hosts is no text/);
});
