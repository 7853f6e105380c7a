import type { SecretLimits } from "../allowed-hosts.ts";
import { formatDuration, parseDuration } from "../duration.ts";
import type { Problem } from "../problem.ts";
import type {
  CachedImage,
  CachedImageSet,
  DiscoveryPolicy,
  DropObject,
  PullPolicy,
} from "../types.gen.ts";
import { remark } from "./object-remark.ts";
import { type ObjectProblem, overlaps } from "./overlaps.ts";
import { movingTag } from "./remarks.ts";
import { pullSecretProblems, sourceSecretProblems } from "./secret-rules.ts";

/** What the rules across objects look at. */
export interface Surroundings {
  readonly objects: readonly DropObject[];
  /** The Secrets that exist for discovery sources, by name, with where each may go; undefined where nobody could tell. */
  readonly sourceSecrets?: ReadonlyMap<string, SecretLimits>;
  /** The Secrets that exist for pulls; undefined where nobody could tell. */
  readonly pullSecrets?: ReadonlySet<string>;
  /** The labels of each node of the cluster; undefined without a cluster. */
  readonly nodes?: readonly Readonly<Record<string, string>>[];
}

/** Warnings that only show when objects are seen together. All of them are about objects that are right by themselves. */
export function objectProblems(surroundings: Surroundings): readonly ObjectProblem[] {
  const known = index(surroundings);
  const single = surroundings.objects.flatMap((object) =>
    problemsOf(object, known).map((problem) => ({ object, problem })),
  );
  return [...single, ...overlaps(surroundings.objects)];
}

interface Index {
  readonly pullPolicies: ReadonlyMap<string, PullPolicy>;
  readonly discoveryPolicies: ReadonlyMap<string, DiscoveryPolicy>;
  readonly usedPolicies: ReadonlySet<string>;
  readonly hasSets: boolean;
  readonly sourceSecrets: Surroundings["sourceSecrets"];
  readonly pullSecrets: Surroundings["pullSecrets"];
  readonly nodes: Surroundings["nodes"];
}

function index({ objects, sourceSecrets, pullSecrets, nodes }: Surroundings): Index {
  const sets = objects.filter((object) => object.kind === "CachedImageSet");
  const named = <T extends DropObject>(found: readonly T[]) =>
    new Map(found.map((object) => [object.metadata.name ?? "", object]));
  return {
    pullPolicies: named(objects.filter((object) => object.kind === "PullPolicy")),
    discoveryPolicies: named(objects.filter((object) => object.kind === "DiscoveryPolicy")),
    usedPolicies: new Set(sets.flatMap(({ spec }) => spec.discoveryPolicyRef?.name ?? [])),
    hasSets: sets.length > 0,
    sourceSecrets,
    pullSecrets,
    nodes,
  };
}

function problemsOf(object: DropObject, known: Index): readonly Problem[] {
  if (object.kind === "PullPolicy") return slowPace(object, known);
  if (object.kind === "DiscoveryPolicy") {
    return [...unused(object, known), ...sourceSecretProblems(object, known.sourceSecrets)];
  }
  return [
    ...missingPullPolicy(object, known),
    ...(object.kind === "CachedImageSet" ? missingDiscoveryPolicy(object, known) : []),
    ...pullSecretProblems(object, known.pullSecrets),
    ...neverMoved(object, known),
  ];
}

const POLICY_NAME = ["spec", "policyRef", "name"];

function missingPullPolicy(
  { spec }: CachedImage | CachedImageSet,
  known: Index,
): readonly Problem[] {
  const name = spec.policyRef?.name;
  if (name === undefined || known.pullPolicies.has(name)) return [];
  const what = `there is no PullPolicy ${name} among the objects read`;
  const fix = "correct the name, or add the PullPolicy; until it exists nothing is pulled";
  return [remark("DROP2101", POLICY_NAME, what, fix)];
}

function missingDiscoveryPolicy({ spec }: CachedImageSet, known: Index): readonly Problem[] {
  const name = spec.discoveryPolicyRef?.name;
  if (name === undefined || known.discoveryPolicies.has(name)) return [];
  const what = `there is no DiscoveryPolicy ${name} among the objects read`;
  const fix = "correct the name, or add the DiscoveryPolicy; rendering the set needs it";
  return [remark("DROP2102", ["spec", "discoveryPolicyRef", "name"], what, fix)];
}

function unused({ metadata }: DiscoveryPolicy, known: Index): readonly Problem[] {
  if (!known.hasSets || known.usedPolicies.has(metadata.name ?? "")) return [];
  const what = "no CachedImageSet among the objects read uses this policy, so it is never asked";
  return [
    remark(
      "DROP2106",
      ["metadata", "name"],
      what,
      "name it in a set's discoveryPolicyRef, or remove it",
    ),
  ];
}

/** A moving tag whose PullPolicy is known and never pulls again; without a policy the object says so itself. */
function neverMoved(object: CachedImage | CachedImageSet, known: Index): readonly Problem[] {
  const policy = known.pullPolicies.get(object.spec.policyRef?.name ?? "");
  const interval = parseDuration(policy?.spec.repullInterval ?? "0");
  if (policy === undefined || !interval.ok || interval.value.milliseconds > 0) return [];
  if (object.kind === "CachedImage") return movingTag({ path: ["spec"], value: object.spec });
  return (object.spec.images ?? []).flatMap((entry, at) =>
    movingTag({ path: ["spec", "images", at], value: entry }),
  );
}

const DAY_MS = 86_400_000;

function slowPace({ spec }: PullPolicy, { nodes }: Index): readonly Problem[] {
  const delay = parseDuration(spec.minDelayBetweenPulls);
  if (!delay.ok) return [];
  const selector = spec.nodeSelector ?? {};
  // Without a cluster the smallest one that can be too many is assumed: two nodes.
  const count = nodes?.filter((labels) => isSelected(labels, selector)).length ?? 2;
  const needed = Math.max(0, count - 1) * delay.value.milliseconds;
  if (needed <= DAY_MS) return [];
  const what = `with ${spec.minDelayBetweenPulls} between nodes, ${count} nodes take ${formatDuration(needed)}`;
  const fix = `write ${formatDuration(Math.floor(DAY_MS / (count - 1) / 1000) * 1000)} or less to reach them within a day`;
  return [remark("DROP2105", ["spec", "minDelayBetweenPulls"], what, fix)];
}

function isSelected(
  labels: Readonly<Record<string, string>>,
  selector: Readonly<Record<string, string>>,
): boolean {
  return Object.entries(selector).every(([key, value]) => labels[key] === value);
}
