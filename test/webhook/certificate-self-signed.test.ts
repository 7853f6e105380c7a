import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { type TestContext, test } from "node:test";
import { systemClock } from "../../src/runtime/http-clock.ts";
import { createLogger } from "../../src/runtime/logger.ts";
import { SecretValue } from "../../src/runtime/secret-value.ts";
import type { AuthorityStore, StoredAuthorities } from "../../src/webhook/authority-store.ts";
import { selfSigned } from "../../src/webhook/certificate-self-signed.ts";
import { until } from "../support/until.ts";

const EMPTY: StoredAuthorities = {
  certsPem: "",
  keysPem: new SecretValue(""),
  resourceVersion: "1",
};
const HOUR_MS = 3_600_000;
const LONG = {
  authorityLifeMs: 100 * HOUR_MS,
  leafLifeMs: HOUR_MS,
  settleMs: 1_000,
  retireMs: 2_000,
  lookEveryMs: 10,
};

/** The Secret and the configurations of a cluster, with faults that a real one cannot be made to show. */
function memoryStore(initial = EMPTY) {
  const state = { secret: initial, bundle: "", isDown: false, version: 1, beforeReplace: () => {} };
  const reachable = () => {
    if (state.isDown) throw new Error("the API server does not answer");
  };
  const store: AuthorityStore = {
    async read() {
      reachable();
      return state.secret;
    },
    async replace(next) {
      reachable();
      state.beforeReplace();
      if (next.resourceVersion !== state.secret.resourceVersion) return false;
      state.version++;
      state.secret = { ...next, resourceVersion: String(state.version) };
      return true;
    },
    async bundles() {
      return [state.bundle];
    },
    async applyBundle(bundle) {
      reachable();
      state.bundle = bundle;
    },
    async close() {},
  };
  return { state, store };
}

function started(t: TestContext, store: AuthorityStore, times = LONG) {
  const lines: string[] = [];
  const log = createLogger({ level: "info", part: "test", write: (line) => lines.push(line) });
  const dnsNames = ["drop-webhook.drop-system.svc"];
  const { signal } = new AbortController();
  const ahead = { ms: 0 };
  const clock = { ...systemClock, now: () => Date.now() + ahead.ms };
  const source = selfSigned({ store, dnsNames, clock, log, times, signal });
  t.after(() => source.close());
  const current = () => new X509Certificate(source.current()?.certPem ?? "");
  return { source, current, ahead, logs: () => lines.join("") };
}

test("the leaf is for the Service, of the authority in the caBundle, and the log holds no key", async (t) => {
  const { state, store } = memoryStore();
  const { source, current, logs } = started(t, store);
  await until(() => source.current() !== undefined, { what: "a certificate" });
  assert.equal(current().checkHost("drop-webhook.drop-system.svc"), "drop-webhook.drop-system.svc");
  assert.equal(current().ca, false);
  assert.equal(current().verify(new X509Certificate(state.bundle).publicKey), true);
  assert.equal(new X509Certificate(state.bundle).ca, true);
  assert.equal(state.bundle, state.secret.certsPem);
  assert.doesNotMatch(logs(), /PRIVATE KEY/);
});

test("of two replicas that begin together one makes the authority and both use it", async (t) => {
  const { state, store } = memoryStore();
  const both = [started(t, store), started(t, store)];
  await until(() => both.every(({ source }) => source.current() !== undefined), {
    what: "both certificates",
  });
  const authority = new X509Certificate(state.bundle).publicKey;
  assert.deepEqual(
    both.map(({ current }) => current().verify(authority)),
    [true, true],
  );
  assert.equal(
    both
      .map(({ logs }) => logs())
      .join("")
      .split("authority made").length - 1,
    1,
  );
});

test("an authority that another replica wrote meanwhile is taken, not overwritten", async (t) => {
  const other = memoryStore();
  const first = started(t, other.store);
  await until(() => first.source.current() !== undefined, { what: "the other's authority" });
  const { state, store } = memoryStore();
  state.beforeReplace = () => {
    state.secret = { ...other.state.secret, resourceVersion: "9" };
  };
  const { source } = started(t, store);
  await until(() => source.current() !== undefined, { what: "a certificate" });
  assert.equal(state.bundle, other.state.bundle);
});

test("at two thirds of its life the leaf is renewed, not before", async (t) => {
  const { store } = memoryStore();
  const { source, current, ahead } = started(t, store);
  await until(() => source.current() !== undefined, { what: "a certificate" });
  const first = current().serialNumber;
  ahead.ms = HOUR_MS * 0.6;
  await assert.rejects(
    until(() => current().serialNumber !== first, { what: "nothing", withinMs: 200 }),
  );
  ahead.ms = HOUR_MS * 0.67;
  await until(() => current().serialNumber !== first, { what: "a new leaf" });
});

test("while the API server does not answer the present leaf is served, and all goes on after", async (t) => {
  const { state, store } = memoryStore();
  const { source, current, ahead, logs } = started(t, store);
  await until(() => source.current() !== undefined, { what: "a certificate" });
  const first = current().serialNumber;
  state.isDown = true;
  ahead.ms = HOUR_MS * 0.7;
  await until(() => logs().includes("could not be seen to"), { what: "a report" });
  assert.equal(current().serialNumber, first);
  state.isDown = false;
  await until(() => current().serialNumber !== first, { what: "a new leaf" });
});

test("a Secret that holds something else is reported and left alone", async (t) => {
  for (const [certsPem, key] of [
    ["a certificate", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----"],
    [
      "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----",
      "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----",
    ],
  ]) {
    const stored = {
      certsPem: certsPem ?? "",
      keysPem: new SecretValue(key ?? ""),
      resourceVersion: "1",
    };
    const { state, store } = memoryStore(stored);
    const { source, logs } = started(t, store);
    await until(() => logs().includes("holds something else"), { what: "a report" });
    assert.equal(source.current(), undefined);
    assert.equal(state.secret, stored);
  }
});
