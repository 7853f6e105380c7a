import fc from "fast-check";
import type { CachedImageStatus } from "../../../src/api/types.gen.ts";
import type {
  ImageFacts,
  ImageSpecFacts,
  PolicyFacts,
  SetFacts,
} from "../../../src/reconciler/model/facts.ts";
import { FAILURE_REASONS, type Failure } from "../../../src/reconciler/model/failure.ts";
import type { ImageSummary } from "../../../src/reconciler/model/summary.ts";

export const NOW = Date.UTC(2026, 0, 2, 10, 0, 0);
export const REFERENCE = "docker.io/library/nginx:1.27";

export const spec: ImageSpecFacts = {
  reference: REFERENCE,
  registryHost: "docker.io",
  isPinned: false,
  imagePullPolicy: "Always",
  imagePullSecrets: [],
  nodeSelector: {},
  tolerations: [],
  priority: 0,
  policyName: "gentle",
  isSuspended: false,
};

export function anImage(changes: Partial<ImageFacts> = {}): ImageFacts {
  return {
    name: "web-nginx",
    uid: "7d1f0b1e-0000-4000-8000-000000000001",
    generation: 2,
    createdAt: NOW - 60_000,
    isDeleting: false,
    origin: "static",
    setName: "web",
    spec,
    status: { observedGeneration: -1 },
    ...changes,
  };
}

export const policy: PolicyFacts = {
  name: "gentle",
  maxConcurrentNodes: 1,
  minDelayMs: 10_000,
  backoffInitialMs: 30_000,
  backoffMaxMs: 300_000,
  repullIntervalMs: undefined,
  pullTimeoutMs: 1_800_000,
  nodeSelector: {},
  tolerations: [],
  isSuspended: false,
};

export function aSummary(changes: Partial<ImageSummary> = {}): ImageSummary {
  return {
    name: "web-nginx",
    targeted: 5,
    ready: 5,
    pulling: 0,
    waiting: 0,
    backingOff: 0,
    blocking: 0,
    unverified: 0,
    cachedNodes: ["node-1", "node-2", "node-3", "node-4", "node-5"],
    failedNodes: [],
    evictedNodes: [],
    hold: undefined,
    consecutiveFailures: 0,
    lastPulledAt: NOW - 30_000,
    lastAttemptedAt: NOW - 40_000,
    workStartedAt: NOW - 60_000,
    refreshStartedAt: undefined,
    refreshedThrough: undefined,
    resolvedDigest: `sha256:${"a".repeat(64)}`,
    digestCount: 1,
    nextAttemptAt: undefined,
    ...changes,
  };
}

export const refused: Failure = {
  reason: "ConnectionRefused",
  scope: "registry",
  message: "dial tcp 10.0.0.9:443: connect: connection refused",
};

export const notFound: Failure = {
  reason: "NotFound",
  scope: "image",
  message: `${REFERENCE}: not found`,
};

export function aSet(changes: Partial<SetFacts> = {}): SetFacts {
  return {
    name: "web",
    uid: "7d1f0b1e-0000-4000-8000-000000000002",
    generation: 3,
    isDeleting: false,
    staticReferences: [REFERENCE],
    hasDiscovery: false,
    isSuspended: false,
    status: { observedGeneration: -1 },
    ...changes,
  };
}

const anyTime = fc.integer({ min: Date.UTC(2020, 0), max: Date.UTC(2030, 0) });
const anyText = fc.oneof(
  fc.string({ unit: "binary", maxLength: 2_000 }),
  fc.constant("x\n\u001b[31m\u202ey".repeat(400)),
);
const anyFailure: fc.Arbitrary<Failure> = fc.record({
  reason: fc.constantFrom(...FAILURE_REASONS),
  scope: fc.constantFrom("image", "platform", "registry", "node", "namespace", "pod", "cell"),
  message: anyText,
});
const anyHold = fc
  .record({ failure: anyFailure, until: fc.option(anyTime, { nil: undefined }) })
  .map(({ failure, until }) => ({ ...failure, until }));
const count = fc.nat({ max: 20 });
const nodeNames = fc
  .uniqueArray(fc.nat({ max: 400 }), { maxLength: 260 })
  .map((numbers) => numbers.map((number) => `node-${number}`).sort());

export const anySummary: fc.Arbitrary<ImageSummary> = fc
  .record({
    ...{ ready: count, missing: count, pulling: count, waiting: count, backingOff: count },
    ...{ blocking: count, unverified: count, digestCount: count, consecutiveFailures: count },
    nodes: nodeNames,
    failures: fc.array(anyFailure, { maxLength: 10 }),
    hold: fc.option(anyHold, { nil: undefined, freq: 2 }),
    times: fc.array(fc.option(anyTime, { nil: undefined }), { minLength: 4, maxLength: 4 }),
    workStartedAt: anyTime,
  })
  .map(({ nodes, failures, hold, times, missing, ...rest }) => ({
    ...rest,
    name: "web-nginx",
    targeted: rest.ready + missing,
    cachedNodes: nodes,
    failedNodes: failures.map((failure, index) => ({
      node: `node-${index}`,
      failure,
      attempts: index + 1,
      isBackingOff: true,
      nextAttemptAt: times[0],
    })),
    evictedNodes: nodes.slice(0, 200).map((node, index) => ({
      node,
      count: index,
      nextAttemptAt: rest.workStartedAt,
    })),
    hold,
    ...{ lastPulledAt: times[1], lastAttemptedAt: times[2], refreshStartedAt: times[3] },
    refreshedThrough: nodes[0],
    resolvedDigest: rest.digestCount > 0 ? `sha256:${"b".repeat(64)}` : undefined,
    nextAttemptAt: times[0],
  }));

const anyCondition = fc.record({
  type: fc.constantFrom("Ready", "PullProgress", "Reconciling", "Stalled", "Rendered"),
  status: fc.constantFrom("True", "False", "Unknown"),
  reason: fc.constantFrom("Cached", "NotFound", "Pulling"),
  message: fc.constant("before"),
  lastTransitionTime: fc.constant("2025-01-01T00:00:00Z"),
  observedGeneration: fc.nat({ max: 5 }),
});

export const anyStatus: fc.Arbitrary<CachedImageStatus> = fc.record(
  {
    observedGeneration: fc.integer({ min: -1, max: 5 }),
    phase: fc.constantFrom("Pending", "Pulling", "Ready", "Degraded"),
    reference: fc.constantFrom(REFERENCE, "docker.io/library/nginx:1.26"),
    cachedNodes: nodeNames,
    workStartedAt: fc.constant("2026-01-02T09:59:00Z"),
    lastAttemptedAt: fc.constantFrom("2026-01-02T09:59:30Z", "2025-01-02T09:59:30Z"),
    conditions: fc.uniqueArray(anyCondition, { selector: ({ type }) => type, maxLength: 5 }),
  },
  { requiredKeys: [] },
);

export const anyImage: fc.Arbitrary<ImageFacts> = fc
  .record({
    origin: fc.constantFrom("static", "discovered", undefined),
    isSuspended: fc.boolean(),
    policyName: fc.constantFrom("gentle", undefined),
    isUnderstood: fc.boolean(),
    why: anyText,
    status: anyStatus,
  })
  .map(({ origin, isSuspended, policyName, isUnderstood, why, status }) =>
    anImage({ origin, status, spec: isUnderstood ? { ...spec, isSuspended, policyName } : why }),
  );

export const anyPolicy: fc.Arbitrary<PolicyFacts | undefined> = fc.constantFrom(
  policy,
  { ...policy, isSuspended: true },
  undefined,
);
