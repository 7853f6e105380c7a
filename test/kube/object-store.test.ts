import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { own } from "../../src/api/record.ts";
import { type Change, createObjectStore } from "../../src/kube/object-store.ts";
import { isOlder } from "../../src/kube/resource-version.ts";

type Kept = { readonly value: number; readonly uid: string };

function stored() {
  const changes: Change<Kept>[] = [];
  const store = createObjectStore<Kept>({
    project(raw) {
      const value = own(raw, "value");
      return typeof value === "number"
        ? { value, uid: String(own(own(raw, "metadata"), "uid")) }
        : undefined;
    },
    isSame: (a, b) => a.value === b.value,
    onChange: (change) => changes.push(change),
  });
  return { store, changes };
}

function object(version: string, value: unknown, { name = "a", uid = "1" } = {}) {
  return { metadata: { name, uid, resourceVersion: version }, value };
}

type Event = readonly ["set" | "delete", ReturnType<typeof object>];

const histories: readonly (readonly [string, readonly Event[], number | undefined])[] = [
  [
    "the newest of two states",
    [
      ["set", object("9", 1)],
      ["set", object("10", 2)],
    ],
    2,
  ],
  [
    "the newer state when the older one comes later",
    [
      ["set", object("10", 2)],
      ["set", object("9", 1)],
    ],
    2,
  ],
  [
    "nothing after a deletion",
    [
      ["set", object("9", 1)],
      ["delete", object("10", 1)],
    ],
    undefined,
  ],
  [
    "nothing when an older state comes after the deletion",
    [
      ["set", object("9", 1)],
      ["delete", object("10", 1)],
      ["set", object("9", 1)],
    ],
    undefined,
  ],
  [
    "nothing when the deletion comes before the state that it ended",
    [
      ["delete", object("10", 1)],
      ["set", object("9", 1)],
    ],
    undefined,
  ],
  [
    "the state that is newer than a deletion that comes late",
    [
      ["set", object("11", 3, { uid: "2" })],
      ["delete", object("10", 1)],
    ],
    3,
  ],
  [
    "nothing when a deletion has the version of the state",
    [
      ["set", object("9", 1)],
      ["delete", object("9", 1)],
    ],
    undefined,
  ],
  [
    "the last state where versions are no numbers",
    [
      ["set", object("x2", 2)],
      ["set", object("x1", 1)],
    ],
    1,
  ],
  [
    "the object that took the name, where a deletion without a number is another one's",
    [
      ["set", object("x2", 2, { uid: "2" })],
      ["delete", object("x1", 1)],
    ],
    2,
  ],
  [
    "nothing of what is not wanted any more",
    [
      ["set", object("9", 1)],
      ["set", object("10", "other")],
    ],
    undefined,
  ],
];

for (const [what, events, value] of histories) {
  test(`the store holds ${what}`, () => {
    const { store } = stored();
    for (const [type, raw] of events) store.apply(type, raw);
    assert.equal(store.objects.get("a")?.value, value);
  });
}

test("the same event twice is told once, and a change that makes no difference not at all", () => {
  const { store, changes } = stored();
  store.apply("set", object("9", 1));
  store.apply("set", object("9", 1));
  store.apply("set", object("10", 1));
  store.apply("delete", object("11", 1));
  store.apply("delete", object("11", 1));
  assert.deepEqual(
    changes.map(({ type }) => type),
    ["set", "delete"],
  );
});

test("another object under the same name is told of, even where it looks the same", () => {
  const { store, changes } = stored();
  store.apply("set", object("9", 1));
  store.apply("set", object("12", 1, { uid: "2" }));
  assert.equal(changes.length, 2);
  assert.equal(store.objects.get("a")?.uid, "2");
});

test("a list removes what it does not hold, and counts what was not as it says", () => {
  const { store, changes } = stored();
  for (const name of ["a", "b", "c"]) store.apply("set", object("9", 1, { name }));
  store.apply("set", object("9", "not wanted", { name: "d" }));
  changes.length = 0;
  const listing = store.beginList();
  listing.add(object("9", 1, { name: "a" }));
  listing.add(object("12", 2, { name: "b" }));
  listing.add(object("9", "not wanted", { name: "d" }));
  assert.equal(listing.end(), 2);
  assert.deepEqual(
    changes.map(({ type, ...change }) => [type, "key" in change && change.key]),
    [
      ["set", "b"],
      ["delete", "c"],
    ],
  );
});

test("what is no object changes nothing, and a namespace is part of the key", () => {
  const { store, changes } = stored();
  for (const raw of [
    {},
    { metadata: null },
    { metadata: { name: 1, uid: "1", resourceVersion: "1" } },
  ]) {
    assert.equal(store.apply("set", raw), undefined);
    store.beginList().add(raw);
  }
  assert.equal(changes.length, 0);
  store.apply("set", {
    ...object("9", 1),
    metadata: { name: "__proto__", namespace: "n", uid: "1", resourceVersion: "9" },
  });
  assert.deepEqual([...store.objects.keys()], ["n/__proto__"]);
});

test("deletions of more objects than are remembered still delete", () => {
  const { store } = stored();
  for (let index = 0; index < 3_000; index++) {
    const identity = { name: `n${index}`, uid: `u${index}` };
    store.apply("set", object(String(2 * index + 1), 1, identity));
    store.apply("delete", object(String(2 * index + 2), 1, identity));
  }
  assert.equal(store.objects.size, 0);
});

test("versions are ordered as the numbers that they are, however long", () => {
  const number = fc.bigInt({ min: 1n, max: 10n ** 40n });
  fc.assert(
    fc.property(number, number, (a, b) => {
      assert.equal(isOlder(String(a), String(b)), a < b);
    }),
  );
  for (const strange of ["", "0", "01", "-1", "1.5", "1e3", "abc", "٣"]) {
    assert.equal(isOlder(strange, "5"), false);
    assert.equal(isOlder("5", strange), false);
  }
});
