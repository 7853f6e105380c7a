import assert from "node:assert/strict";
import { test } from "node:test";
import { discoverPolicy } from "../../src/discovery/discover.ts";
import { inMemory } from "../../src/discovery/secrets/secret.ts";
import { offlineOutcomes } from "../../src/discovery/unasked.ts";
import { createEndpointGuard } from "../../src/runtime/endpoint-guard.ts";
import { createHttp } from "../../src/runtime/http.ts";
import { fakeClock } from "../runtime/fake-clock.ts";
import { faultServer, json } from "../runtime/fault-server.ts";
import { askAll, askOne, found, reasonOf, textOf } from "./ask.ts";
import { policy, prometheusSource, registrySource } from "./policies.ts";

test("one failing source does not hide another", async () => {
  await using registry = await faultServer((_, response) => json(response, { tags: ["1"] }));
  await using prometheus = await faultServer((_, response) => json(response, {}, 500));
  const [usage, tags] = await askAll([
    prometheusSource({ endpoint: prometheus.url }),
    registrySource({ url: registry.url }, { name: "tags" }),
  ]);
  assert.equal(usage && reasonOf(usage), "ServerError");
  assert.equal(usage?.name, `prometheus/${prometheus.host}`);
  assert.deepEqual(tags && found(tags), [`${registry.host}/team/app:1=1000`]);
});

test("a source that takes too long is cut off, and what it read in full stays", async () => {
  await using registry = await faultServer(({ path }, response) => {
    if (path.includes("quick")) json(response, { tags: ["1"] });
  });
  const source = registrySource({ url: registry.url, repositories: ["slow", "quick"] });
  const outcome = await askOne(source, { sourceTimeoutMs: 300 });
  assert.equal(reasonOf(outcome), "Timeout");
  assert.deepEqual(found(outcome), [`${registry.host}/quick:1=1000`]);
});

test("an interrupt ends everything with its own reason", async () => {
  const controller = new AbortController();
  await using registry = await faultServer(() =>
    controller.abort(new Error("interrupted by a person")),
  );
  const clock = fakeClock();
  const http = createHttp({
    guard: createEndpointGuard({ allowLoopback: true }),
    clock,
    userAgent: "drop/test",
  });
  try {
    const ports = { http, clock, secrets: inMemory(new Map()) };
    const run = discoverPolicy(
      policy({ sources: [registrySource({ url: registry.url })] }),
      ports,
      controller.signal,
    );
    await assert.rejects(run, /interrupted by a person/);
  } finally {
    await http.close();
  }
});

const secretProblems = [
  {
    name: "a Secret that does not exist",
    secret: undefined,
    text: /Secret creds was not found.*"username" and "password"/s,
  },
  {
    name: "a Secret with other keys",
    secret: { user: "x" },
    text: /has no key that a source reads/,
  },
  { name: "a username alone", secret: { username: "x" }, text: /lacks the key "password"/ },
  {
    name: "a certificate without its key",
    secret: { "tls.crt": "-----BEGIN CERTIFICATE-----" },
    text: /lacks the key "tls.key"/,
  },
  {
    name: "an authority that is no PEM",
    secret: { "ca.crt": "hunter2" },
    text: /"ca.crt".*no PEM/,
  },
  {
    name: "a header that may not be set",
    secret: { "headers.Host": "hunter2" },
    text: /headers\.Host/,
  },
  {
    name: "a broken Docker configuration",
    secret: { ".dockerconfigjson": "hunter2{" },
    text: /no Docker configuration/,
  },
  {
    name: "a Docker configuration for others",
    secret: { ".dockerconfigjson": '{"auths":{"other.io":{"auth":"aHVudGVyMg=="}}}' },
    text: /no login for 127\.0\.0\.1/,
  },
] as const;

for (const { name, secret, text } of secretProblems) {
  test(`${name} fails its source, and no value is quoted`, async () => {
    await using registry = await faultServer((_, response) => json(response, { tags: ["1"] }));
    const source = registrySource(
      { url: registry.url, repositories: ["a", "b"] },
      { secretRef: { name: "creds" } },
    );
    const outcome = await askOne(source, secret === undefined ? {} : { secret });
    assert.deepEqual(
      outcome.parts.map(({ state }) => state),
      ["failed", "failed"],
    );
    assert.equal(reasonOf(outcome), "SecretUnusable");
    assert.match(textOf(outcome), text);
    assert.doesNotMatch(textOf(outcome), /hunter2|aHVudGVyMg/);
    assert.equal(registry.seen.length, 0);
  });
}

test("a store of Secrets that is away fails the source alone", async () => {
  const secrets = { read: () => Promise.reject(new Error("store said hunter2")) };
  const outcome = await askOne(registrySource({}, { secretRef: { name: "creds" } }), { secrets });
  assert.equal(reasonOf(outcome), "SecretUnusable");
  assert.doesNotMatch(textOf(outcome), /hunter2/);
});

test("a suspended policy asks nobody", async () => {
  await using registry = await faultServer((_, response) => json(response, { tags: ["1"] }));
  const sources = [registrySource({ url: registry.url, repositories: ["a", "b"] })];
  const clock = fakeClock();
  const http = createHttp({
    guard: createEndpointGuard({ allowLoopback: true }),
    clock,
    userAgent: "drop/test",
  });
  const ports = { http, clock, secrets: inMemory(new Map()) };
  const outcomes = await discoverPolicy(
    policy({ sources, suspend: true }),
    ports,
    new AbortController().signal,
  );
  assert.deepEqual(outcomes.map(reasonOf), ["Suspended"]);
  assert.equal(registry.seen.length, 0);
});

test("offline every part is left to memory", () => {
  const [outcome] = offlineOutcomes(
    policy({ sources: [registrySource({ repositories: ["a", "b"] })] }),
  );
  assert.deepEqual(
    outcome?.parts.map(({ name, state }) => `${name} ${state}`),
    ["a failed", "b failed"],
  );
  assert.equal(outcome && reasonOf(outcome), "Offline");
});

test("a forbidden address is the source's failure", async () => {
  const outcome = await askOne(prometheusSource({ endpoint: "http://169.254.169.254/latest" }));
  assert.equal(reasonOf(outcome), "EndpointRefused");
});
