import { formatDuration } from "../../api/duration.ts";
import { kubernetesTime } from "../../discovery/status.ts";
import { DEFAULT_POLICY } from "../facts/policy.ts";
import type { ClusterFacts, ImageFacts, PolicyFacts } from "../model/facts.ts";
import type { PolicyReport } from "./model.ts";
import { timesOf } from "./times.ts";
import type { View } from "./view.ts";

/** How much of each policy's budget is in use: of the named ones, else of all. Empty where they are not known. */
export function policyReports(
  view: View,
  only?: ReadonlySet<string>,
): ReadonlyMap<string, PolicyReport> {
  if (!view.knowsPolicies) return new Map();
  const images = imagesByPolicy(view);
  const active = activeNodes(view.facts);
  const starts = view.lastStarts();
  const names = only ?? new Set([...images.keys(), ...view.facts.policies.keys()]);
  return new Map(
    [...names].sort().map((name) => {
      const policy = name === "" ? DEFAULT_POLICY : view.facts.policies.get(name);
      const under = images.get(name) ?? [];
      const nodes = [...(active.get(name) ?? [])].sort();
      const lastStartAt = Object.hasOwn(starts, name) ? starts[name] : undefined;
      const paced = pace(policy, {
        ...{ lastStartAt, active: nodes.length, now: view.now },
        isWanted: () => under.some((image) => (view.summaryOf(image)?.waiting ?? 0) > 0),
      });
      const rest = { name, images: under.length, activeNodes: nodes };
      return [name, { ...rest, ...paced, ...timesOf({ lastStartTime: lastStartAt }) }] as const;
    }),
  );
}

/** By name, the empty one for those that name none. */
function imagesByPolicy({ facts }: View): ReadonlyMap<string, readonly ImageFacts[]> {
  const understood = [...facts.images.values()].filter(({ spec }) => typeof spec !== "string");
  return Map.groupBy(understood, policyNameOf);
}

/** The name of the policy that an image is under, empty for the default one. */
export function policyNameOf({ spec }: ImageFacts): string {
  return typeof spec === "string" ? "" : (spec.policyName ?? "");
}

function activeNodes({ pods }: ClusterFacts): ReadonlyMap<string, ReadonlySet<string>> {
  const active = new Map<string, Set<string>>();
  for (const { work } of pods.values()) {
    if (work === undefined) continue;
    const name = work.policyName ?? "";
    active.set(name, (active.get(name) ?? new Set()).add(work.nodeName));
  }
  return active;
}

interface Use {
  readonly lastStartAt: number | undefined;
  readonly active: number;
  /** Whether some node waits for its turn; costly. */
  readonly isWanted: () => boolean;
  readonly now: number;
}

type Pace = Omit<PolicyReport, "name" | "images" | "activeNodes" | "lastStartTime">;

function pace(policy: PolicyFacts | undefined, use: Use): Pace {
  if (policy === undefined) {
    return { exists: false, isSuspended: false, maxConcurrentNodes: 0, minDelayBetweenPulls: "0s" };
  }
  const { isSuspended, maxConcurrentNodes, minDelayMs } = policy;
  const minDelayBetweenPulls = formatDuration(minDelayMs);
  const said = { exists: true, isSuspended, maxConcurrentNodes, minDelayBetweenPulls };
  if (isSuspended || use.active >= maxConcurrentNodes || !use.isWanted()) return said;
  const nextAt = Math.max(use.now, (use.lastStartAt ?? 0) + minDelayMs);
  return { ...said, nextStartTime: kubernetesTime(nextAt) };
}
