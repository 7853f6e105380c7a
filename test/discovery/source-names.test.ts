import assert from "node:assert/strict";
import { test } from "node:test";
import { effectiveMaxImages, effectiveSyncInterval } from "../../src/api/effective.ts";
import { partNames, sourceNames } from "../../src/discovery/source-names.ts";
import { policy, prometheusSource, registrySource } from "./policies.ts";

const cases = [
  {
    name: "a source without a name is called by its type and host",
    sources: [prometheusSource(), registrySource({ url: "http://Registry.local:5000/v1" })],
    names: ["prometheus/mimir.example.com", "registry/registry.local:5000"],
  },
  {
    name: "a name of its own is kept",
    sources: [prometheusSource({}, { name: "popular" })],
    names: ["popular"],
  },
  {
    name: "clashing names are numbered",
    sources: [prometheusSource(), prometheusSource(), prometheusSource()],
    names: [
      "prometheus/mimir.example.com",
      "prometheus/mimir.example.com-2",
      "prometheus/mimir.example.com-3",
    ],
  },
  {
    name: "an authored name is never taken by a derived one",
    sources: [prometheusSource(), prometheusSource({}, { name: "prometheus/mimir.example.com" })],
    names: ["prometheus/mimir.example.com-2", "prometheus/mimir.example.com"],
  },
] as const;

for (const { name, sources, names } of cases) {
  test(name, () => assert.deepEqual(sourceNames(sources), names));
}

test("a derived name fits into status even for the longest host", () => {
  const [name = ""] = sourceNames([registrySource({ url: `https://${"a.".repeat(1000)}io` })]);
  assert.ok(name.length <= 512);
});

test("a registry's parts are its repositories, each once", () => {
  assert.deepEqual(partNames(registrySource({ repositories: ["a", "b", "a"] })), ["a", "b"]);
  assert.deepEqual(partNames(prometheusSource()), [""]);
});

test("aliases are in force while they are set", () => {
  const plain = policy({ sources: [] });
  assert.equal(effectiveMaxImages(plain), 50);
  assert.equal(effectiveSyncInterval(plain), "30m");
  const aliased = policy({ sources: [], topX: 30, interval: "1h" });
  assert.equal(effectiveMaxImages(aliased), 30);
  assert.equal(effectiveSyncInterval(aliased), "1h");
});
