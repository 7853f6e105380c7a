import assert from "node:assert/strict";
import { before, test } from "node:test";
import type { Resolve } from "../../src/runtime/endpoint-guard.ts";
import { fakeClock } from "../runtime/fake-clock.ts";
import { faultServer, json } from "../runtime/fault-server.ts";
import { startProxy } from "../support/quirks/proxy.ts";
import { allHere } from "../support/quirks/tag-list.ts";
import { makeAuthority, type PrivateAuthority, startTls } from "../support/quirks/tls.ts";
import { askOne, found, reasonOf, textOf } from "./ask.ts";
import { prometheusSource, registrySource } from "./policies.ts";

/** DNS that gives one answer after the other, the last for ever. */
function rebinding(...addresses: readonly string[]): Resolve {
  let asked = 0;
  return async () => {
    const address = addresses[Math.min(asked++, addresses.length - 1)] ?? "";
    return [{ address, family: address.includes(":") ? 6 : 4 }];
  };
}

const METADATA = [
  "169.254.169.254",
  "::ffff:169.254.169.254",
  "::ffff:a9fe:a9fe",
  "64:ff9b::a9fe:a9fe",
  "fd00:ec2::254",
  "168.63.129.16",
  "100.100.100.200",
  "0.0.0.0",
] as const;

for (const address of METADATA) {
  test(`a name that turns into ${address} between two requests is not asked again`, async () => {
    await using server = await faultServer((_, response) => {
      const link = '</v2/team/app/tags/list?last=1>; rel="next"';
      response.writeHead(200, { "content-type": "application/json", link, connection: "close" });
      response.end(JSON.stringify({ tags: ["1"] }));
    });
    const url = server.url.replace("127.0.0.1", "registry.example.com");
    const outcome = await askOne(registrySource({ url }), {
      resolve: rebinding("127.0.0.1", address),
    });
    assert.equal(reasonOf(outcome), "EndpointRefused");
    assert.match(textOf(outcome), /registry\.example\.com leads to .*, which is never asked/);
    assert.equal(server.seen.length, 1);
  });
}

test("of several addresses only those that may be asked are connected to", async () => {
  await using server = await faultServer((_, response) => json(response, { tags: ["1"] }));
  const url = server.url.replace("127.0.0.1", "registry.example.com");
  const resolve: Resolve = async () => [
    { address: "169.254.169.254", family: 4 },
    { address: "127.0.0.1", family: 4 },
  ];
  assert.equal(found(await askOne(registrySource({ url }), { resolve })).length, 1);
});

const spellings = [
  "http://169.254.169.254",
  "http://2852039166",
  "http://0xa9fea9fe",
  "http://0xa9.0xfe.0xa9.0xfe",
  "http://0251.0376.0251.0376",
  "http://169.254.43518",
  "http://[::ffff:169.254.169.254]",
  "http://[::ffff:a9fe:a9fe]",
  "http://[fd00:ec2::254]",
  "http://0",
  "http://metadata.google.internal",
  "http://METADATA.google.internal.",
] as const;

for (const url of spellings) {
  test(`${url} is refused however it is spelt, as a source and behind a redirect`, async () => {
    assert.equal(reasonOf(await askOne(registrySource({ url }))), "EndpointRefused");
    assert.equal(reasonOf(await askOne(prometheusSource({ endpoint: url }))), "EndpointRefused");
    await using server = await faultServer((_, response) => {
      response.writeHead(302, { location: `${url}/latest/meta-data` }).end();
    });
    assert.equal(reasonOf(await askOne(registrySource({ url: server.url }))), "EndpointRefused");
    assert.equal(
      reasonOf(await askOne(prometheusSource({ endpoint: server.url }))),
      "EndpointRefused",
    );
  });
}

for (const host of ["2130706433", "0x7f.1", "0177.0.0.1", "127.1"]) {
  test(`${host} is this machine, as 127.0.0.1 is`, async () => {
    await using server = await faultServer((_, response) => json(response, { tags: ["1"] }));
    const url = server.url.replace("127.0.0.1", host);
    assert.equal(found(await askOne(registrySource({ url }))).length, 1);
  });
}

let authority: PrivateAuthority;

before(async () => {
  authority = await makeAuthority();
});

test("a private authority is trusted where the Secret holds it, and nowhere else", async () => {
  await using server = await startTls(authority);
  const source = registrySource({ url: server.url }, { secretRef: { name: "creds" } });
  const outcome = await askOne(source, { secret: { "ca.crt": authority.ca } });
  assert.equal(found(outcome).length, 1, textOf(outcome));
  const refused = await askOne(registrySource({ url: server.url }));
  assert.equal(reasonOf(refused), "TLSError");
  assert.match(textOf(refused), /"ca\.crt"/);
});

test("a certificate for another name is not accepted", async () => {
  await using server = await startTls(authority);
  const url = server.url.replace("127.0.0.1", "other.example.com");
  const source = registrySource({ url }, { secretRef: { name: "creds" } });
  const outcome = await askOne(source, { secret: { "ca.crt": authority.ca }, resolve: allHere });
  assert.equal(reasonOf(outcome), "TLSError");
});

test("a client certificate is shown to a server that wants one", async () => {
  await using server = await startTls(authority, { wantsClient: true });
  const source = registrySource({ url: server.url }, { secretRef: { name: "creds" } });
  const { cert, key } = authority.client;
  const secret = { "ca.crt": authority.ca, "tls.crt": cert, "tls.key": key };
  assert.equal(found(await askOne(source, { secret })).length, 1);
  assert.deepEqual(server.clients, ["drop"]);
});

test("without a client certificate the failure says which keys are missing", async () => {
  await using server = await startTls(authority, { wantsClient: true });
  const source = registrySource({ url: server.url }, { secretRef: { name: "creds" } });
  const outcome = await askOne(source, { secret: { "ca.crt": authority.ca } });
  assert.match(String(reasonOf(outcome)), /TLSError|Unreachable/);
  assert.match(textOf(outcome), /client certificate, put one .* "tls\.crt" and "tls\.key"/);
});

for (const [name, secret] of [
  ["a key that is no key", { "tls.crt": "CERT", "tls.key": "-----BEGIN hunter2-----" }],
  ["a certificate that is none", { "ca.crt": "-----BEGIN hunter2-----" }],
] as const) {
  test(`${name} is the Secret's fault, and is not quoted`, async () => {
    await using server = await startTls(authority, { wantsClient: true });
    const source = registrySource({ url: server.url }, { secretRef: { name: "creds" } });
    const keys = "tls.crt" in secret ? { ...secret, "tls.crt": authority.client.cert } : secret;
    const outcome = await askOne(source, { secret: keys });
    assert.match(String(reasonOf(outcome)), /SecretUnusable|TLSError/);
    assert.doesNotMatch(textOf(outcome), /hunter2/);
  });
}

test("https goes through the tunnel of a proxy, unread, and is checked against the name", async () => {
  await using server = await startTls(authority);
  await using proxy = await startProxy();
  const { port } = new URL(server.url);
  const url = `https://registry.example.com:${port}`;
  const source = registrySource({ url }, { secretRef: { name: "creds" } });
  const secret = { "ca.crt": authority.ca, token: "hunter2" };
  const proxies = { httpsProxy: proxy.url };
  const outcome = await askOne(source, { secret, proxies });
  assert.equal(found(outcome).length, 1, textOf(outcome));
  assert.deepEqual(
    proxy.seen.map(({ line }) => line),
    [`CONNECT registry.example.com:${port}`],
  );
  assert.doesNotMatch(JSON.stringify(proxy.seen), /hunter2/);
});

test("http goes through a proxy with the whole address, and to exempt hosts without it", async () => {
  await using server = await faultServer((_, response) => json(response, { tags: ["1"] }));
  await using proxy = await startProxy();
  const source = registrySource({ url: server.url.replace("127.0.0.1", "registry.example.com") });
  const proxies = { httpProxy: proxy.url };
  assert.equal(found(await askOne(source, { proxies })).length, 1);
  assert.match(proxy.seen[0]?.line ?? "", /^GET http:\/\/registry\.example\.com:\d+\/v2\//);
  const exempt = { ...proxies, noProxy: ".example.com" };
  assert.equal(found(await askOne(source, { proxies: exempt, resolve: allHere })).length, 1);
  assert.equal(proxy.seen.length, 1);
});

test("only HTTP_PROXY set: https is asked directly", async () => {
  await using server = await startTls(authority);
  await using proxy = await startProxy();
  const url = server.url.replace("127.0.0.1", "registry.example.com");
  const source = registrySource({ url }, { secretRef: { name: "creds" } });
  const proxies = { httpProxy: proxy.url };
  const secret = { "ca.crt": authority.ca };
  assert.equal(found(await askOne(source, { secret, proxies, resolve: allHere })).length, 1);
  assert.equal(proxy.seen.length, 0);
});

for (const scheme of ["http", "https"] as const) {
  const url = `${scheme}://registry.example.com:1`;

  test(`a login in the proxy's address is sent to the proxy for ${scheme}`, async () => {
    await using proxy = await startProxy({ login: "me:hunter2", refuses: 403 });
    const address = proxy.url.replace("//", "//me:hunter2@");
    const proxies = { httpProxy: address, httpsProxy: address };
    const outcome = await askOne(registrySource({ url }), { proxies });
    assert.match(String(reasonOf(outcome)), /Forbidden|Unreachable/);
    assert.equal(proxy.seen.length, 1);
    assert.match(proxy.seen[0]?.authorization ?? "", /^Basic /);
    assert.doesNotMatch(textOf(outcome), /hunter2/);
  });

  test(`a proxy that wants a login is named with what to do, for ${scheme}, and not asked again`, async () => {
    await using proxy = await startProxy({ login: "me:hunter2" });
    const proxies = { httpProxy: proxy.url, httpsProxy: proxy.url };
    const clock = fakeClock();
    const outcome = await askOne(registrySource({ url }), { proxies, clock });
    assert.equal(reasonOf(outcome), "Unreachable", textOf(outcome));
    assert.match(textOf(outcome), /the proxy answered 407; .*user:password@host/);
    assert.equal(proxy.seen.length, 1);
    assert.deepEqual(clock.slept, []);
  });
}

test("a proxy does not open the way to what is never asked", async () => {
  await using proxy = await startProxy();
  const proxies = { httpProxy: proxy.url, httpsProxy: proxy.url };
  for (const url of [
    "http://169.254.169.254",
    "https://metadata.google.internal",
    "http://0x7f.1:1",
  ]) {
    await askOne(registrySource({ url }), { proxies });
  }
  assert.equal(proxy.seen.length, 0);
});
