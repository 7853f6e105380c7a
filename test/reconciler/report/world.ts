import type { StandingHold } from "../../../src/reconciler/ledger/holds.ts";
import type { Cell } from "../../../src/reconciler/model/cell.ts";
import type { ClusterFacts, ImageFacts, NodeFacts } from "../../../src/reconciler/model/facts.ts";
import type { PodFacts, PodWork } from "../../../src/reconciler/model/pod.ts";
import type { ImageSummary } from "../../../src/reconciler/model/summary.ts";
import { pauseFor } from "../../../src/reconciler/report/ledger-view.ts";
import type { View } from "../../../src/reconciler/report/view.ts";
import { imageStatus } from "../../../src/reconciler/status/image-status.ts";
import { childrenBySet, setStatus } from "../../../src/reconciler/status/set-status.ts";
import { exclusionOf } from "../../../src/reconciler/targets/exclusion.ts";
import {
  anImage,
  aSet,
  aSummary,
  NOW,
  notFound,
  policy,
  REFERENCE,
  refused,
  spec,
} from "../status/standing.ts";

export const LOST = "docker.io/library/lost:1";
export const REDIS = "docker.io/library/redis:7";
export const TOOL = "quay.io/team/tool:2";

export function aNode(name: string, changes: Partial<NodeFacts> = {}): NodeFacts {
  return {
    name,
    uid: `uid-${name}`,
    createdAt: NOW - 86_400_000,
    labels: {},
    taints: [],
    isUnschedulable: false,
    isDeleting: false,
    isReady: true,
    hasDiskPressure: false,
    operatingSystem: "linux",
    architecture: "amd64",
    kubeletVersion: "v1.36.3",
    containerRuntime: "containerd://2.4.2",
    images: { names: [], entryCount: 0, hasFullEntry: false },
    ...changes,
  };
}

const work: PodWork = {
  nodeName: "node-4",
  nodeUid: "uid-node-4",
  policyName: "gentle",
  method: "image-volume",
  isRefresh: false,
  items: [
    {
      container: "image-0",
      reference: REFERENCE,
      attempt: 2,
      pullPolicy: "Always",
      images: ["web-nginx"],
    },
    {
      container: "image-1",
      reference: REDIS,
      attempt: 1,
      pullPolicy: "Always",
      images: ["web-redis"],
    },
  ],
};

export const pod: PodFacts = {
  name: "pull-uid-node-4",
  uid: "uid-pod",
  nodeName: "node-4",
  createdAt: NOW - 9_000,
  startedAt: NOW - 8_000,
  isDeleting: false,
  phase: "Running",
  reason: "",
  message: "",
  containers: [],
  initContainers: [],
  work,
};

const NONE = { ready: 0, cachedNodes: [], lastPulledAt: undefined, resolvedDigest: undefined };

/** What the core would count of each image. */
const SUMMARIES: Readonly<Record<string, Partial<ImageSummary>>> = {
  "web-nginx": {
    ...{ ready: 3, pulling: 1, backingOff: 1, blocking: 2, consecutiveFailures: 1, unverified: 1 },
    cachedNodes: ["node-1", "node-2", "node-3"],
    failedNodes: [
      {
        node: "node-5",
        failure: refused,
        attempts: 3,
        isBackingOff: true,
        nextAttemptAt: NOW + 24_000,
      },
    ],
    nextAttemptAt: NOW + 24_000,
  },
  "web-redis": { ready: 2, pulling: 1, waiting: 2, blocking: 3, cachedNodes: ["node-1", "node-2"] },
  "web-lost": {
    ...{ ...NONE, waiting: 5, blocking: 5, consecutiveFailures: 4 },
    hold: { ...notFound, message: `${LOST}: not found`, until: NOW + 240_000 },
    nextAttemptAt: NOW + 240_000,
  },
  tool: {},
};

const CELLS: Readonly<Record<string, Partial<Cell>>> = {
  [`${REFERENCE} node-1`]: { isPresent: true, since: NOW - 120_000, isVerified: true },
  [`${REFERENCE} node-2`]: { isPresent: true, since: NOW - 7_200_000, isVerified: true },
  [`${REFERENCE} node-3`]: { isPresent: true, since: NOW - 90_000, isVerified: false },
  [`${REFERENCE} node-5`]: {
    failure: refused,
    attempts: 3,

    nextAttemptAt: NOW + 24_000,
  },
  [`${REDIS} node-1`]: { isPresent: true, since: NOW - 60_000, isVerified: true },
  [`${REDIS} node-2`]: { isPresent: true, since: NOW - 60_000, isVerified: true },
  [`${REDIS} node-5`]: {
    ...{ lostAt: NOW - 400_000, evictions: 2, nextAttemptAt: NOW + 21_600_000 },
  },
};

const NO_CELL: Cell = {
  isPresent: false,
  since: undefined,
  isVerified: true,
  lostAt: undefined,
  evictions: 0,
  failure: undefined,
  attempts: 0,

  nextAttemptAt: undefined,
};

const HOLDS: readonly StandingHold[] = [
  {
    ...{ kind: "image", subject: LOST, failure: { ...notFound, message: `${LOST}: not found` } },
    ...{ since: NOW - 600_000, attempts: 4, until: NOW + 240_000 },
  },
  {
    ...{ kind: "registry", subject: "quay.io", failure: refused },
    ...{ since: NOW - 60_000, attempts: 2, until: NOW + 5_000 },
  },
];

function named<T extends { readonly name: string }>(objects: readonly T[]): ReadonlyMap<string, T> {
  return new Map(objects.map((object) => [object.name, object]));
}

/** Five nodes that can be used and three that cannot, four images in a set and out of it, one pull Pod. */
export const FACTS: ClusterFacts = {
  nodes: named([
    ...["node-1", "node-2", "node-3", "node-4", "node-5"].map((name) => aNode(name)),
    aNode("node-6", { isUnschedulable: true }),
    aNode("node-7", { isReady: false }),
    aNode("node-8", { operatingSystem: "windows", isReady: false }),
  ]),
  images: named([
    anImage({ name: "web-redis", spec: { ...spec, reference: REDIS } }),
    anImage({ name: "web-nginx" }),
    anImage({ name: "web-lost", spec: { ...spec, reference: LOST } }),
    anImage({
      ...{ name: "tool", setName: undefined, origin: undefined },
      spec: { ...spec, reference: TOOL, registryHost: "quay.io", policyName: undefined },
    }),
    anImage({
      ...{ name: "strange", setName: undefined },
      spec: "spec.tag: the tag is empty; write one",
    }),
  ]),
  policies: new Map([["gentle", { ...policy, maxConcurrentNodes: 2 }]]),
  sets: named([aSet({ staticReferences: [REFERENCE, REDIS, LOST] })]),
  pods: named([pod]),
};

/** What a leader knows of the facts. */
export function leaderView(changes: Partial<View> & { readonly facts?: ClusterFacts } = {}): View {
  const facts = changes.facts ?? FACTS;
  const summaryOf = ({ name }: ImageFacts) =>
    Object.hasOwn(SUMMARIES, name)
      ? aSummary({ ...SUMMARIES[name], name })
      : aSummary({ ...NONE, name, targeted: 0, ready: 0 });
  const statusOf = (image: ImageFacts) => {
    const named = typeof image.spec === "string" ? undefined : image.spec.policyName;
    const inForce = named === undefined ? policy : facts.policies.get(named);
    return imageStatus({ image, summary: summaryOf(image), policy: inForce, now: NOW });
  };
  return {
    ...{
      source: "reconciler",
      unknown: [],
      knowsPolicies: true,
      now: NOW,
      facts,
      summaryOf,
      statusOf,
    },
    setStatusOf(set) {
      const own = childrenBySet(facts.images.values()).get(set.name) ?? [];
      const children = own.map((image) => ({ ...image, status: statusOf(image) }));
      return setStatus({ set, children, now: NOW });
    },
    pauseOf: (image) => pauseFor(image, facts),
    cellOf: (reference, node) => ({ ...NO_CELL, ...CELLS[`${reference} ${node.name}`] }),
    exclusionOf: ({ spec: own }, node) =>
      typeof own === "string" ? undefined : exclusionOf(node, own, policy),
    holds: () => HOLDS,
    lastStarts: () => ({ gentle: NOW - 8_000 }),
    ...changes,
  };
}

/** The same cluster as its objects tell of it: each image with the status that the leader wrote. */
export function writtenFacts(): ClusterFacts {
  const view = leaderView();
  const images = [...FACTS.images.values()].map((image) => ({
    ...image,
    status: view.statusOf(image),
  }));
  const sets = [...FACTS.sets.values()].map((set) => ({ ...set, status: view.setStatusOf(set) }));
  return { ...FACTS, images: named(images), sets: named(sets) };
}
