import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { DEFAULTS } from "../../src/api/defaults.gen.ts";
import { withDefaults } from "../../src/api/defaults.ts";
import { valueAt } from "../../src/api/record.ts";
import { KINDS, type Kind } from "../../src/api/types.gen.ts";
import { fullest, smallest } from "./valid-objects.ts";

/** The defaults of the API as people read of them; the table is written by hand on purpose. */
const WANTED: readonly (readonly [Kind, readonly (string | number)[], unknown])[] = [
  ["CachedImage", ["spec", "imagePullPolicy"], "Always"],
  ["CachedImage", ["status"], { observedGeneration: -1 }],
  ["CachedImageSet", ["spec", "imagePullPolicy"], "Always"],
  ["CachedImageSet", ["status"], { observedGeneration: -1 }],
  ["DiscoveryPolicy", ["spec", "syncInterval"], "30m"],
  ["DiscoveryPolicy", ["spec", "maxImages"], 50],
  ["DiscoveryPolicy", ["spec", "sources", 0, "prometheus", "step"], "5m"],
  ["PullPolicy", ["spec", "maxConcurrentNodes"], 1],
  ["PullPolicy", ["spec", "minDelayBetweenPulls"], "10s"],
  ["PullPolicy", ["spec", "failureBackoff"], { initial: "30s", max: "5m" }],
  ["PullPolicy", ["spec", "pullTimeout"], "30m"],
];

for (const [kind, path, value] of WANTED) {
  test(`${kind} ${path.join(".")} is ${JSON.stringify(value)} where nobody wrote it`, () => {
    assert.deepEqual(valueAt(withDefaults(kind, smallest(kind)), path), value);
  });
}

test("these are all the defaults there are", () => {
  const counted = new Set(WANTED.map(([kind, path]) => `${kind} ${String(path.at(-1))}`));
  for (const kind of KINDS) {
    for (const { path } of DEFAULTS[kind]) {
      const last = path.at(-1) ?? "";
      const below = ["spec", "initial", "max"].includes(last);
      assert.ok(below || counted.has(`${kind} ${last}`), `${kind} ${path.join(".")}`);
    }
  }
});

test("what is written stays, also where it is empty, zero or of the wrong type", () => {
  for (const value of ["", 0, false, [], {}, "often"]) {
    const object = { spec: { syncInterval: value, maxImages: value } };
    assert.deepEqual(withDefaults("DiscoveryPolicy", object), object);
  }
  for (const kind of KINDS) {
    const { status: _, ...filled } = Object(withDefaults(kind, fullest(kind)));
    assert.deepEqual(filled, fullest(kind));
  }
});

test("a default inside an object comes only with the object, in each item of a list", () => {
  const sources = [
    { prometheus: {} },
    { registry: {} },
    "text",
    null,
    { prometheus: { step: "1m" } },
  ];
  assert.deepEqual(
    valueAt(withDefaults("DiscoveryPolicy", { spec: { sources } }), ["spec", "sources"]),
    [
      { prometheus: { step: "5m" } },
      { registry: {} },
      "text",
      null,
      { prometheus: { step: "1m" } },
    ],
  );
});

test("filling in twice is filling in once, and any value whatever can be filled", () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...KINDS),
      fc.oneof(fc.jsonValue(), fc.anything()),
      (kind, value) => {
        const once = withDefaults(kind, value);
        assert.deepEqual(withDefaults(kind, once), once);
      },
    ),
  );
});
