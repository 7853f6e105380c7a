import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { findingText } from "../../src/renderer/finding.ts";
import { resolve } from "../../src/renderer/resolve.ts";
import { aPolicy, aSet } from "./builders.ts";

const web = aSet("web", { discoveryPolicyRef: { name: "popular" } });
const base = aSet("base");
const paused = aSet("paused", { suspend: true, discoveryPolicyRef: { name: "nowhere" } });
const popular = aPolicy("popular");

test("every set is joined with its DiscoveryPolicy, in the order of names", () => {
  const { targets, known, mistakes, warnings } = resolve({
    sets: [web, base],
    policies: [popular],
  });
  assert.deepEqual(targets, [
    { name: "base", set: base },
    { name: "web", set: web, policy: popular },
  ]);
  assert.deepEqual(known, ["base", "web"]);
  assert.deepEqual([...mistakes, ...warnings], []);
});

test("a suspended set is left alone, but still counts as one of the inputs", () => {
  const { targets, suspended, known, mistakes } = resolve({ sets: [paused, base], policies: [] });
  assert.deepEqual(
    targets.map(({ name }) => name),
    ["base"],
  );
  assert.deepEqual(suspended, ["paused"]);
  assert.deepEqual(known, ["base", "paused"]);
  assert.deepEqual(mistakes, []);
});

test("a set chosen by name is the only one rendered, and the others' mistakes do not matter", () => {
  const broken = aSet("broken", { discoveryPolicyRef: { name: "nowhere" } });
  const { targets, known, mistakes, warnings } = resolve({
    sets: [web, base, broken],
    policies: [popular, aPolicy("unused")],
    selected: ["base"],
  });
  assert.deepEqual(
    targets.map(({ name }) => name),
    ["base"],
  );
  assert.deepEqual(known, ["base", "broken", "web"]);
  assert.deepEqual([...mistakes, ...warnings], []);
});

const mistakes: readonly [Parameters<typeof resolve>[0], string][] = [
  [
    { sets: [web], policies: [aPolicy("populair")] },
    'CachedImageSet/web: spec.discoveryPolicyRef.name: there is no DiscoveryPolicy "popular" among the inputs; write "populair", or add the file that holds it',
  ],
  [
    { sets: [web], policies: [aPolicy("x-1"), aPolicy("a-2")] },
    'CachedImageSet/web: spec.discoveryPolicyRef.name: there is no DiscoveryPolicy "popular" among the inputs; add the file that holds it, or name one that is there: "a-2", "x-1"',
  ],
  [
    { sets: [web], policies: [] },
    'CachedImageSet/web: spec.discoveryPolicyRef.name: there is no DiscoveryPolicy "popular" among the inputs; add the file that holds it, there is no DiscoveryPolicy at all',
  ],
  [
    { sets: [base], policies: [], selected: ["bsae"] },
    '--set: there is no CachedImageSet "bsae" among the inputs; write "base", or add the file that holds it',
  ],
  [
    { sets: [base, aSet("base")], policies: [] },
    "CachedImageSet/base: there are two objects of this kind and name; remove or rename one of them",
  ],
  [
    { sets: [aSet("../up")], policies: [] },
    "CachedImageSet/../up: metadata.name: the name of a set is a DNS label; use at most 63 lower-case letters, digits and dashes, with no dash at either end",
  ],
  [{ sets: [aSet("")], policies: [] }, "CachedImageSet: it has no name; write metadata.name"],
];

test("what cannot be joined is a mistake that says what to write", () => {
  for (const [input, text] of mistakes) {
    assert.deepEqual(resolve(input).mistakes.map(findingText), [text]);
  }
});

test("a policy that no set names is reported, one that a suspended set names is not", () => {
  const { warnings } = resolve({ sets: [paused], policies: [popular, aPolicy("nowhere")] });
  assert.deepEqual(warnings.map(findingText), [
    "DiscoveryPolicy/popular: no CachedImageSet names it, so it is not asked; name it in a set's spec.discoveryPolicyRef, or remove it",
  ]);
});

test("the order of the inputs changes nothing", () => {
  const sets = [web, base, paused, aSet("zoo", { discoveryPolicyRef: { name: "gone" } })];
  const policies = [popular, aPolicy("b"), aPolicy("c")];
  const expected = resolve({ sets, policies });
  const shuffled = fc.shuffledSubarray(sets, { minLength: sets.length });
  const shuffledPolicies = fc.shuffledSubarray(policies, { minLength: policies.length });
  fc.assert(
    fc.property(shuffled, shuffledPolicies, (sets, policies) => {
      assert.deepEqual(resolve({ sets, policies }), expected);
    }),
  );
});
