import assert from "node:assert/strict";
import { test } from "node:test";
import type { DiscoveryPolicy } from "../../src/api/types.gen.ts";
import { replayedOutcomes } from "../../src/renderer/replay.ts";
import { aPolicy } from "./builders.ts";

function recorded(healthy: boolean): DiscoveryPolicy {
  return {
    ...aPolicy("popular", { sources: [] }),
    status: {
      discoveredImages: [
        { image: "quay.io/a/b:1", score: 5, source: "metrics" },
        { image: "quay.io/c/d:1", score: 4, source: "another" },
      ],
      sources: [{ name: "metrics", healthy }],
    },
  };
}

test("a recording answers for the sources of the policy among the inputs, healthy ones in full", () => {
  const candidates = [{ image: "quay.io/a/b:1", score: 5 }];
  assert.deepEqual(replayedOutcomes(aPolicy("popular"), recorded(true)), [
    {
      name: "metrics",
      type: "prometheus",
      parts: [{ state: "complete", name: "", candidates }],
      notes: [],
    },
  ]);
  const [unhealthy] = replayedOutcomes(aPolicy("popular"), recorded(false));
  assert.deepEqual(
    unhealthy?.parts.map(({ state }) => state),
    ["failed"],
  );
});

test("without a recording no source answered, even where the input itself carries a status", () => {
  for (const policy of [
    aPolicy("popular"),
    { ...aPolicy("popular"), status: recorded(true).status ?? {} },
  ]) {
    const [outcome] = replayedOutcomes(policy, undefined);
    assert.deepEqual(
      outcome?.parts.map(({ state, candidates }) => [state, candidates]),
      [["failed", []]],
    );
  }
});
