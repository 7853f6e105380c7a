import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { blockYaml } from "../../src/renderer/manifest/block-yaml.ts";
import { libraryYaml, yamlText } from "../../src/renderer/manifest/yaml-text.ts";

const words = fc.constantFrom(
  ...["image", "tag", "labels", "nodeSelector", "on", "yes", "a/b", "a:b", "a: b", "- a", "#a", ""],
  ...["1.0", "1_0", "null", "~", "__proto__", "a\nb", "é", "\ud800", " a", "a ", "*a", "&a", "{}"],
);
const texts = fc.oneof(words, fc.string({ maxLength: 8 }), fc.string({ unit: "binary" }));
const { value: values } = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: "small" },
    ...[texts, fc.boolean(), fc.integer(), fc.double(), fc.constant(null)],
    fc.array(tie("value"), { maxLength: 3 }),
    fc.array(tie("value"), { maxLength: 3 }),
    fc.dictionary(texts, tie("value"), { maxKeys: 4 }),
    fc.dictionary(texts, tie("value"), { maxKeys: 4 }),
  ),
}));

test("what is written fast is what the YAML library writes, byte for byte", () => {
  let fast = 0;
  const roots = fc.dictionary(texts, values, { maxKeys: 4 });
  fc.assert(
    fc.property(roots, (root) => {
      const text = blockYaml(root);
      if (text === undefined) return;
      fast++;
      assert.equal(text, libraryYaml(root));
    }),
    { numRuns: 3_000 },
  );
  assert.ok(fast > 300, `only ${fast} were written fast`);
});

const rows: readonly [what: string, value: unknown, isFast: boolean][] = [
  ["a mapping of texts, lists and mappings", { a: { b: [{ c: "d", e: true }, "f"], g: 1 } }, true],
  ["empty collections", { a: [], b: {}, c: [[], {}] }, true],
  ["a null", { a: null }, false],
  ["a fraction", { a: 1.5 }, false],
  ["a list in a list", { a: [["b"]] }, false],
  ["a key of a thousand letters", { ["k".repeat(1_100)]: "a" }, false],
  ["an empty key", { "": "a" }, false],
  ["no mapping at all", "a", false],
];

for (const [what, value, isFast] of rows) {
  test(`${what} is ${isFast ? "written fast" : "left to the library"}`, () => {
    assert.equal(blockYaml(value) !== undefined, isFast);
    assert.equal(yamlText(value), libraryYaml(value));
  });
}
