import { policyFor } from "../facts/policy.ts";
import { scopeOf } from "../failure/scope.ts";
import type { Cell } from "../model/cell.ts";
import type { ClusterFacts, ImageFacts, NodeFacts } from "../model/facts.ts";
import { FAILURE_REASONS, type Failure, type FailureReason } from "../model/failure.ts";
import { conditionOf } from "../status/verdict.ts";
import { exclusionOf } from "../targets/exclusion.ts";
import type { View } from "./view.ts";

/** What the objects of the cluster tell without the reconciler; `unknown` says what they do not. */
export function statusView(
  facts: ClusterFacts,
  {
    now,
    unknown,
    knowsPolicies = true,
  }: Pick<View, "now" | "unknown"> & Partial<Pick<View, "knowsPolicies">>,
): View {
  const cells = new Map<string, CellsOfImage>();
  return {
    ...{ source: "objects", unknown, knowsPolicies, now, facts },
    statusOf: ({ status }) => status,
    setStatusOf: ({ status }) => status,
    summaryOf: () => undefined,
    pauseOf: ({ status }) => pauseIn(status),
    cellOf(reference, node) {
      const known = cells.get(reference) ?? cellsOf(facts, reference);
      cells.set(reference, known);
      return cellIn(known, reference, node);
    },
    exclusionOf: (image, node) =>
      typeof image.spec === "string"
        ? undefined
        : exclusionOf(node, image.spec, policyFor(image, facts)),
    holds: () => [],
    lastStarts: () => lastAttempts(facts),
  };
}

/** By what the reconciler wrote. */
function pauseIn({ conditions }: ImageFacts["status"]): ReturnType<View["pauseOf"]> {
  const reason = conditionOf(conditions, "Ready")?.reason;
  return reason === "PolicyNotFound" || reason === "Suspended" ? reason : undefined;
}

/** A pull for any image of a policy counts for the policy. */
function lastAttempts({ images }: ClusterFacts): Readonly<Record<string, number>> {
  const starts = new Map<string, number>();
  for (const { spec, status } of images.values()) {
    const at = timeOf(status.lastAttemptedAt);
    if (typeof spec === "string" || at === undefined) continue;
    const policy = spec.policyName ?? "";
    starts.set(policy, Math.max(at, starts.get(policy) ?? 0));
  }
  return Object.fromEntries(starts);
}

/** What the CachedImages of one reference say of nodes, by node name. */
interface CellsOfImage {
  readonly cached: ReadonlySet<string>;
  readonly failed: ReadonlyMap<string, FailedOn>;
  readonly evicted: ReadonlyMap<string, EvictedOn>;
}

interface FailedOn {
  readonly failure: Failure;
  readonly attempts: number;
  readonly nextAttemptAt: number | undefined;
}

interface EvictedOn {
  readonly count: number;
  readonly nextAttemptAt: number | undefined;
}

function cellsOf({ images }: ClusterFacts, reference: string): CellsOfImage {
  const cached = new Set<string>();
  const failed = new Map<string, FailedOn>();
  const evicted = new Map<string, EvictedOn>();
  for (const { status } of images.values()) {
    if (status.reference !== reference) continue;
    for (const node of status.cachedNodes ?? []) cached.add(node);
    for (const { node, ...rest } of status.failedNodes ?? []) failed.set(node, failedOn(rest));
    for (const { node, count = 1, nextAttemptTime } of status.evictedNodes ?? []) {
      evicted.set(node, { count, nextAttemptAt: timeOf(nextAttemptTime) });
    }
  }
  return { cached, failed, evicted };
}

type FailedStatus = NonNullable<ImageFacts["status"]["failedNodes"]>[number];

function failedOn(failed: Omit<FailedStatus, "node">): FailedOn {
  const { reason = "", message = "", attempts = 1, nextAttemptTime } = failed;
  const known: FailureReason = FAILURE_REASONS.find((one) => one === reason) ?? "Unknown";
  const failure = { reason: known, scope: scopeOf(known), message };
  return { failure, attempts, nextAttemptAt: timeOf(nextAttemptTime) };
}

function cellIn(
  { cached, failed, evicted }: CellsOfImage,
  reference: string,
  node: NodeFacts,
): Cell {
  const failure = failed.get(node.name);
  const eviction = evicted.get(node.name);
  const isPresent = cached.has(node.name);
  return {
    isPresent,
    since: undefined,
    isVerified: isPresent && node.images.names.includes(reference),
    lostAt: undefined,
    evictions: eviction?.count ?? 0,
    failure: failure?.failure,
    attempts: failure?.attempts ?? 0,
    nextAttemptAt: failure?.nextAttemptAt ?? eviction?.nextAttemptAt,
  };
}

/** RFC 3339 as milliseconds since 1970. */
function timeOf(text: string | undefined): number | undefined {
  const at = Date.parse(text ?? "");
  return Number.isNaN(at) ? undefined : at;
}
