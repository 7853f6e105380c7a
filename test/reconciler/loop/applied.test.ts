import assert from "node:assert/strict";
import { test } from "node:test";
import { createApplied } from "../../../src/reconciler/loop/applied.ts";

test("a status that was written counts until the watch brings the object back, whatever it brings", () => {
  const applied = createApplied<string>();
  const seen = { uid: "u", name: "a", status: "old" };
  assert.equal(applied.current(seen), seen);
  applied.record(seen, "written", 5);
  assert.deepEqual(applied.current(seen), { uid: "u", name: "a", status: "written" });
  const back = { uid: "u", name: "a", status: "changed by somebody" };
  assert.equal(applied.current(back), back);
  assert.equal(applied.appliedAt("u"), 5);
});

test("an object of another uid has nothing of one before it", () => {
  const applied = createApplied<string>();
  applied.record({ uid: "u", status: "old" }, "written", 5);
  const other = { uid: "v", status: "new" };
  assert.equal(applied.current(other), other);
  assert.equal(applied.appliedAt("v"), undefined);
  applied.forget("u");
  assert.equal(applied.appliedAt("u"), undefined);
});
