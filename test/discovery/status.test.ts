import assert from "node:assert/strict";
import { test } from "node:test";
import type { DiscoveryPolicy } from "../../src/api/types.gen.ts";
import type { SourceOutcome } from "../../src/discovery/outcome.ts";
import { rank } from "../../src/discovery/rank.ts";
import { outcomesFromStatus, rememberedFromStatus } from "../../src/discovery/replay.ts";
import { storedScore, withDiscoveryStatus } from "../../src/discovery/status.ts";
import {
  complete,
  incomplete,
  offers,
  outcome,
  policy,
  prometheusSource,
  registrySource,
} from "./policies.ts";

const noon = Date.UTC(2026, 0, 2, 12, 0, 0, 789);
const hour = 3_600_000;

const scores = [
  [1.5, 2],
  [2.5, 3],
  [-1.5, -1],
  [0.49999999999999994, 0],
  [-0.2, 0],
  [1e300, 2 ** 63 - 1024],
  [-1e300, -(2 ** 63 - 1024)],
] as const;

for (const [score, stored] of scores) {
  test(`the score ${score} is stored as ${stored}`, () => {
    assert.ok(Object.is(storedScore(score), stored), String(storedScore(score)));
    assert.match(JSON.stringify(storedScore(score)), /^-?\d+$/);
  });
}

const sources = [
  prometheusSource({}, { name: "usage" }),
  registrySource({ repositories: ["one", "two"] }, { name: "tags" }),
];

function after(outcomes: readonly SourceOutcome[], before = policy({ sources }), nowMs = noon) {
  const ranking = rank({ policy: before, outcomes, remembered: rememberedFromStatus(before) });
  return withDiscoveryStatus({ policy: before, ranking, nowMs });
}

const healthy = [
  outcome("usage", complete(offers("x.io/a:1=7.5"))),
  outcome("tags", complete(offers("x.io/one:2=1000"), "one"), complete([], "two")),
];
const failing = [
  outcome("usage", incomplete("failed")),
  outcome("tags", complete(offers("x.io/one:3=1000"), "one"), complete([], "two")),
];

test("a status says what was found and that every source is healthy", () => {
  assert.deepEqual(after(healthy).status, {
    observedGeneration: 3,
    lastSyncTime: "2026-01-02T12:00:00Z",
    discoveredImages: [
      { image: "x.io/one:2", score: 1000, source: "tags" },
      { image: "x.io/a:1", score: 8, source: "usage" },
    ],
    imageCount: 2,
    sourceCount: 2,
    sources: [
      { name: "usage", healthy: true, lastSuccessTime: "2026-01-02T12:00:00Z", imageCount: 1 },
      { name: "tags", healthy: true, lastSuccessTime: "2026-01-02T12:00:00Z", imageCount: 1 },
    ],
    conditions: [
      {
        type: "Ready",
        status: "True",
        reason: "Discovered",
        message: "2 images",
        lastTransitionTime: "2026-01-02T12:00:00Z",
        observedGeneration: 3,
      },
      {
        type: "SourceHealthy",
        status: "True",
        reason: "AllSourcesHealthy",
        message: "every source answered in full",
        lastTransitionTime: "2026-01-02T12:00:00Z",
        observedGeneration: 3,
      },
    ],
  });
});

function condition({ status }: DiscoveryPolicy, type: string) {
  const found = status?.conditions?.find((each) => each.type === type);
  return [found?.status, found?.reason, found?.lastTransitionTime];
}

test("a failing source keeps the times of its last success, and the images it had", () => {
  const later = after(failing, after(healthy), noon + hour);
  assert.equal(later.status?.lastSyncTime, "2026-01-02T12:00:00Z");
  assert.deepEqual(later.status?.sources?.[0], {
    name: "usage",
    healthy: false,
    lastSuccessTime: "2026-01-02T12:00:00Z",
    imageCount: 0,
    reason: "Unreachable",
    message: "it is away; wait",
  });
  assert.deepEqual(
    later.status?.discoveredImages?.map(({ image }) => image),
    ["x.io/a:1", "x.io/one:3"],
  );
  assert.deepEqual(condition(later, "Ready"), [
    "True",
    "RememberedResults",
    "2026-01-02T12:00:00Z",
  ]);
  assert.deepEqual(condition(later, "SourceHealthy"), [
    "False",
    "SourceError",
    "2026-01-02T13:00:00Z",
  ]);
});

test("a policy that never got an answer is not ready", () => {
  const nothing = [
    outcome("usage", incomplete("failed")),
    outcome("tags", incomplete("failed", [], { name: "one" })),
  ];
  const status = after(nothing);
  assert.deepEqual(condition(status, "Ready").slice(0, 2), ["False", "NoResults"]);
  assert.equal(status.status?.lastSyncTime, undefined);
});

test("the message of a source with many failing repositories fits into status", () => {
  const parts = Array.from({ length: 200 }, (_, index) =>
    incomplete("failed", [], { name: `repository-${index}` }),
  );
  const message = after([outcome("tags", ...parts)]).status?.sources?.[0]?.message ?? "";
  assert.match(message, /^repository-0: it is away; wait \| /);
  assert.ok(message.length <= 1024);
});

test("a replayed status stands for the answers that it was made of", () => {
  const replayed = outcomesFromStatus(after(healthy));
  assert.deepEqual(replayed, [
    { name: "usage", type: "prometheus", parts: [complete(offers("x.io/a:1=8"))], notes: [] },
    {
      name: "tags",
      type: "registry",
      parts: [complete(offers("x.io/one:2=1000"), "one"), complete([], "two")],
      notes: [],
    },
  ]);
});

test("in a replayed status the images of a failing source are what it had", () => {
  const [usage, tags] = outcomesFromStatus(after(failing, after(healthy), noon + hour));
  assert.equal(usage?.parts[0]?.state, "failed");
  assert.deepEqual(usage?.parts[0]?.candidates, offers("x.io/a:1=8"));
  assert.equal(tags?.parts[0]?.state, "complete");
});

test("a status that says nothing about a source makes it failed, not empty", () => {
  const [usage] = outcomesFromStatus(policy({ sources }));
  assert.equal(usage?.parts[0]?.state, "failed");
});

test("what a status remembers is found by source and repository", () => {
  const remembered = rememberedFromStatus(
    policy(
      { sources },
      {
        discoveredImages: [
          { image: "x.io/two:1", score: 3, source: "tags" },
          { image: "x.io/renamed:1", score: 2, source: "tags" },
          { image: "x.io/a:1", score: 1, source: "usage" },
        ],
      },
    ),
  );
  assert.deepEqual(
    remembered.map(({ part }) => part),
    ["two", "", ""],
  );
});
