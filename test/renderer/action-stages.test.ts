import assert from "node:assert/strict";
import { test } from "node:test";
import { actionStages } from "../../src/renderer/folder/action-stages.ts";

const rows: readonly [what: string, paths: readonly string[], stages: readonly string[][]][] = [
  ["nothing is no stage", [], []],
  ["the actions of one folder keep their order", ["a/2", "a/1"], [["a/2 a/1"]]],
  ["folders stand side by side in one stage", ["a/1", "b/1", "a/2"], [["a/1 a/2", "b/1"]]],
  [
    "the output folder's own file waits for all before it, and all after it wait",
    ["a/1", "b/1", "top", "c/1", "a/2"],
    [["a/1", "b/1"], ["top"], ["c/1", "a/2"]],
  ],
  ["the output folder's own file may come first", ["top", "a/1"], [["top"], ["a/1"]]],
];

for (const [what, paths, stages] of rows) {
  test(what, () => {
    const actions = paths.map((path) => ({ type: "remove", path }) as const);
    const found = actionStages(actions).map((groups) =>
      groups.map((group) => group.actions.map(({ path }) => path).join(" ")),
    );
    assert.deepEqual(found, stages);
  });
}
