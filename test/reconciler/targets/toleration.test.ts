import assert from "node:assert/strict";
import { test } from "node:test";
import type { Toleration } from "../../../src/api/types.gen.ts";
import { isTolerated } from "../../../src/reconciler/targets/toleration.ts";

const TAINT = { key: "dedicated", value: "builds", effect: "NoSchedule" };

const ROWS: readonly [toleration: Toleration, tolerated: boolean][] = [
  [{ operator: "Exists" }, true],
  [{ operator: "Exists", effect: "NoSchedule" }, true],
  [{ operator: "Exists", effect: "NoExecute" }, false],
  [{ key: "dedicated", operator: "Exists" }, true],
  [{ key: "dedicated", operator: "Exists", effect: "" }, true],
  [{ key: "other", operator: "Exists" }, false],
  [{ key: "dedicated", value: "builds" }, true],
  [{ key: "dedicated", operator: "", value: "builds" }, true],
  [{ key: "dedicated", operator: "Equal", value: "builds" }, true],
  [{ key: "dedicated", operator: "Equal", value: "other" }, false],
  [{ key: "dedicated", operator: "Equal" }, false],
  [{ key: "dedicated", value: "builds", effect: "NoSchedule", tolerationSeconds: 5 }, true],
  [{ key: "dedicate", operator: "Exists" }, false],
];

test("a toleration covers a taint as kube-scheduler decides it", () => {
  for (const [toleration, tolerated] of ROWS) {
    assert.equal(isTolerated(TAINT, [toleration]), tolerated, JSON.stringify(toleration));
  }
});

test("one toleration of several is enough, and none covers nothing", () => {
  const other: Toleration = { key: "other", operator: "Exists" };
  assert.equal(isTolerated(TAINT, [other, { key: "dedicated", operator: "Exists" }]), true);
  assert.equal(isTolerated(TAINT, []), false);
});
