import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { CachedImageStatus } from "../../../src/api/types.gen.ts";
import type { ImageFacts } from "../../../src/reconciler/model/facts.ts";
import type { ImageSummary } from "../../../src/reconciler/model/summary.ts";
import { statusDue, THROTTLE_MS } from "../../../src/reconciler/status/due.ts";
import { eventsBetween } from "../../../src/reconciler/status/events.ts";
import { imageStatus } from "../../../src/reconciler/status/image-status.ts";
import { anImage, aSummary, NOW, notFound, policy, REFERENCE, refused } from "./standing.ts";

function statusOf(
  summary: Partial<ImageSummary>,
  status: CachedImageStatus = { observedGeneration: -1 },
  changes: Partial<ImageFacts> = {},
): CachedImageStatus {
  const image = anImage({ ...changes, status });
  return imageStatus({ image, summary: aSummary(summary), policy, now: NOW });
}

const NOTHING = { ready: 0, cachedNodes: [], lastPulledAt: undefined, lastAttemptedAt: undefined };
const pending = statusOf({ ...NOTHING, waiting: 5, blocking: 5 });
const first = statusOf(
  { ...NOTHING, waiting: 4, pulling: 1, blocking: 5, lastAttemptedAt: NOW },
  pending,
);
const between = statusOf(
  { ready: 1, waiting: 4, blocking: 4, cachedNodes: ["a"], lastAttemptedAt: NOW },
  first,
);
const second = statusOf(
  { ready: 1, waiting: 3, pulling: 1, blocking: 4, cachedNodes: ["a"], lastAttemptedAt: NOW + 1e4 },
  between,
);
const lookedAgain = statusOf({ ...NOTHING, waiting: 5, blocking: 5 }, pending, { generation: 3 });
const failing = statusOf(
  {
    ...{ ready: 1, waiting: 3, backingOff: 1, blocking: 4, cachedNodes: ["a"] },
    failedNodes: [
      { node: "b", failure: refused, attempts: 1, isBackingOff: true, nextAttemptAt: NOW + 3e4 },
    ],
  },
  between,
);
const failingMore = statusOf(
  {
    ...{ ready: 1, waiting: 2, backingOff: 2, blocking: 4, cachedNodes: ["a"] },
    failedNodes: [
      { node: "b", failure: refused, attempts: 2, isBackingOff: true, nextAttemptAt: NOW + 6e4 },
      { node: "c", failure: refused, attempts: 1, isBackingOff: true, nextAttemptAt: NOW + 3e4 },
    ],
  },
  failing,
);
const lost = statusOf(
  { ...NOTHING, waiting: 5, blocking: 5, hold: { ...notFound, until: NOW + 3e5 } },
  pending,
);
const done = statusOf({ lastPulledAt: NOW + 2e4 }, second);
const refreshing = statusOf({ pulling: 1, lastPulledAt: NOW + 2e4, refreshStartedAt: NOW }, done);
const joined = statusOf({ targeted: 6, pulling: 1, lastPulledAt: NOW + 2e4 }, done);
const joinedDone = statusOf({ targeted: 6, ready: 6, lastPulledAt: NOW + 3e4 }, joined);
const recovered = statusOf({ lastPulledAt: NOW + 5e4 }, failingMore);

const WRITES: readonly (readonly [
  name: string,
  applied: CachedImageStatus | undefined,
  wanted: CachedImageStatus,
  due: "now" | "later" | undefined,
])[] = [
  ["one that was never written", undefined, pending, "now"],
  ["the default of the CRD", { observedGeneration: -1 }, pending, "now"],
  ["the same again", pending, pending, undefined],
  ["empty lists where none are written", { ...pending, failedNodes: [] }, pending, undefined],
  ["a new generation", pending, lookedAgain, "now"],
  ["the start of the first pull", pending, first, "now"],
  ["the end of a pull among others", first, between, "later"],
  ["the start of a pull among others", between, second, "later"],
  ["a new reason of failure", between, failing, "now"],
  ["the same reason on another node", failing, failingMore, "later"],
  ["what the registry does not have", pending, lost, "now"],
  ["Ready", second, done, "now"],
  ["a refresh of what is there", done, refreshing, "later"],
  ["the end of a refresh", refreshing, done, "later"],
  ["a node that joined", done, joined, "later"],
];

describe("a status is written", () => {
  for (const [name, applied, wanted, due] of WRITES) {
    test(`${due ?? "never"}: ${name}`, () => {
      const at = (now: number, appliedAt: number | undefined = NOW) =>
        statusDue({ applied, wanted, appliedAt, now });
      const soon = due === "later" ? NOW + THROTTLE_MS : due;
      assert.equal(at(NOW + 1), soon);
      assert.equal(at(NOW + THROTTLE_MS - 1), soon);
      assert.equal(at(NOW + THROTTLE_MS), due === undefined ? undefined : "now");
      // Nobody knows when a process before this one wrote.
      const unknown = statusDue({ applied, wanted, appliedAt: undefined, now: NOW + 1 });
      assert.equal(unknown, due === undefined ? undefined : "now");
    });
  }

  test("seldom while an image goes from node to node", () => {
    let applied = pending;
    let appliedAt = NOW;
    let writes = 0;
    for (let node = 1; node <= 100; node++) {
      for (const pulling of [1, 0]) {
        const at = NOW + node * 2_000 + (pulling === 0 ? 1_000 : 0);
        const ready = pulling === 1 ? node - 1 : node;
        const summary = {
          ...{ targeted: 1_000, ready, pulling, blocking: 1_000 - ready },
          ...{ waiting: 1_000 - ready - pulling, lastAttemptedAt: NOW + node * 2_000 },
        };
        const wanted = statusOf(summary, applied);
        if (statusDue({ applied, wanted, appliedAt, now: at }) !== "now") continue;
        [applied, appliedAt] = [wanted, at];
        writes += 1;
      }
    }
    assert.equal(writes, 1 + Math.floor((100 * 2_000) / THROTTLE_MS));
  });
});

const EVENTS: readonly (readonly [
  name: string,
  before: CachedImageStatus,
  after: CachedImageStatus,
  events: readonly string[],
])[] = [
  ["nothing has begun", { observedGeneration: -1 }, pending, []],
  [
    "the first node begins",
    pending,
    first,
    [`Normal PullStarted pulling ${REFERENCE} onto 5 nodes`],
  ],
  ["the second node begins", between, second, []],
  [
    "a node fails",
    between,
    failing,
    [`Warning PullFailed ${REFERENCE} on b: ConnectionRefused: ${refused.message}`],
  ],
  ["another node fails likewise", failing, failingMore, []],
  ["the last node has it", second, done, [`Normal PullSucceeded 5 of 5 nodes hold ${REFERENCE}`]],
  [
    "the last node has it after failures",
    failingMore,
    recovered,
    [`Normal PullSucceeded 5 of 5 nodes hold ${REFERENCE}`],
  ],
  ["a refresh begins", done, refreshing, []],
  ["a refresh ends", refreshing, { ...done, lastPulledAt: "2026-01-02T11:00:00Z" }, []],
  ["a node joins", done, joined, []],
  ["a node that joined has it", joined, joinedDone, []],
  ["the same again", failing, failing, []],
];

describe("of a CachedImage people are told", () => {
  for (const [name, before, after, events] of EVENTS) {
    test(`${events.length === 0 ? "nothing" : events.join()} when ${name}`, () => {
      const image = anImage();
      const told = eventsBetween({ image, before, after });
      assert.deepEqual(
        told.map(({ severity, reason, note }) => `${severity} ${reason} ${note}`),
        events,
      );
      for (const { regarding } of told) {
        assert.deepEqual(regarding, { kind: "CachedImage", name: image.name, uid: image.uid });
      }
    });
  }

  test("each new reason once, where several come together", () => {
    const after = statusOf(
      {
        ...{ ready: 1, backingOff: 3, blocking: 4, waiting: 1 },
        failedNodes: [
          {
            node: "a",
            failure: refused,
            attempts: 1,
            isBackingOff: true,
            nextAttemptAt: undefined,
          },
          {
            node: "b",
            failure: notFound,
            attempts: 1,
            isBackingOff: true,
            nextAttemptAt: undefined,
          },
          {
            node: "c",
            failure: refused,
            attempts: 1,
            isBackingOff: true,
            nextAttemptAt: undefined,
          },
        ],
      },
      between,
    );
    const told = eventsBetween({ image: anImage(), before: between, after });
    assert.deepEqual(
      told.map(({ reason, note }) => `${reason} ${note.split(": ")[0]}: ${note.split(": ")[1]}`),
      [`PullFailed ${REFERENCE} on b: NotFound`, `PullFailed ${REFERENCE} on a: ConnectionRefused`],
    );
  });

  test("of what the registry does not have, in its words", () => {
    const [told] = eventsBetween({ image: anImage(), before: pending, after: lost });
    assert.equal(told?.reason, "PullFailed");
    assert.match(
      told?.note ?? "",
      /^NotFound; 0 of 5 nodes hold .*; no pull starts until 2026-01-02 10:05/,
    );
  });
});
