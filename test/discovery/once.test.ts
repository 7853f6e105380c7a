import assert from "node:assert/strict";
import { test } from "node:test";
import { decode } from "../../src/api/decode.ts";
import type { DiscoveryPolicy } from "../../src/api/types.gen.ts";
import { type AnswerMemo, askedOnce } from "../../src/discovery/once.ts";

function policy(name: string, sources: readonly object[]): DiscoveryPolicy {
  const apiVersion = "drop.corewire.io/v1alpha1";
  const { object } = decode("DiscoveryPolicy", {
    apiVersion,
    kind: "DiscoveryPolicy",
    metadata: { name },
    spec: { sources },
  });
  assert.ok(object);
  return object;
}

const registry = {
  type: "registry",
  registry: { url: "https://registry.example.com", repositories: ["a"] },
};
const prometheus = {
  type: "prometheus",
  prometheus: { endpoint: "https://prometheus.example.com", query: "count(up) by (image)" },
};

/** A `discover` that counts what it is asked, by the type of the source. */
function counting() {
  const asked: string[] = [];
  const discover = async ({ spec }: DiscoveryPolicy) => {
    asked.push(...spec.sources.map(({ type }) => type));
    return spec.sources.map(({ type }) => ({ name: type, type, parts: [], notes: [] }));
  };
  return { asked, discover };
}

test("a source that several policies have is asked once, and answers under each one's own name for it", async () => {
  const { asked, discover } = counting();
  const once = askedOnce(discover, new Map(), () => "");
  const { signal } = new AbortController();
  const [first, second] = await Promise.all([
    once(policy("one", [{ ...registry, name: "mine" }, prometheus]), signal),
    once(policy("two", [prometheus, { ...registry, name: "yours" }, registry]), signal),
  ]);
  assert.deepEqual(asked.toSorted(), ["prometheus", "registry"]);
  assert.deepEqual(
    first?.map(({ name }) => name),
    ["mine", "prometheus/prometheus.example.com"],
  );
  assert.deepEqual(
    second?.map(({ name }) => name),
    ["prometheus/prometheus.example.com", "yours", "registry/registry.example.com"],
  );
});

test("sources with Secrets of the same name and other contents are different sources", async () => {
  const { asked, discover } = counting();
  const memo: AnswerMemo = new Map();
  const { signal } = new AbortController();
  const secured = policy("one", [{ ...registry, secretRef: { name: "login" } }]);
  for (const contents of ["a", "b", "a"])
    await askedOnce(discover, memo, () => contents)(secured, signal);
  assert.equal(asked.length, 2);
});

test("a failing source fails for all who ask, and is asked once all the same", async () => {
  let count = 0;
  const discover = async () => {
    count += 1;
    throw new Error("a bug");
  };
  const once = askedOnce(discover, new Map(), () => "");
  const { signal } = new AbortController();
  const results = await Promise.allSettled([
    once(policy("a", [registry]), signal),
    once(policy("b", [registry]), signal),
  ]);
  assert.deepEqual(
    results.map(({ status }) => status),
    ["rejected", "rejected"],
  );
  assert.equal(count, 1);
});
