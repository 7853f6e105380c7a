import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import type { CachedImageStatus } from "../../../src/api/types.gen.ts";
import { API_VERSION } from "../../../src/api/types.gen.ts";
import { validated } from "../../../src/api/validator.ts";
import type { ImageFacts, PolicyFacts } from "../../../src/reconciler/model/facts.ts";
import type { ImageSummary } from "../../../src/reconciler/model/summary.ts";
import { statusDue } from "../../../src/reconciler/status/due.ts";
import { imageStatus } from "../../../src/reconciler/status/image-status.ts";
import { argoHealth, kstatus } from "./kstatus.ts";
import {
  anImage,
  anyImage,
  anyPolicy,
  anySummary,
  aSummary,
  NOW,
  notFound,
  policy,
  REFERENCE,
  refused,
  spec,
} from "./standing.ts";

interface Given {
  readonly image?: Partial<ImageFacts>;
  readonly summary?: Partial<ImageSummary>;
  readonly policy?: PolicyFacts | undefined;
  readonly now?: number;
}

function statusOf(given: Given): CachedImageStatus {
  const { image, summary, now = NOW } = given;
  const inForce = "policy" in given ? given.policy : policy;
  return imageStatus({
    image: anImage(image),
    summary: aSummary(summary),
    policy: inForce,
    now,
  });
}

/** `Ready=True/Cached PullProgress=False/Complete`. */
function verdicts({ conditions = [] }: CachedImageStatus): string {
  return conditions.map(({ type, status, reason }) => `${type}=${status}/${reason}`).join(" ");
}

function messageOf(status: CachedImageStatus, type: string): string {
  return status.conditions?.find((condition) => condition.type === type)?.message ?? "";
}

const NONE = { ready: 0, cachedNodes: [], lastPulledAt: undefined };
const READY = statusOf({});
const HELD = { until: NOW + 300_000 };

const ROWS: readonly (readonly [
  name: string,
  given: Given,
  verdicts: string,
  phase: string,
  flux: ReturnType<typeof kstatus>,
  argo: ReturnType<typeof argoHealth>,
])[] = [
  [
    "every node holds it",
    {},
    "Ready=True/Cached PullProgress=False/Complete",
    ...(["Ready", "Current", "Healthy"] as const),
  ],
  [
    "nothing is done yet",
    { summary: { ...NONE, waiting: 5, blocking: 5 } },
    "Ready=False/Pulling PullProgress=False/Idle Reconciling=True/Pulling",
    ...(["Pending", "InProgress", "Progressing"] as const),
  ],
  [
    "the first node pulls",
    { summary: { ...NONE, waiting: 4, pulling: 1, blocking: 5 } },
    "Ready=False/Pulling PullProgress=True/Pulling Reconciling=True/Pulling",
    ...(["Pulling", "InProgress", "Progressing"] as const),
  ],
  [
    "all that is missing backs off",
    {
      summary: {
        ...{ ready: 3, backingOff: 2, blocking: 2, consecutiveFailures: 1 },
        failedNodes: [
          {
            node: "node-4",
            failure: refused,
            attempts: 1,
            isBackingOff: true,
            nextAttemptAt: NOW + 30_000,
          },
          {
            node: "node-5",
            failure: refused,
            attempts: 2,
            isBackingOff: true,
            nextAttemptAt: NOW + 60_000,
          },
        ],
      },
    },
    "Ready=False/ConnectionRefused PullProgress=False/Backoff Reconciling=True/ConnectionRefused",
    ...(["Pending", "InProgress", "Progressing"] as const),
  ],
  [
    "three failures in a row before it was ever ready",
    { summary: { ...NONE, backingOff: 5, blocking: 5, consecutiveFailures: 3 } },
    "Ready=False/Pulling PullProgress=False/Backoff Reconciling=True/Pulling",
    ...(["Degraded", "InProgress", "Degraded"] as const),
  ],
  [
    "three failures in a row of an image that is ready",
    {
      image: { status: READY },
      summary: { ready: 4, backingOff: 1, blocking: 1, consecutiveFailures: 3 },
    },
    "Ready=True/CatchingUp PullProgress=False/Backoff",
    ...(["Ready", "Current", "Healthy"] as const),
  ],
  [
    "a node that joined later pulls",
    { image: { status: READY }, summary: { targeted: 6, pulling: 1 } },
    "Ready=True/CatchingUp PullProgress=True/Pulling",
    ...(["Pulling", "Current", "Healthy"] as const),
  ],
  [
    "a node that joined later, before it was ever ready",
    { summary: { targeted: 6, pulling: 1, blocking: 0 } },
    "Ready=True/CatchingUp PullProgress=True/Pulling",
    ...(["Pulling", "Current", "Healthy"] as const),
  ],
  [
    "kubelet removed it from a node after it was ready",
    {
      image: { status: READY },
      summary: {
        ...{ ready: 4, backingOff: 1, blocking: 1 },
        evictedNodes: [{ node: "node-5", count: 2, nextAttemptAt: NOW + 6 * 3_600_000 }],
      },
    },
    "Ready=True/CatchingUp PullProgress=False/Backoff",
    ...(["Ready", "Current", "Healthy"] as const),
  ],
  [
    "new work after it was ready",
    {
      image: { status: READY },
      summary: { ...NONE, waiting: 5, blocking: 5, workStartedAt: NOW },
    },
    "Ready=False/Pulling PullProgress=False/Idle Reconciling=True/Pulling",
    ...(["Pending", "InProgress", "Progressing"] as const),
  ],
  [
    "another reference in the very second of the old one",
    {
      image: { status: { ...READY, reference: "docker.io/library/nginx:1.26" } },
      summary: { ...NONE, waiting: 5, blocking: 5 },
    },
    "Ready=False/Pulling PullProgress=False/Idle Reconciling=True/Pulling",
    ...(["Pending", "InProgress", "Progressing"] as const),
  ],
  [
    "another priority leaves it ready",
    {
      image: { status: READY, generation: 9 },
      summary: { ready: 4, waiting: 1, blocking: 1 },
    },
    "Ready=True/CatchingUp PullProgress=False/Idle",
    ...(["Ready", "Current", "Healthy"] as const),
  ],
  [
    "the registry does not have it",
    {
      summary: {
        ...{ ...NONE, waiting: 5, blocking: 5, consecutiveFailures: 2 },
        hold: { ...notFound, ...HELD },
      },
    },
    "Ready=False/NotFound PullProgress=False/Backoff",
    ...(["Pending", "InProgress", "Progressing"] as const),
  ],
  [
    "the registry does not have it any more although every node does",
    {
      image: { status: READY },
      summary: { hold: { ...notFound, ...HELD }, consecutiveFailures: 4 },
    },
    "Ready=False/NotFound PullProgress=False/Complete",
    ...(["Degraded", "InProgress", "Degraded"] as const),
  ],
  [
    "the registry does not have what discovery found",
    {
      image: { origin: "discovered" },
      summary: {
        ...{ ...NONE, waiting: 5, blocking: 5, consecutiveFailures: 9 },
        hold: { ...notFound, ...HELD },
      },
    },
    "Ready=True/CatchingUp PullProgress=False/Backoff",
    ...(["Ready", "Current", "Healthy"] as const),
  ],
  [
    "what discovery found can only be mended by a person",
    {
      image: { origin: "discovered", status: READY },
      summary: { ready: 3, blocking: 2, waiting: 2, hold: { ...notFound, until: undefined } },
    },
    "Ready=True/CatchingUp PullProgress=False/Backoff",
    ...(["Ready", "Current", "Healthy"] as const),
  ],
  [
    "only a person can mend it",
    {
      summary: {
        ...{ ...NONE, waiting: 5, blocking: 5, consecutiveFailures: 1 },
        hold: { reason: "InvalidReference", scope: "image", message: "no such", until: undefined },
      },
    },
    "Ready=False/InvalidReference PullProgress=False/Backoff Stalled=True/InvalidReference",
    ...(["Degraded", "Failed", "Degraded"] as const),
  ],
  [
    "the registry is away and nobody knows until when",
    {
      summary: { ...NONE, waiting: 5, blocking: 5, hold: { ...refused, until: undefined } },
    },
    "Ready=False/ConnectionRefused PullProgress=False/Backoff",
    ...(["Pending", "InProgress", "Progressing"] as const),
  ],
  [
    "the registry is away while every node holds it",
    { image: { status: READY }, summary: { hold: { ...refused, ...HELD } } },
    "Ready=True/Cached PullProgress=False/Complete",
    ...(["Ready", "Current", "Healthy"] as const),
  ],
  [
    "Drop's own tool image is missing, and nothing is",
    {
      image: { status: READY },
      summary: { hold: { ...notFound, scope: "installation", until: undefined } },
    },
    "Ready=True/Cached PullProgress=False/Complete",
    ...(["Ready", "Current", "Healthy"] as const),
  ],
  [
    "Drop's own tool image is missing, and so are nodes",
    {
      image: { status: READY },
      summary: {
        ...{ ready: 4, blocking: 1, waiting: 1 },
        hold: { ...notFound, scope: "installation", until: undefined },
      },
    },
    "Ready=True/CatchingUp PullProgress=False/Backoff Stalled=True/NotFound",
    ...(["Degraded", "Failed", "Degraded"] as const),
  ],
  [
    "no node matches",
    { summary: { ...NONE, targeted: 0 } },
    "Ready=True/NoMatchingNodes PullProgress=False/Idle",
    ...(["Ready", "Current", "Healthy"] as const),
  ],
  [
    "the policy does not exist",
    { policy: undefined, summary: { ...NONE, targeted: 0 } },
    "Ready=False/PolicyNotFound PullProgress=False/Idle",
    ...(["Pending", "InProgress", "Progressing"] as const),
  ],
  [
    "the policy is gone after the image was ready",
    {
      image: { status: READY },
      policy: undefined,
      summary: { ready: 4, blocking: 1, waiting: 1 },
    },
    "Ready=True/PolicyNotFound PullProgress=False/Idle",
    ...(["Ready", "Current", "Healthy"] as const),
  ],
  [
    "no policy is named",
    { image: { spec: { ...spec, policyName: undefined } }, policy: undefined },
    "Ready=True/Cached PullProgress=False/Complete",
    ...(["Ready", "Current", "Healthy"] as const),
  ],
  [
    "it is suspended before it is everywhere",
    {
      image: { spec: { ...spec, isSuspended: true } },
      summary: { ready: 3, waiting: 2, blocking: 2 },
    },
    "Ready=False/Suspended PullProgress=False/Idle",
    ...(["Pending", "InProgress", "Suspended"] as const),
  ],
  [
    "its policy is suspended, and it is everywhere",
    { policy: { ...policy, isSuspended: true } },
    "Ready=True/Suspended PullProgress=False/Complete",
    ...(["Ready", "Current", "Healthy"] as const),
  ],
  [
    "its spec cannot be understood",
    { image: { spec: "image: the tag is empty" }, summary: { ...NONE, targeted: 0 } },
    "Ready=False/InvalidReference PullProgress=False/Idle Stalled=True/InvalidReference",
    ...(["Degraded", "Failed", "Degraded"] as const),
  ],
];

describe("a CachedImage's status", () => {
  for (const [name, given, wanted, phase, flux, argo] of ROWS) {
    test(`when ${name}: ${wanted}`, () => {
      const status = statusOf(given);
      assert.equal(verdicts(status), wanted);
      assert.equal(status.phase, phase);
      const observed = { generation: given.image?.generation ?? 2, status };
      assert.equal(kstatus(observed), flux);
      assert.equal(argoHealth(observed), argo);
    });
  }

  test("is in progress to Flux and Argo before it is looked at, and after the spec changes", () => {
    const fresh = { generation: 1, status: { observedGeneration: -1 } };
    assert.deepEqual([kstatus(fresh), argoHealth(fresh)], ["InProgress", "Progressing"]);
    const stale = { generation: 3, status: READY };
    assert.deepEqual([kstatus(stale), argoHealth(stale)], ["InProgress", "Progressing"]);
  });

  test("carries the generation everywhere", () => {
    const status = statusOf({ image: { generation: 7 } });
    assert.equal(status.observedGeneration, 7);
    assert.ok(status.conditions?.every(({ observedGeneration }) => observedGeneration === 7));
  });

  test("keeps the time of a transition while the condition's status stays", () => {
    const [ready, progress] = READY.conditions ?? [];
    const later = statusOf({
      image: { status: READY },
      summary: { targeted: 6, pulling: 1 },
      now: NOW + 90_000,
    });
    assert.equal(later.conditions?.[0]?.lastTransitionTime, ready?.lastTransitionTime);
    assert.equal(ready?.lastTransitionTime, "2026-01-02T10:00:00Z");
    assert.equal(progress?.lastTransitionTime, "2026-01-02T10:00:00Z");
    assert.equal(later.conditions?.[1]?.lastTransitionTime, "2026-01-02T10:01:30Z");
  });

  test("tells counts, times and troubles in the fields that the CRD has for them", () => {
    const { conditions, ...fields } = statusOf({
      summary: {
        ...{ ready: 3, pulling: 1, backingOff: 1, blocking: 2, consecutiveFailures: 2 },
        cachedNodes: ["node-1", "node-2", "node-3"],
        failedNodes: [
          {
            node: "node-4",
            failure: refused,
            attempts: 2,
            isBackingOff: true,
            nextAttemptAt: NOW + 60_500,
          },
        ],
        evictedNodes: [{ node: "node-5", count: 1, nextAttemptAt: NOW + 3_600_000 }],
        ...{ refreshStartedAt: NOW - 1_000, refreshedThrough: "node-2" },
      },
    });
    assert.ok(conditions);
    assert.deepEqual(fields, {
      observedGeneration: 2,
      phase: "Pulling",
      ready: "3/5",
      reference: REFERENCE,
      resolvedDigest: `sha256:${"a".repeat(64)}`,
      nodesTargeted: 5,
      nodesReady: 3,
      nodesPulling: 1,
      cachedNodes: ["node-1", "node-2", "node-3"],
      consecutiveFailures: 2,
      lastPulledAt: "2026-01-02T09:59:30Z",
      lastAttemptedAt: "2026-01-02T09:59:20Z",
      workStartedAt: "2026-01-02T09:59:00Z",
      refreshStartedAt: "2026-01-02T09:59:59Z",
      refreshedThrough: "node-2",
      failedNodes: [
        {
          node: "node-4",
          reason: "ConnectionRefused",
          message: refused.message,
          attempts: 2,
          nextAttemptTime: "2026-01-02T10:01:00Z",
        },
      ],
      evictedNodes: [{ node: "node-5", count: 1, nextAttemptTime: "2026-01-02T11:00:00Z" }],
    });
  });

  test("keeps what was known of an image whose spec cannot be understood any more", () => {
    const summary = { ...NONE, targeted: 0, resolvedDigest: undefined };
    const { reference, cachedNodes, resolvedDigest } = statusOf({
      image: { spec: "?", status: READY },
      summary,
    });
    assert.deepEqual(
      [reference, cachedNodes, resolvedDigest],
      [READY.reference, READY.cachedNodes, READY.resolvedDigest],
    );
  });
});

const MESSAGES: readonly (readonly [name: string, given: Given, type: string, message: string])[] =
  [
    [
      "who waits until when after what",
      {
        summary: {
          ...{ ready: 3, backingOff: 2, blocking: 2 },
          failedNodes: [
            {
              node: "node-3",
              failure: refused,
              attempts: 1,
              isBackingOff: true,
              nextAttemptAt: NOW + 30_000,
            },
            {
              node: "node-7",
              failure: refused,
              attempts: 4,
              isBackingOff: true,
              nextAttemptAt: NOW + 300_000,
            },
          ],
        },
      },
      "Ready",
      `3 of 5 nodes hold ${REFERENCE}; node-7 waits until 10:05:00 UTC after ConnectionRefused: ${refused.message} (attempt 4); 1 node waits likewise`,
    ],
    [
      "who waits, not who is tried again",
      {
        summary: {
          ...{ ready: 3, pulling: 1, backingOff: 1, blocking: 2 },
          failedNodes: [
            {
              node: "node-3",
              failure: refused,
              attempts: 4,
              isBackingOff: false,
              nextAttemptAt: NOW,
            },
            {
              node: "node-7",
              failure: refused,
              attempts: 1,
              isBackingOff: true,
              nextAttemptAt: NOW + 300_000,
            },
          ],
        },
      },
      "Ready",
      `3 of 5 nodes hold ${REFERENCE}; 1 node pulls it now; node-7 waits until 10:05:00 UTC after ConnectionRefused: ${refused.message}`,
    ],
    [
      "the day where it is another one",
      {
        summary: {
          ...{ ready: 4, backingOff: 1, blocking: 1 },
          evictedNodes: [{ node: "node-5", count: 3, nextAttemptAt: NOW + 24 * 3_600_000 }],
        },
      },
      "Ready",
      `4 of 5 nodes hold ${REFERENCE}; node-5 waits until 2026-01-03 10:00:00 UTC since kubelet removed it 3 times`,
    ],
    [
      "what holds everything",
      { summary: { ...NONE, waiting: 5, blocking: 5, hold: { ...refused, until: NOW + 60_000 } } },
      "Ready",
      `0 of 5 nodes hold ${REFERENCE}; no pull starts until 10:01:00 UTC: ConnectionRefused: ${refused.message}`,
    ],
    [
      "that the tool and not the image is missing",
      {
        summary: {
          ...{ ...NONE, targeted: 1, waiting: 1, blocking: 1 },
          hold: {
            ...notFound,
            message: "pause: not found",
            scope: "installation",
            until: undefined,
          },
        },
      },
      "Ready",
      `0 of 1 node holds ${REFERENCE}; no pull starts until somebody changes something: the image of Drop's own tool: NotFound: pause: not found`,
    ],
    [
      "what cannot be confirmed and what differs",
      { summary: { unverified: 2, digestCount: 2 } },
      "PullProgress",
      "all 5 nodes hold it; unverified on 2 nodes, where the list of images is cut short; the nodes report 2 different digests",
    ],
    [
      "that a refresh is no pull of something new",
      { summary: { pulling: 1 } },
      "PullProgress",
      "1 node asks the registry again",
    ],
    [
      "which policy is missing",
      { policy: undefined, summary: { ...NONE, targeted: 0 } },
      "Ready",
      `0 of 0 nodes hold ${REFERENCE}; no pull starts while the PullPolicy gentle is not there or has mistakes`,
    ],
    [
      "whose brake is pulled",
      { policy: { ...policy, isSuspended: true } },
      "Ready",
      `5 of 5 nodes hold ${REFERENCE}; no pull starts while spec.suspend of the PullPolicy gentle is true`,
    ],
  ];

describe("a condition's message says", () => {
  for (const [name, given, type, message] of MESSAGES) {
    test(name, () => assert.equal(messageOf(statusOf(given), type), message));
  }

  test("that names are left out, where there are more than the CRD takes", () => {
    const cachedNodes = Array.from({ length: 10_001 }, (_, index) => `node-${index}`);
    const status = statusOf({ summary: { targeted: 10_001, ready: 10_001, cachedNodes } });
    assert.equal(status.cachedNodes?.length, 10_000);
    assert.match(messageOf(status, "Ready"), /cachedNodes names the first 10000$/);
  });
});

function asObject(status: CachedImageStatus): unknown {
  const metadata = { name: "web-nginx" };
  const written = { image: "docker.io/library/nginx", imagePullPolicy: "Always" };
  return { apiVersion: API_VERSION, kind: "CachedImage", metadata, spec: written, status };
}

test("any status is one that the CRD takes, bounded and printable", () => {
  fc.assert(
    fc.property(anyImage, anySummary, anyPolicy, (image, summary, inForce) => {
      const status = imageStatus({ image, summary, policy: inForce, now: NOW });
      const verdict = validated("CachedImage", asObject(status));
      assert.ok("object" in verdict, JSON.stringify("errors" in verdict && verdict.errors));
      for (const { message = "", reason = "" } of status.conditions ?? []) {
        assert.ok(message.length <= 1_024 && message !== "", reason);
        assert.doesNotMatch(message, /[\p{Cc}\p{Cf}\p{Cs}]/u);
        assert.match(reason, /^[A-Z][A-Za-z]+$/);
      }
      const types = status.conditions?.map(({ type }) => type) ?? [];
      assert.deepEqual(types.slice(0, 2), ["Ready", "PullProgress"]);
      assert.ok(!(types.includes("Reconciling") && types.includes("Stalled")));
    }),
    { numRuns: 300 },
  );
});

test("a status applied to its own result changes nothing, whatever time has passed", () => {
  fc.assert(
    fc.property(anyImage, anySummary, anyPolicy, fc.nat(), (image, summary, inForce, later) => {
      const first = imageStatus({ image, summary, policy: inForce, now: NOW });
      const again = { ...image, status: first };
      const second = imageStatus({ image: again, summary, policy: inForce, now: NOW + later });
      assert.deepEqual(second, first);
      const wanted = { applied: first, wanted: second, appliedAt: NOW, now: NOW + later };
      assert.equal(statusDue(wanted), undefined);
    }),
    { numRuns: 300 },
  );
});

test("Flux never takes for current what lacks a node that work waits for", () => {
  fc.assert(
    fc.property(anyImage, anySummary, anyPolicy, (image, summary, inForce) => {
      fc.pre(image.status.workStartedAt === undefined && image.origin !== "discovered");
      fc.pre(summary.targeted > 0 && summary.blocking > 0);
      const status = imageStatus({ image, summary, policy: inForce, now: NOW });
      assert.notEqual(kstatus({ generation: image.generation, status }), "Current");
    }),
    { numRuns: 300 },
  );
});
