import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { fullest } from "../api/valid-objects.ts";
import { makeCertificate } from "../support/certificate.ts";
import { startChild } from "../support/child.ts";
import { drop, projectFolder } from "../support/drop.ts";
import { makeFolder } from "../support/folder.ts";
import { ask } from "../support/http.ts";
import { until } from "../support/until.ts";
import { reviewOf } from "../webhook/reviews.ts";

const SOURCE = join(projectFolder, "src");

/** Everything that loading a file loads, by imports that are not `import()` and not of types alone. */
function loadedWith(path: string, seen = new Set<string>()): ReadonlySet<string> {
  if (seen.has(path)) return seen;
  seen.add(path);
  if (!path.startsWith("/")) return seen;
  const text = readFileSync(path, "utf8");
  for (const [, name = ""] of text.matchAll(
    /^(?:import|export) (?!type\b)(?:[^;]*?from )?"([^"]+)";/gm,
  )) {
    loadedWith(name.startsWith(".") ? join(dirname(path), name) : name, seen);
  }
  return seen;
}

test("the webhook loads neither client-node nor what makes certificates, except in self-signed mode", () => {
  const loaded = loadedWith(join(SOURCE, "cli", "webhook", "run.ts"));
  assert.ok(loaded.has("express") && loaded.has("pino") && loaded.has("prom-client"));
  for (const heavy of ["@kubernetes/client-node", "@peculiar/x509", "reflect-metadata"]) {
    assert.equal(loaded.has(heavy), false, heavy);
  }
  const own = loadedWith(join(SOURCE, "webhook", "certificate-self-signed.ts"));
  assert.ok(own.has("@peculiar/x509"));
});

const WRONG: readonly (readonly [string, readonly string[], RegExp])[] = [
  ["a port that is none", ["--port", "70000"], /write a number from 0 to 65535/],
  ["an old TLS", ["--tls-min-version", "1.1"], /Allowed choices are 1\.2, 1\.3/],
  ["a log level that does not exist", ["--log-level", "loud"], /Allowed choices are silent/],
  ["two certificates", ["--self-signed", "--client-ca-file", "a"], /not with --self-signed/],
];

for (const [what, flags, words] of WRONG) {
  test(`${what} is a wrong call`, async () => {
    const { code, stderr } = await drop(["webhook", ...flags]);
    assert.equal(code, 64);
    assert.match(stderr, words);
  });
}

test("drop webhook serves, and SIGTERM drains it for 15 s and ends it with 0", {
  timeout: 60_000,
}, async (t) => {
  const folder = await makeFolder("drop-webhook");
  t.after(() => folder.remove());
  const { certPath, keyPath, caPem } = await makeCertificate(folder.path);
  const child = await startChild({
    command: process.execPath,
    args: [
      ...[join(SOURCE, "cli", "main.ts"), "webhook", "--host", "127.0.0.1", "--port", "0"],
      ...["--health-port", "0", "--tls-cert-file", certPath, "--tls-key-file", keyPath],
    ],
    ready: (output) => output.includes('"msg":"serving"'),
    graceMs: 30_000,
  });
  const lines = child
    .output()
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  const { port, healthPort } = lines.find(({ msg }) => msg === "serving");
  const answer = () =>
    ask(`https://127.0.0.1:${port}/validate?timeout=5s`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(reviewOf("PullPolicy", fullest("PullPolicy"))),
      caPem,
    });
  assert.equal((await answer()).status, 200);
  const since = performance.now();
  const stopped = child.stop();
  await until(async () => (await ask(`http://127.0.0.1:${healthPort}/readyz`)).status === 503, {
    what: "readiness to fail",
  });
  assert.equal((await answer()).headers.connection, "close");
  assert.deepEqual(await stopped, { code: 0, signal: null });
  assert.ok(performance.now() - since > 14_000, "it went on serving");
});
