import assert from "node:assert/strict";
import type { LookupAddress } from "node:dns";
import { test } from "node:test";
import { parseAllowedEndpoint } from "../../src/api/endpoint-list.ts";
import { addressKind } from "../../src/runtime/endpoint-address.ts";
import {
  createEndpointGuard,
  type EndpointGuard,
  type EndpointRules,
} from "../../src/runtime/endpoint-guard.ts";

const kinds = [
  ["93.184.216.34", "public"],
  ["10.1.2.3", "private"],
  ["172.16.0.1", "private"],
  ["192.168.1.1", "private"],
  ["100.64.0.1", "private"],
  ["fd12:3456::1", "private"],
  ["127.0.0.1", "loopback"],
  ["127.9.9.9", "loopback"],
  ["::1", "loopback"],
  ["0.0.0.0", "forbidden"],
  ["0.1.2.3", "forbidden"],
  ["::", "forbidden"],
  ["169.254.169.254", "forbidden"],
  ["169.254.170.2", "forbidden"],
  ["168.63.129.16", "forbidden"],
  ["100.100.100.200", "forbidden"],
  ["192.0.0.192", "forbidden"],
  ["fd00:ec2::254", "forbidden"],
  ["fe80::1", "forbidden"],
  ["fe80::1%eth0", "forbidden"],
  ["224.0.0.1", "forbidden"],
  ["ff02::1", "forbidden"],
  ["255.255.255.255", "forbidden"],
  ["::ffff:169.254.169.254", "forbidden"],
  ["::ffff:127.0.0.1", "loopback"],
  ["::ffff:10.0.0.1", "private"],
  ["::ffff:93.184.216.34", "public"],
  ["::169.254.169.254", "forbidden"],
  ["64:ff9b::a9fe:a9fe", "forbidden"],
  ["64:ff9b::5db8:d822", "public"],
  ["64:ff9b:1:a9fe:a9:fe00::", "forbidden"],
  ["2002:a9fe:a9fe::1", "forbidden"],
  ["2002:7f00:1::", "loopback"],
  ["2001:0:4136:e378:8000:63bf:3fff:fdd2", "forbidden"],
  ["2606:4700::1111", "public"],
  ["not an address", "forbidden"],
] as const;

for (const [address, kind] of kinds) {
  test(`the address ${address} is ${kind}`, () => {
    assert.equal(addressKind(address), kind);
  });
}

function lookUp(guard: EndpointGuard, host: string, all = true) {
  return new Promise<unknown>((resolve, reject) => {
    guard.lookup(host, { all }, (error, found) => (error ? reject(error) : resolve(found)));
  });
}

function guardWith(rules: Partial<EndpointRules>, addresses: readonly string[] = []) {
  const resolve = async (): Promise<LookupAddress[]> =>
    addresses.map((address) => ({ address, family: address.includes(":") ? 6 : 4 }));
  return createEndpointGuard({ allowLoopback: false, ...rules }, resolve);
}

test("a host name that leads to a metadata address is not connected to", async () => {
  const guard = guardWith({ allowLoopback: true }, ["169.254.169.254"]);
  await assert.rejects(lookUp(guard, "innocent.example.com"), {
    reason: "EndpointRefused",
    message: /innocent\.example\.com leads to 169\.254\.169\.254/,
  });
});

test("of a host's addresses only the allowed ones are handed on", async () => {
  const guard = guardWith({}, ["169.254.169.254", "93.184.216.34", "::1"]);
  assert.deepEqual(await lookUp(guard, "mixed.example.com"), [
    { address: "93.184.216.34", family: 4 },
  ]);
});

test("a look-up that wants one address gets a checked one", async () => {
  const guard = guardWith({}, ["fe80::1", "10.0.0.9"]);
  assert.equal(await lookUp(guard, "one.example.com", false), "10.0.0.9");
});

test("loopback is refused unless it is allowed", async () => {
  await assert.rejects(lookUp(guardWith({}, ["127.0.0.1"]), "here.example.com"), /this machine/);
  const guard = guardWith({ allowLoopback: true }, ["127.0.0.1"]);
  assert.deepEqual(await lookUp(guard, "here.example.com"), [{ address: "127.0.0.1", family: 4 }]);
});

function listed(...texts: readonly string[]) {
  return texts.map((text) => {
    const entry = parseAllowedEndpoint(text);
    assert.ok(entry.ok, text);
    return entry.value;
  });
}

const listCases = [
  { list: ["10.0.0.0/8"], host: "a.example.com", address: "10.1.2.3", allowed: true },
  { list: ["10.0.0.0/8"], host: "a.example.com", address: "192.168.1.1", allowed: false },
  { list: ["10.1.2.3"], host: "a.example.com", address: "10.1.2.3", allowed: true },
  { list: ["fd00::/8"], host: "a.example.com", address: "fd12::1", allowed: true },
  {
    list: ["prometheus.monitoring.svc"],
    host: "prometheus.monitoring.svc",
    address: "10.9.9.9",
    allowed: true,
  },
  {
    list: ["prometheus.monitoring.svc"],
    host: "other.monitoring.svc",
    address: "10.9.9.9",
    allowed: false,
  },
  { list: ["*.example.com"], host: "deep.in.example.com", address: "10.9.9.9", allowed: true },
  { list: ["*.example.com"], host: "example.com", address: "10.9.9.9", allowed: false },
  { list: ["10.0.0.0/8"], host: "registry.example.org", address: "93.184.216.34", allowed: true },
  { list: ["169.254.0.0/16"], host: "a.example.com", address: "169.254.169.254", allowed: false },
] as const;

for (const { list, host, address, allowed } of listCases) {
  test(`with ${list} listed, ${host} at ${address} is ${allowed ? "allowed" : "refused"}`, async () => {
    const guard = guardWith({ allowedEndpoints: listed(...list) }, [address]);
    if (allowed) await lookUp(guard, host);
    else await assert.rejects(lookUp(guard, host), { reason: "EndpointRefused" });
  });
}

const urls = [
  ["http://169.254.169.254/latest", true],
  ["http://2852039166/", true],
  ["http://0xa9fea9fe/", true],
  ["http://[fd00:ec2::254]/", true],
  ["http://[::ffff:a9fe:a9fe]/", true],
  ["http://metadata.google.internal/", true],
  ["http://metadata.google.internal./", true],
  ["http://localhost:9090/", true],
  ["http://app.localhost/", true],
  ["file:///etc/passwd", true],
  ["https://registry.example.com/", false],
  ["http://10.0.0.1/", false],
] as const;

for (const [url, refused] of urls) {
  test(`before any look-up ${url} is ${refused ? "refused" : "let through"}`, () => {
    assert.equal(guardWith({}).refusal(new URL(url)) !== undefined, refused);
  });
}

test("an entry of the list that is neither a name nor an address is a mistake with a correction", () => {
  for (const text of ["", "http://example.com", "a b", "example.com:443", "*", "10.0.0.0/99"]) {
    const entry = parseAllowedEndpoint(text);
    assert.equal(entry.ok, false, text);
  }
});
