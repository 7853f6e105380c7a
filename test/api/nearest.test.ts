import assert from "node:assert/strict";
import { test } from "node:test";
import { nearest } from "../../src/api/nearest.ts";

test("a name is suggested when few letters differ, and none when most do", () => {
  assert.equal(nearest("popular", ["unpopular", "populr", "popular-images"]), "populr");
  assert.equal(nearest("popular", ["metrics", ""]), undefined);
  assert.equal(nearest("a", ["b", "c"]), "b");
  assert.equal(nearest("x".repeat(100_000), ["x".repeat(99_999)]), undefined);
});
