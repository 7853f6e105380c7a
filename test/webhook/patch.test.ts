import assert from "node:assert/strict";
import { test } from "node:test";
import { withDefaults } from "../../src/api/defaults.ts";
import { KINDS, type Kind } from "../../src/api/types.gen.ts";
import { type AddOperation, defaultsPatch } from "../../src/webhook/patch.ts";
import { review } from "../../src/webhook/review.ts";
import { changed, fullest, type Loose, smallest } from "../api/valid-objects.ts";
import { mutants } from "../real/mutations.ts";
import { reviewOf } from "./reviews.ts";

const DEFAULTED: readonly (readonly [string, Kind, Loose, readonly AddOperation[]])[] = [
  [
    "a CachedImage",
    "CachedImage",
    smallest("CachedImage"),
    [{ op: "add", path: "/spec/imagePullPolicy", value: "Always" }],
  ],
  [
    "a PullPolicy without spec, whose spec comes whole",
    "PullPolicy",
    smallest("PullPolicy"),
    [
      {
        op: "add",
        path: "/spec",
        value: {
          maxConcurrentNodes: 1,
          minDelayBetweenPulls: "10s",
          failureBackoff: { initial: "30s", max: "5m" },
          pullTimeout: "30m",
        },
      },
    ],
  ],
  [
    "half a backoff",
    "PullPolicy",
    changed(fullest("PullPolicy"), "spec.failureBackoff", { max: "9h" }),
    [{ op: "add", path: "/spec/failureBackoff/initial", value: "30s" }],
  ],
  [
    "a source in a list",
    "DiscoveryPolicy",
    changed(fullest("DiscoveryPolicy"), "spec.sources.0.prometheus.step", undefined),
    [{ op: "add", path: "/spec/sources/0/prometheus/step", value: "5m" }],
  ],
];

for (const [what, kind, object, expected] of DEFAULTED) {
  test(`${what} is given what it lacks and nothing else`, () => {
    assert.deepEqual(defaultsPatch(kind, object), expected);
    const { response } = review(reviewOf(kind, object));
    assert.equal(response.patchType, "JSONPatch");
    const patch: unknown = JSON.parse(Buffer.from(response.patch ?? "", "base64").toString());
    assert.deepEqual(patch, expected);
  });
}

test("nothing is added to an object that has it all, or that is refused", () => {
  for (const kind of KINDS) assert.deepEqual(defaultsPatch(kind, fullest(kind)), []);
  const refused = changed(smallest("CachedImage"), "spec.image", "a:b");
  assert.equal(review(reviewOf("CachedImage", refused)).response.patch, undefined);
});

test("the patch adds only what is absent, gives the defaults, and a second one is empty", () => {
  for (const { kind, object, changes } of mutants(11, 2_000)) {
    const plain = JSON.parse(JSON.stringify(object));
    const patched = structuredClone(plain);
    for (const { path, value } of defaultsPatch(kind, plain)) add(patched, path, value);
    const { status: _, ...expected } = Object(withDefaults(kind, plain));
    const { status: __, ...given } = patched;
    assert.deepEqual(given, expected, changes.join(" "));
    assert.deepEqual(defaultsPatch(kind, patched), []);
  }
});

/** RFC 6902's add, which would replace: here it may not. */
function add(root: unknown, pointer: string, value: unknown): void {
  const steps = pointer.split("/").slice(1);
  const last = steps.pop() ?? "";
  const parent = steps.reduce<Loose>((place, step) => Object(place[step]), Object(root));
  assert.equal(Object.hasOwn(parent, last), false, pointer);
  parent[last] = value;
}
