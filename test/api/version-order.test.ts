import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { compareTags, isVersionTag, newestTagsFirst } from "../../src/api/version-order.ts";

const HASH = "3f2a9c1d0b7e4f5a6c8d9e0f1a2b3c4d5e6f7a8b";

const kinds: readonly [tag: string, version: boolean][] = [
  ["1", true],
  ["v1", true],
  ["1.2", true],
  ["v1.2.3", true],
  ["1.2.3.4", true],
  ["1.2.3.4.5", true],
  ["1.27-alpine", true],
  ["1.27alpine", true],
  ["1.27_1", true],
  ["1.0.dev1", true],
  ["2024-01-31", true],
  ["20240131", true],
  ["20240131beta", true],
  ["1234567", true],
  ["v0", true],
  ["9".repeat(40), true],
  ["15bookworm", true],
  ["3.1f2a9c1d", true],
  ["", false],
  ["v", false],
  ["vv1", false],
  ["V1", false],
  ["latest", false],
  ["stable-1.2", false],
  ["release-20240131", false],
  ["x1.2", false],
  [".1", false],
  ["-1", false],
  ["1~2", false],
  ["1é", false],
  [HASH, false],
  [HASH.slice(0, 7), false],
  [`${HASH.slice(0, 12)}-dirty`, false],
  [`${HASH.slice(0, 10)}.1`, false],
  ["20240101abc", false],
  ["3f2a9c", true],
  ["3f2a9c1g", true],
  ["__proto__", false],
];

test("a tag counts as a version by its beginning, and a commit hash never does", () => {
  for (const [tag, version] of kinds) assert.equal(isVersionTag(tag), version, tag);
});

/** Each row is ordered newest first. */
const orders: readonly (readonly string[])[] = [
  ["v10", "v9"],
  ["1.10", "1.9", "1.2"],
  ["1.27.3", "1.27.2", "1.27.1", "1.26.9"],
  ["1.27.1", "1.27.0", "1.27"],
  ["1.2.3.1", "1.2.3"],
  ["v2", "1.9.9", "v1.9.8"],
  ["v1.2.3", "1.2.3"],
  ["1.2.3", "1.2.3-rc.1"],
  ["1.2.3", "1.2.3-alpine"],
  ["1.2.3", "1.2.3-alpine", "1.2.3-rc1-alpine", "1.2.3-rc1"],
  ["1.2.4-rc.1", "1.2.3"],
  ["1.0-rc.10", "1.0-rc.9", "1.0-rc.1", "1.0-rc"],
  ["1.0-rc10", "1.0-rc9"],
  ["1.0rc3", "1.0-rc2", "1.0.rc.1"],
  ["1.0-rc1", "1.0-beta2", "1.0-beta1", "1.0-alpha9"],
  ["1.0-RC2", "1.0-rc1"],
  ["1.0", "1.0-x", "1.0-preview1", "1.0-dev3", "1.0.dev2"],
  ["1.27-alpine3.20", "1.27-alpine3.9", "1.27-alpine"],
  ["1.27-debian12", "1.27-bookworm"],
  ["1.0-a", "1.0-1"],
  ["1.0-2", "1.0-1"],
  ["2024-02-01", "2024-01-31"],
  ["20240201", "20240131", "1.2.3"],
  ["99999999999999999999999", "99999999999999999999998", "9007199254740993"],
  ["9007199254740993", "9007199254740992"],
  ["1.99999999999999999999", "1.99999999999999999998"],
  ["1.010", "1.9", "1.08"],
  ["1.0-rc.99999999999999999999", "1.0-rc.99999999999999999998"],
  ["0.0.1", "0"],
  ["1", "stable", "latest"],
  ["0.0.1-alpha", "zzz"],
  ["main", "latest", HASH],
  ["1", "latest", ""],
  ["v1.2", "1.2"],
];

test("newer tags come first", () => {
  for (const row of orders) {
    assert.deepEqual(newestTagsFirst(row.toReversed()), row);
    assert.deepEqual(row.toReversed().sort(compareTags), row);
  }
});

const tag = fc.oneof(
  fc.constantFrom(...kinds.map(([text]) => text), ...orders.flat()),
  fc
    .array(
      fc.constantFrom("v", "1", "2", "10", "09", ".", "-", "_", "rc", "RC", "alpine", "a", "é"),
      {
        maxLength: 8,
      },
    )
    .map((parts) => parts.join("")),
  fc.string({ unit: "binary", maxLength: 20 }),
);

test("the order is total and antisymmetric", () => {
  fc.assert(
    fc.property(tag, tag, (a, b) => {
      assert.equal(Math.sign(compareTags(a, b)), 0 - Math.sign(compareTags(b, a)));
      assert.equal(compareTags(a, b) === 0, a === b);
    }),
    { numRuns: 3000 },
  );
});

test("the order is transitive", () => {
  fc.assert(
    fc.property(tag, tag, tag, (a, b, c) => {
      if (compareTags(a, b) > 0 || compareTags(b, c) > 0) return;
      assert.ok(compareTags(a, c) <= 0, JSON.stringify([a, b, c]));
    }),
    { numRuns: 5000 },
  );
});

test("a shuffled list sorts to the same order", () => {
  const tags = fc.uniqueArray(tag, { minLength: 2, maxLength: 30 });
  const shuffled = tags.chain((list) =>
    fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length })),
  );
  fc.assert(
    fc.property(shuffled, ([list, other]) => {
      assert.deepEqual(newestTagsFirst(other), newestTagsFirst(list));
      assert.deepEqual(other.toSorted(compareTags), newestTagsFirst(list));
    }),
  );
});

test("a version always comes before a tag without one", () => {
  fc.assert(
    fc.property(tag, tag, (a, b) => {
      if (isVersionTag(a) && !isVersionTag(b)) assert.ok(compareTags(a, b) < 0);
    }),
  );
});

test("very long tags are compared without delay", () => {
  const digits = `${"1".repeat(200_000)}~`;
  const dotted = `${"1.".repeat(100_000)}~`;
  assert.ok(compareTags(digits, dotted) > 0);
  assert.ok(compareTags(`1${"-rc1".repeat(50_000)}`, `1${"-rc1".repeat(50_001)}`) > 0);
});

test("the newest few are the first of all, however many there are and in whatever order they come", () => {
  const numbers = Array.from({ length: 5_000 }, (_, index) => (index * 7_919) % 5_000);
  const tags = numbers.map((number) => `${number % 7}.${number}${number % 3 === 0 ? "-rc.1" : ""}`);
  const all = newestTagsFirst(tags);
  for (const list of [tags, all, all.toReversed()]) {
    for (const limit of [1, 20, 700, 4_999, 5_000, 9_000]) {
      assert.deepEqual(newestTagsFirst(list, limit), all.slice(0, limit));
    }
  }
});

const number = fc.constantFrom(
  ...["0", "1", "2", "9", "10", "010", "097", "2024"],
  ...["9007199254740992", "9007199254740993", "999999999999999", "1000000000000000"],
);
const numbered = fc
  .tuple(
    fc.constantFrom("", "v", "V", "x"),
    fc.array(number, { minLength: 1, maxLength: 5 }),
    fc.constantFrom("", ".", "-rc.1", "rc", "-alpine", "~", "a1b2c3d"),
  )
  .map(([prefix, numbers, suffix]) => `${prefix}${numbers.join(".")}${suffix}`);

test("the newest few that a filter keeps are those of the whole order, each once", () => {
  const lists = fc.array(fc.oneof(numbered, numbered, tag), { minLength: 2_000, maxLength: 3_000 });
  const keeps = (text: string) => !text.includes("alpine");
  fc.assert(
    fc.property(lists, fc.constantFrom(1, 3, 40), (list, limit) => {
      const all = [...new Set(list.filter(keeps))].sort(compareTags);
      const doubled = [...list, ...list.toSorted(), ...list];
      assert.deepEqual(newestTagsFirst(doubled, limit, keeps), all.slice(0, limit));
      assert.deepEqual(
        newestTagsFirst(list.toSorted(compareTags), limit, keeps),
        all.slice(0, limit),
      );
    }),
    { numRuns: 30 },
  );
});

test("numbers too long to be exact are told apart among many tags too", () => {
  const many = Array.from({ length: 3_000 }, (_, index) => `9007199254740992.${index + 5}`);
  assert.deepEqual(newestTagsFirst(["9007199254740993.0", ...many], 1), ["9007199254740993.0"]);
});
