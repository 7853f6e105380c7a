import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { listSplitter } from "../../src/runtime/list-splitter.ts";

function split(text: string, size: number) {
  const items: string[] = [];
  const sieve = listSplitter({
    ...{ key: "items", depth: 2, maxBytes: 1_000 },
    onItem: (one) => items.push(one),
    tooLong: () => new Error("too long"),
    notText: () => new Error("no text"),
  });
  const bytes = Buffer.from(text);
  const left: Buffer[] = [];
  for (let at = 0; at < bytes.byteLength; at += size)
    left.push(sieve(bytes.subarray(at, at + size)));
  return { items, rest: Buffer.concat(left).toString("utf8") };
}

test("whatever objects a list holds, each comes out whole, and what is left is JSON", () => {
  fc.assert(
    fc.property(
      fc.array(fc.dictionary(fc.string({ unit: "binary" }), fc.jsonValue()), { maxLength: 5 }),
      fc.jsonValue(),
      fc.integer({ min: 1, max: 40 }),
      fc.constantFrom(undefined, 2),
      (objects, metadata, size, indent) => {
        const list = { kind: "NodeList", metadata: { items: [{ metadata }] }, items: objects };
        const short = objects.every((one) => Buffer.byteLength(JSON.stringify(one, null, 2)) < 500);
        fc.pre(short);
        const { items, rest } = split(JSON.stringify(list, null, indent), size);
        const round = (value: unknown) => JSON.parse(JSON.stringify(value));
        assert.deepEqual(
          items.map((item) => JSON.parse(item)),
          round(objects),
        );
        assert.deepEqual(JSON.parse(rest), { ...round(list), items: objects.map(() => 0) });
      },
    ),
    { numRuns: 300 },
  );
});

test("an object that is too long is refused before its end has come", () => {
  assert.throws(() => split(`{"items":[{"a":"${"x".repeat(2_000)}`, 100), /too long/);
});

test("backslashes and quotes without end take no longer than other text", () => {
  const sieve = listSplitter({
    ...{ key: "items", depth: 2, maxBytes: 2 ** 26 },
    onItem: () => undefined,
    tooLong: () => new Error("too long"),
    notText: () => new Error("no text"),
  });
  // Looked at more than once each, these would take minutes.
  const text = Buffer.from(`{"items":[{"a":"${"\\\\".repeat(2 ** 22)}`);
  for (let at = 0; at < text.byteLength; at += 65_536) sieve(text.subarray(at, at + 65_536));
});
