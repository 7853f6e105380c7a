import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { decode } from "../../src/api/decode.ts";
import { withoutNulls } from "../../src/api/nulls.ts";
import { formatPath, isMistake } from "../../src/api/problem.ts";
import { SCHEMAS } from "../../src/api/schemas.gen.ts";
import { KINDS, type Kind } from "../../src/api/types.gen.ts";
import { changed, fullest, type Loose, smallest } from "./valid-objects.ts";

function pruned(kind: Kind, value: unknown): { value: unknown; found: readonly string[] } {
  const result = withoutNulls(SCHEMAS[kind], value);
  const found = result.problems.map(({ rule, path }) => `${formatPath(path)} ${rule}`);
  return { value: result.value, found };
}

test("a null in an optional field is dropped with a warning, as if it were not written", () => {
  for (const field of ["spec.tag", "spec.suspend", "spec.nodeSelector", "spec.policyRef"]) {
    const object = changed(smallest("CachedImage"), field, null);
    const result = pruned("CachedImage", object);
    assert.deepEqual(result.found, [`${field} DROP2006`]);
    assert.deepEqual(result.value, changed(object, field, undefined));
  }
});

test("a null in a field with a default gives the default", () => {
  const object = changed(smallest("CachedImage"), "spec.imagePullPolicy", null);
  assert.equal(decode("CachedImage", object).object?.spec.imagePullPolicy, "Always");
  const policy = decode("PullPolicy", { ...smallest("PullPolicy"), spec: null }).object;
  assert.equal(policy?.spec.failureBackoff.max, "5m");
});

test("a null in a required field is a missing field", () => {
  const object = changed(smallest("CachedImage"), "spec.image", null);
  const rules = decode("CachedImage", object).problems.map(({ rule }) => rule);
  assert.deepEqual(rules, ["DROP1003"]);
});

test("a null in a selector is a mistake: without the entry every node would be selected", () => {
  const object = changed(smallest("CachedImage"), "spec.nodeSelector", { pool: null, a: "b" });
  const result = pruned("CachedImage", object);
  assert.deepEqual(result.found, ["spec.nodeSelector.pool DROP1026"]);
  assert.deepEqual(result.value, changed(object, "spec.nodeSelector", { a: "b" }));
  assert.equal(decode("CachedImage", object).object, undefined);
});

test("a null label or annotation is a mistake, and its key is still judged", () => {
  for (const field of ["labels", "annotations"]) {
    const object = changed(smallest("PullPolicy"), `metadata.${field}`, { "a b": null });
    const rules = decode("PullPolicy", object).problems.map(({ rule }) => rule);
    assert.deepEqual(rules, ["DROP1020", "DROP1026"]);
  }
});

test("a null in a list stays where it is, for the schema to refuse", () => {
  const object = changed(smallest("CachedImageSet"), "spec.images", [null]);
  assert.deepEqual(pruned("CachedImageSet", object), { value: object, found: [] });
});

test("a null in a field that does not exist is left, for the schema to refuse", () => {
  const object = changed(smallest("PullPolicy"), "spec.wait", null);
  assert.deepEqual(pruned("PullPolicy", object), { value: object, found: [] });
});

test("what holds no null is left as it is, whatever it is", () => {
  const withoutNull = fc.jsonValue().filter((value) => !JSON.stringify(value).includes("null"));
  fc.assert(
    fc.property(fc.constantFrom(...KINDS), withoutNull, (kind, value) => {
      assert.deepEqual(pruned(kind, value), { value, found: [] });
    }),
  );
  for (const kind of KINDS) {
    assert.deepEqual(pruned(kind, fullest(kind)), { value: fullest(kind), found: [] });
  }
});

test("a mapping with a key __proto__ or constructor keeps it as a key", () => {
  const selector: Loose = JSON.parse('{"__proto__": "a", "constructor": "b"}');
  const result = pruned(
    "PullPolicy",
    changed(smallest("PullPolicy"), "spec.nodeSelector", selector),
  );
  assert.match(JSON.stringify(result.value), /"__proto__":"a","constructor":"b"/);
  const unknown = JSON.parse('{"__proto__": {"polluted": null}}');
  pruned("PullPolicy", unknown);
  assert.equal("polluted" in {}, false);
});

test("of a list or map far beyond its limit only as much is looked at as shows that it is too long", () => {
  const images = Array.from({ length: 50_000 }, () => ({ image: null }));
  const result = withoutNulls(SCHEMAS.CachedImageSet, { spec: { images } });
  assert.equal(result.problems.length, 1_001);
  const object = { ...smallest("CachedImageSet"), spec: { images } };
  const rules = decode("CachedImageSet", object)
    .problems.filter(isMistake)
    .map(({ rule }) => rule);
  assert.ok(rules.includes("DROP1005"));
});
