import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { after, before, test } from "node:test";
import { stringify } from "yaml";
import { systemClock } from "../../src/runtime/http-clock.ts";
import { faultServer, type Handler, json } from "../runtime/fault-server.ts";
import { basic } from "../support/credentials.ts";
import { drop, projectFolder } from "../support/drop.ts";
import { type Folder, makeFolder } from "../support/folder.ts";
import { startProxy } from "../support/quirks/proxy.ts";
import { runDrop } from "../support/quirks/run-drop.ts";
import { makeAuthority, type PrivateAuthority, startTls } from "../support/quirks/tls.ts";
import { until } from "../support/until.ts";

let folder: Folder;
let authority: PrivateAuthority;
let count = 0;

before(async () => {
  folder = await makeFolder("sources");
  authority = await makeAuthority();
});

after(async () => {
  await folder?.remove();
});

async function fileWith(name: string, text: string): Promise<string> {
  const path = join(folder.path, String(count++));
  await mkdir(path);
  await writeFile(join(path, name), text);
  return join(path, name);
}

const apiVersion = "drop.corewire.io/v1alpha1";

/** A set, and the policy that it names, with one registry. */
function inputs(
  url: string,
  { secret, more = [] }: { secret?: string; more?: readonly unknown[] } = {},
) {
  const source = {
    type: "registry",
    registry: { url, repositories: ["team/app"] },
    ...(secret !== undefined && { secretRef: { name: secret } }),
  };
  const set = { images: [{ image: "static.example.com/base", tag: "1" }] };
  const objects = [
    {
      apiVersion,
      kind: "DiscoveryPolicy",
      metadata: { name: "policy" },
      spec: { sources: [source] },
    },
    {
      apiVersion,
      kind: "CachedImageSet",
      metadata: { name: "set" },
      spec: { ...set, discoveryPolicyRef: { name: "policy" } },
    },
    ...more,
  ];
  return fileWith("in.yaml", objects.map((object) => `---\n${stringify(object)}`).join(""));
}

test("NODE_EXTRA_CA_CERTS adds an authority for every source", async () => {
  await using server = await startTls(authority);
  const file = await inputs(server.url);
  const bundle = await fileWith("ca.pem", authority.ca);
  const trusting = await drop(["discover", file], { env: { NODE_EXTRA_CA_CERTS: bundle } });
  assert.equal(trusting.code, 0, trusting.stderr);
  assert.match(trusting.stdout, /team\/app:1\.0/);
  const plain = await drop(["discover", file]);
  assert.equal(plain.code, 3);
  assert.match(plain.stderr, /no trusted TLS connection/);
});

test("HTTPS_PROXY and NO_PROXY are read from the environment, in either spelling", async () => {
  await using server = await startTls(authority);
  await using proxy = await startProxy();
  const file = await inputs(server.url.replace("127.0.0.1", "registry.example.com"), {
    secret: "creds",
  });
  const bundle = await fileWith("ca.pem", authority.ca);
  const args = ["discover", file, "--secret", `creds/ca.crt=file:${bundle}`];
  const options = { folder: folder.path };
  for (const name of ["HTTPS_PROXY", "https_proxy"]) {
    const ran = await runDrop(args, { ...options, env: { [name]: proxy.url } });
    assert.equal(ran.code, 0, ran.stderr);
  }
  assert.equal(proxy.seen.length, 2);
  const exempt = { HTTPS_PROXY: proxy.url, NO_PROXY: "example.com" };
  const resolve = async () => [{ address: "127.0.0.1", family: 4 }];
  const direct = await runDrop(args, {
    ...options,
    env: exempt,
    outside: { clock: systemClock, resolve },
  });
  assert.equal(direct.code, 0, direct.stderr);
  assert.equal(proxy.seen.length, 2);
});

const login = basic({ username: "robot", password: "hunter2" });

const wantsLogin: Handler = ({ headers }, response) => {
  if (headers.authorization === login) json(response, { tags: ["1.0"] });
  else response.writeHead(401, { "www-authenticate": 'Basic realm="x"' }).end();
};

async function dockerConfig(config: unknown, below = ""): Promise<string> {
  const path = join(folder.path, String(count++));
  await mkdir(join(path, below), { recursive: true });
  await writeFile(join(path, below, "config.json"), JSON.stringify(config));
  return path;
}

test("what docker login stored is used, from DOCKER_CONFIG or from home", async () => {
  await using server = await faultServer(wantsLogin);
  const file = await inputs(server.url);
  const config = { auths: { [server.host]: { auth: login.replace("Basic ", "") } } };
  for (const env of [
    { DOCKER_CONFIG: await dockerConfig(config) },
    { HOME: await dockerConfig(config, ".docker") },
  ]) {
    const ran = await runDrop(["discover", file], { folder: folder.path, env });
    assert.equal(ran.code, 0, ran.stderr);
    const without = ["discover", file, "--no-docker-config"];
    const refused = await runDrop(without, { folder: folder.path, env });
    assert.equal(refused.code, 3);
    assert.match(refused.stderr, /wants a login/);
    assert.doesNotMatch(`${ran.stdout}${ran.stderr}`, /hunter2/);
  }
});

test("a credential helper finds the clouds' own settings and none of Drop's secrets", async () => {
  await using server = await faultServer(wantsLogin);
  const file = await inputs(server.url);
  const bin = join(folder.path, "bin");
  const seen = join(folder.path, "seen-by-helper");
  await mkdir(bin);
  const script = `#!/bin/sh\nenv > ${seen}\necho '{"Username":"robot","Secret":"hunter2"}'\n`;
  await writeFile(join(bin, "docker-credential-cloud"), script);
  await chmod(join(bin, "docker-credential-cloud"), 0o755);
  const env = {
    DOCKER_CONFIG: await dockerConfig({ credsStore: "cloud" }),
    PATH: [bin, process.env["PATH"]].join(delimiter),
    AWS_PROFILE: "ci",
    GITLAB_TOKEN: "secret-of-ci",
    DROP_NAMESPACE: "x",
    NODE_OPTIONS: "--no-warnings",
  };
  const ran = await runDrop(["discover", file], { folder: folder.path, env });
  assert.equal(ran.code, 0, ran.stderr);
  assert.doesNotMatch(`${ran.stdout}${ran.stderr}`, /hunter2/);
  const names = (await readFile(seen, "utf8")).split("\n").map((line) => line.split("=")[0]);
  assert.ok(names.includes("AWS_PROFILE") && names.includes("PATH"));
  for (const name of ["GITLAB_TOKEN", "DROP_NAMESPACE", "NODE_OPTIONS"]) {
    assert.ok(!names.includes(name), name);
  }
});

test("a helper that fails is the source's failure, with the flag that goes without it", async () => {
  await using server = await faultServer(wantsLogin);
  const file = await inputs(server.url);
  const env = {
    DOCKER_CONFIG: await dockerConfig({ credsStore: "nowhere" }),
    PATH: "/nonexistent",
  };
  const ran = await runDrop(["render", file], { folder: folder.path, env });
  assert.equal(ran.code, 3);
  assert.match(ran.stderr, /docker-credential-nowhere.*not on the PATH.*--no-docker-config/);
  assert.equal(server.seen.length, 0);
});

test("a Secret that SOPS encrypted is named, and nothing of it is sent", async () => {
  await using server = await faultServer(wantsLogin);
  const ciphertext = "ENC[AES256_GCM,data:aHVudGVyMg==,iv:x,tag:y,type:str]";
  const secret = {
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name: "creds" },
    stringData: { token: ciphertext },
    sops: { mac: ciphertext },
  };
  const file = await inputs(server.url, { secret: "creds", more: [secret] });
  const ran = await runDrop(["render", file], { folder: folder.path });
  assert.equal(ran.code, 3);
  assert.match(ran.stderr, /the Secret creds .* encrypted with SOPS; decrypt it first: sops -d/);
  assert.equal(server.seen.length, 0);
});

test("a Secret among the inputs stays with the hosts of its annotation", async () => {
  await using server = await faultServer(wantsLogin);
  const secretFor = (hosts: string) => ({
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name: "creds", annotations: { "drop.corewire.io/allowed-hosts": hosts } },
    stringData: { username: "robot", password: "hunter2" },
  });
  const ask = async (hosts: string) => {
    const file = await inputs(server.url, { secret: "creds", more: [secretFor(hosts)] });
    return runDrop(["discover", file], { folder: folder.path });
  };
  const refused = await ask("registry.example.com");
  assert.equal(refused.code, 3);
  assert.match(refused.stderr, /creds may not be sent to 127\.0\.0\.1/);
  assert.equal(server.seen.length, 0);
  assert.equal((await ask("127.0.0.1, registry.example.com")).code, 0);
});

/** Without the interrupt these runs would last for minutes. */
const AT_ONCE = { timeout: 20_000 };

const hangs: readonly (readonly [string, Handler])[] = [
  ["before its answer", () => undefined],
  [
    "in the middle of its answer",
    (_, response) => void response.writeHead(200, { "content-length": "100" }).write('{"tags":['),
  ],
  [
    "asking for a pause",
    (_, response) => void response.writeHead(429, { "retry-after": "60" }).end(),
  ],
];

for (const [when, handler] of hangs) {
  test(
    `an interrupt while a source hangs ${when} ends the run at once, and nothing is written`,
    AT_ONCE,
    async () => {
      await using server = await faultServer(handler);
      const file = await inputs(server.url);
      const out = join(folder.path, String(count++));
      const interrupt = new AbortController();
      const ended = runDrop(["render", file, "--output-dir", out], {
        folder: folder.path,
        signal: interrupt.signal,
      });
      await until(() => server.seen.length > 0, { what: "the request" });
      interrupt.abort(new Error("interrupted by SIGINT"));
      assert.equal((await ended).code, 130);
      assert.deepEqual(await readdir(out).catch(() => []), []);
    },
  );
}

test("Ctrl-C ends the process with 130 while a source hangs", AT_ONCE, async () => {
  await using server = await faultServer(() => undefined);
  const file = await inputs(server.url);
  const out = join(folder.path, String(count++));
  const main = join(projectFolder, "src", "cli", "main.ts");
  const child = spawn(process.execPath, [main, "render", file, "--output-dir", out], {
    env: { PATH: process.env["PATH"] },
    stdio: ["ignore", "ignore", "pipe"],
  });
  const ended = once(child, "exit");
  try {
    await until(() => server.seen.length > 0, { what: "the request" });
    child.kill("SIGINT");
    assert.deepEqual(await ended, [130, null]);
    assert.deepEqual(await readdir(out).catch(() => []), []);
  } finally {
    child.kill("SIGKILL");
  }
});
