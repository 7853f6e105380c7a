import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { API_VERSION, type CachedImageStatus } from "../../../src/api/types.gen.ts";
import { validated } from "../../../src/api/validator.ts";
import type { ImageFacts, SetFacts } from "../../../src/reconciler/model/facts.ts";
import type { ImageSummary } from "../../../src/reconciler/model/summary.ts";
import { statusDue } from "../../../src/reconciler/status/due.ts";
import { imageStatus } from "../../../src/reconciler/status/image-status.ts";
import { childrenBySet, setStatus } from "../../../src/reconciler/status/set-status.ts";
import { argoHealth, kstatus } from "./kstatus.ts";
import {
  anImage,
  anyImage,
  aSet,
  aSummary,
  NOW,
  notFound,
  policy,
  REFERENCE,
  spec,
} from "./standing.ts";

/** A CachedImage of the set with the status that such a summary gives it. */
function child(
  name: string,
  summary: Partial<ImageSummary> = {},
  changes: Partial<ImageFacts> = {},
): ImageFacts {
  const image = anImage({ name, ...changes });
  const status = imageStatus({ image, summary: aSummary(summary), policy, now: NOW });
  return { ...image, status };
}

const OTHER = { ...spec, reference: "docker.io/library/redis:7" };
const ready = child("web-nginx");
const pulling = child("web-redis", { ready: 4, pulling: 1, blocking: 1 }, { spec: OTHER });
const waiting = child("web-redis", { ready: 4, waiting: 1, blocking: 1 }, { spec: OTHER });
const failing = child(
  "web-lost",
  {
    ...{ ready: 0, waiting: 5, blocking: 5, consecutiveFailures: 3 },
    hold: { ...notFound, until: NOW + 300_000 },
  },
  { spec: OTHER },
);
const stalled = child("web-strange", {}, { spec: "the tag is empty" });
const found = child("web-found", {}, { origin: "discovered", spec: OTHER });
const unseen = anImage({ name: "web-new" });
const stale = { ...ready, generation: 5 };

interface Row {
  readonly when: string;
  readonly set?: Partial<SetFacts>;
  readonly children: readonly ImageFacts[];
  readonly verdicts: string;
  readonly says: RegExp;
  readonly counts: string;
  readonly phase: string;
  readonly flux: ReturnType<typeof kstatus>;
  readonly argo: ReturnType<typeof argoHealth>;
}

const ROWS: readonly Row[] = [
  {
    when: "every image is ready",
    children: [ready],
    verdicts: "Ready=True/ImagesReady",
    says: /^1 of 1 images are ready$/,
    counts: "1/1",
    ...{ phase: "Ready", flux: "Current", argo: "Healthy" },
  },
  {
    when: "an image is pulled",
    children: [ready, pulling],
    verdicts: "Ready=False/Pulling Reconciling=True/Pulling",
    says: /^1 of 2 images are ready; CachedImage web-redis: 4 of 5 nodes hold .*redis:7; 1 node pulls it now$/,
    counts: "1/2",
    ...{ phase: "Pulling", flux: "InProgress", argo: "Progressing" },
  },
  {
    when: "an image waits for its turn",
    children: [ready, waiting],
    verdicts: "Ready=False/Pulling Reconciling=True/Pulling",
    says: /1 node waits for a turn$/,
    counts: "1/2",
    ...{ phase: "Pending", flux: "InProgress", argo: "Progressing" },
  },
  {
    when: "an image is not in its registry while others are under way",
    children: [failing, pulling, ready],
    verdicts: "Ready=False/NotFound Reconciling=True/Pulling",
    says: /^1 of 3 images are ready; CachedImage web-lost: 0 of 5 .* NotFound: .*; 1 more is not ready$/,
    counts: "1/3",
    ...{ phase: "Degraded", flux: "InProgress", argo: "Degraded" },
  },
  {
    when: "an image needs a person",
    children: [failing, pulling, stalled],
    verdicts: "Ready=False/InvalidReference Stalled=True/InvalidReference",
    says: /CachedImage web-strange: the spec cannot be understood: the tag is empty; 2 more are not ready; no CachedImage for/,
    counts: "0/3",
    ...{ phase: "Degraded", flux: "Failed", argo: "Degraded" },
  },
  {
    when: "an image has not been looked at",
    children: [unseen],
    verdicts: "Ready=False/Pending",
    says: /CachedImage web-new: not looked at yet/,
    counts: "0/1",
    ...{ phase: "Pending", flux: "InProgress", argo: "Progressing" },
  },
  {
    when: "an image was ready before its spec changed",
    children: [stale],
    verdicts: "Ready=False/Pending",
    says: /CachedImage web-nginx: not looked at yet/,
    counts: "0/1",
    ...{ phase: "Pending", flux: "InProgress", argo: "Progressing" },
  },
  {
    when: "a listed image has no CachedImage",
    set: { staticReferences: [REFERENCE, "quay.io/a/b:1", "quay.io/a/c:1"] },
    children: [ready],
    verdicts: "Ready=False/NotRendered",
    says: /^1 of 1 images are ready; no CachedImage for quay.io\/a\/b:1 and 1 more of the set$/,
    counts: "1/1",
    ...{ phase: "Pending", flux: "InProgress", argo: "Progressing" },
  },
  {
    when: "nothing discovered is rendered yet",
    set: { hasDiscovery: true },
    children: [ready],
    verdicts: "Ready=False/NotRendered",
    says: /no discovered image has a CachedImage$/,
    counts: "1/1",
    ...{ phase: "Pending", flux: "InProgress", argo: "Progressing" },
  },
  {
    when: "something discovered is rendered",
    set: { hasDiscovery: true },
    children: [found, ready],
    verdicts: "Ready=True/ImagesReady",
    says: /^2 of 2 images are ready$/,
    counts: "2/2",
    ...{ phase: "Ready", flux: "Current", argo: "Healthy" },
  },
  {
    when: "it is suspended before it was rendered",
    set: { isSuspended: true },
    children: [],
    verdicts: "Ready=False/Suspended",
    says: /no CachedImage for .*; the set is not rendered while spec.suspend is true$/,
    counts: "0/0",
    ...{ phase: "Pending", flux: "InProgress", argo: "Suspended" },
  },
  {
    when: "it is suspended after it was rendered",
    set: { isSuspended: true },
    children: [ready],
    verdicts: "Ready=True/ImagesReady",
    says: /^1 of 1/,
    counts: "1/1",
    ...{ phase: "Ready", flux: "Current", argo: "Healthy" },
  },
  {
    when: "it lists nothing",
    set: { staticReferences: [] },
    children: [],
    verdicts: "Ready=True/NoImages",
    says: /^the set has no images$/,
    counts: "0/0",
    ...{ phase: "Ready", flux: "Current", argo: "Healthy" },
  },
];

describe("a CachedImageSet's status", () => {
  for (const row of ROWS) {
    test(`when ${row.when}: ${row.verdicts}`, () => {
      const set = aSet(row.set);
      const status = setStatus({ set, children: row.children, now: NOW });
      const { conditions = [] } = status;
      assert.equal(
        conditions.map(({ type, status, reason }) => `${type}=${status}/${reason}`).join(" "),
        row.verdicts,
      );
      assert.match(conditions[0]?.message ?? "", row.says);
      assert.equal(`${status.imagesReady}/${status.imagesManaged}`, row.counts);
      assert.equal(status.phase, row.phase);
      const observed = { generation: set.generation, status };
      assert.deepEqual([kstatus(observed), argoHealth(observed)], [row.flux, row.argo]);
    });
  }
});

test("children are found by their set's name, sorted, without those that are being deleted", () => {
  const images = [
    anImage({ name: "b" }),
    anImage({ name: "a" }),
    anImage({ name: "gone", isDeleting: true }),
    anImage({ name: "alone", setName: undefined }),
    anImage({ name: "hostile", setName: "__proto__" }),
  ];
  const sets = childrenBySet(images);
  const names = [...sets].map(([set, children]) => [set, children.map(({ name }) => name)]);
  assert.deepEqual(names, [
    ["web", ["a", "b"]],
    ["__proto__", ["hostile"]],
  ]);
});

test("a set's status is one that the CRD takes, and its own result changes nothing", () => {
  const rendered = {
    type: "Rendered",
    status: "True",
    reason: "Rendered",
    message: "by the renderer",
    lastTransitionTime: "2025-01-01T00:00:00Z",
  } as const;
  fc.assert(
    fc.property(fc.array(anyImage, { maxLength: 4 }), fc.boolean(), (images, hasDiscovery) => {
      const children = images.map((image, index) => ({ ...image, name: `i${index}` }));
      const set = aSet({ hasDiscovery });
      const first = setStatus({ set, children, now: NOW });
      const metadata = { name: "web" };
      const object = { apiVersion: API_VERSION, kind: "CachedImageSet", metadata };
      const whole = { ...object, spec: { imagePullPolicy: "Always" }, status: first };
      const verdict = validated("CachedImageSet", whole);
      assert.ok("object" in verdict, JSON.stringify("errors" in verdict && verdict.errors));
      // The renderer's condition stands beside ours, and is neither copied nor taken for a difference.
      const stored = { ...first, conditions: [rendered, ...(first.conditions ?? [])] };
      const again = setStatus({ set: { ...set, status: stored }, children, now: NOW + 1e6 });
      assert.deepEqual(again, first);
      const change = { applied: stored, wanted: again, appliedAt: NOW, now: NOW + 1e6 };
      assert.equal(statusDue(change), undefined);
    }),
    { numRuns: 200 },
  );
});

test("a child's endless message leaves room for what else the set has to say", () => {
  const status: CachedImageStatus = {
    observedGeneration: 2,
    conditions: [
      { type: "Ready", status: "False", reason: "Unknown", message: "x".repeat(30_000) },
    ],
  };
  const { conditions } = setStatus({
    set: aSet({ staticReferences: ["quay.io/a/b:1"] }),
    children: [anImage({ status })],
    now: NOW,
  });
  const message = conditions?.[0]?.message ?? "";
  assert.ok(message.length < 1_024);
  assert.match(message, /no CachedImage for quay\.io\/a\/b:1$/);
});
