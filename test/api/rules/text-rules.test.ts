import assert from "node:assert/strict";
import { test } from "node:test";
import { textProblems } from "../../../src/api/rules/text-rules.ts";

function policy(filters: readonly string[], rest: object = {}) {
  const sources = filters.map((tagFilter) => ({ type: "registry", registry: { tagFilter } }));
  return { spec: { sources, ...rest } };
}

function fields(object: unknown): readonly string[] {
  return textProblems("DiscoveryPolicy", object).map(
    ({ rule, path, what }) => `${rule} ${path.join(".")} ${/[0-9]+ characters/.exec(what)}`,
  );
}

const LONG = "a".repeat(400);

test("patterns of one policy have 8,192 characters together, and those after that are refused", () => {
  assert.deepEqual(fields(policy(new Array(20).fill(LONG))), []);
  assert.deepEqual(fields(policy(new Array(21).fill(LONG), { excludeFilter: "b".repeat(100) })), [
    "DROP1025 spec.sources.20.registry.tagFilter 8192 characters",
  ]);
});

test("a pattern that is too long by itself leaves the others their room", () => {
  assert.deepEqual(fields(policy([LONG, LONG], { imageFilter: "a".repeat(50_000) })), [
    "DROP1025 spec.imageFilter 1024 characters",
  ]);
});
