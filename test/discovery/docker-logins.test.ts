import assert from "node:assert/strict";
import { chmod, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { after, before, test } from "node:test";
import { dockerLogins } from "../../src/discovery/logins/docker-logins.ts";
import type { Login } from "../../src/discovery/logins/login.ts";
import { systemClock } from "../../src/runtime/http-clock.ts";
import { type Folder, makeFolder } from "../support/folder.ts";
import { until } from "../support/until.ts";

let folder: Folder;

before(async () => {
  folder = await makeFolder("docker-logins");
});

after(async () => {
  await folder?.remove();
});

/** A credential helper of its own: a script, in a folder on the PATH. */
async function helper(name: string, script: string): Promise<void> {
  const path = join(folder.path, `docker-credential-${name}`);
  await writeFile(path, `#!/bin/sh\n${script}\n`);
  await chmod(path, 0o755);
}

let configs = 0;

async function loginsOf(config: unknown, { deadlineMs = 20_000 } = {}) {
  const path = join(folder.path, `config-${configs++}`);
  await mkdir(path);
  const text = typeof config === "string" ? config : JSON.stringify(config);
  await writeFile(join(path, "config.json"), text);
  const environment = { PATH: [folder.path, process.env["PATH"]].join(delimiter), MARK: "1" };
  const clock = { deadline: () => systemClock.deadline(deadlineMs) };
  return dockerLogins({ path: join(path, "config.json"), environment, clock });
}

const signal = new AbortController().signal;

function textOf(login: Login | undefined): string {
  if (login === undefined) return "none";
  if (login.kind !== "basic") return `${login.kind} ${login.token.reveal()}`;
  return `basic ${login.username.reveal()}:${login.password.reveal()}`;
}

const answer = `echo '{"ServerURL":"x","Username":"user","Secret":"hunter2"}'`;

test("a login in the file itself is found by host, Docker Hub by any of its names", async () => {
  const logins = await loginsOf({
    auths: {
      "https://index.docker.io/v1/": { auth: Buffer.from("hub:pw").toString("base64") },
      "registry.example.com:5000": { auth: Buffer.from("me:pw").toString("base64") },
      "a.azurecr.io": { identitytoken: "refresh" },
      "stored.example.com": {},
    },
  });
  assert.equal(textOf(await logins.find("docker.io", signal)), "basic hub:pw");
  assert.equal(textOf(await logins.find("registry.example.com:5000", signal)), "basic me:pw");
  assert.equal(textOf(await logins.find("a.azurecr.io", signal)), "identity refresh");
  for (const host of ["registry.example.com", "stored.example.com", "__proto__", "constructor"]) {
    assert.equal(await logins.find(host, signal), undefined, host);
  }
});

test("a helper is asked on standard input, for the host as Docker names it, once", async () => {
  const seen = join(folder.path, "seen");
  await helper("store", `(cat; echo " $1 $MARK $HOME.") >> ${seen}; ${answer}`);
  const logins = await loginsOf({ credsStore: "store" });
  for (const host of ["docker.io", "registry-1.docker.io", "ghcr.io", "ghcr.io"]) {
    assert.equal(textOf(await logins.find(host, signal)), "basic user:hunter2");
  }
  assert.equal(
    await readFile(seen, "utf8"),
    "https://index.docker.io/v1/ get 1 .\nghcr.io get 1 .\n",
  );
});

test("the helper of a host goes before the store of all, and that before the file", async () => {
  await helper("gcr", `echo '{"Username":"<token>","Secret":"refresh"}'`);
  await helper("all", answer);
  await helper("none", `echo "credentials not found in native keychain"; exit 1`);
  const config = { auths: { "b.io": { username: "file", password: "pw" } } };
  const both = await loginsOf({ ...config, credHelpers: { "gcr.io": "gcr" }, credsStore: "all" });
  assert.equal(textOf(await both.find("gcr.io", signal)), "identity refresh");
  assert.equal(textOf(await both.find("b.io", signal)), "basic user:hunter2");
  const empty = await loginsOf({ ...config, credsStore: "none" });
  assert.equal(textOf(await empty.find("b.io", signal)), "basic file:pw");
  assert.equal(await empty.find("c.io", signal), undefined);
});

const failures = [
  { name: "that is missing", helper: "missing", script: undefined, message: /is not on the PATH/ },
  { name: "that fails", helper: "bad", script: "echo hunter2; exit 3", message: /exit code 3/ },
  {
    name: "that prints no JSON",
    helper: "text",
    script: "echo hunter2",
    message: /without a login/,
  },
  {
    name: "that prints another JSON",
    helper: "list",
    script: "echo '[1]'",
    message: /without a login/,
  },
  {
    name: "that never stops printing",
    helper: "yes",
    script: "exec yes hunter2",
    message: /too much/,
  },
  { name: "that is a path", helper: "../bin/sh", script: undefined, message: /cannot be one/ },
  { name: "that is an option", helper: "-x", script: undefined, message: /cannot be one/ },
] as const;

for (const { name, helper: named, script, message } of failures) {
  test(`a helper ${name} is a failure that says what to do and quotes nothing`, async () => {
    if (script !== undefined) await helper(named, script);
    const logins = await loginsOf({ credsStore: named });
    await assert.rejects(logins.find("a.io", signal), (error: Error & { fix?: string }) => {
      assert.match(error.message, message);
      assert.match(error.fix ?? "", /--no-docker-config/);
      assert.doesNotMatch(`${error.message} ${error.fix}`, /hunter2/);
      return true;
    });
  });
}

test("a helper that hangs is ended at its deadline, even if what it started lives on", async () => {
  await helper("hangs", "sleep 60 & sleep 60");
  const logins = await loginsOf({ credsStore: "hangs" }, { deadlineMs: 100 });
  await assert.rejects(logins.find("a.io", signal), /did not answer in time/);
});

test("an interrupt ends a helper at once, with its own reason", async () => {
  const started = join(folder.path, "started");
  await helper("waits", `touch ${started}; exec sleep 60`);
  const controller = new AbortController();
  const logins = await loginsOf({ credsStore: "waits" });
  const found = logins.find("a.io", controller.signal);
  const settled = assert.rejects(found, /interrupted by a person/);
  await until(
    () =>
      readFile(started).then(
        () => true,
        () => false,
      ),
    { what: "the helper" },
  );
  controller.abort(new Error("interrupted by a person"));
  await settled;
});

test("without a configuration there are no logins, and a broken one is not passed over", async () => {
  const logins = await loginsOf({});
  assert.equal(await logins.find("a.io", signal), undefined);
  const broken = await loginsOf("{hunter2");
  await assert.rejects(broken.find("a.io", signal), (error: Error) => {
    assert.match(error.message, /config\.json is no JSON/);
    assert.doesNotMatch(error.message, /hunter2/);
    return true;
  });
  await rm(join(folder.path, "gone"), { force: true });
  const path = join(folder.path, "gone", "config.json");
  const absent = dockerLogins({ path, environment: {}, clock: systemClock });
  assert.equal(await absent.find("a.io", signal), undefined);
});
