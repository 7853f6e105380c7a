import { effectiveMaxImages } from "../api/effective.ts";
import type { RankedImage } from "../discovery/outcome.ts";
import type { Finding } from "./finding.ts";
import type { OutputTree } from "./folder/tree.ts";
import { type Lock, lockedPolicy } from "./lock/lock.ts";
import { desiredChildren } from "./manifest/desired.ts";
import { lockOfFolder } from "./plan/set.ts";
import { planTree, type SetResult } from "./plan/tree.ts";
import type { Plan } from "./plan.ts";
import { differencesOf, mistakenReport, type RenderReport, refusalsOf } from "./report.ts";
import { type ResolveInput, resolve, type Target } from "./resolve.ts";

export interface CheckInput extends ResolveInput {
  readonly tree: OutputTree;
  readonly pruneSets?: boolean;
  /** Whether the folder holds these sets and no others, so that sets that are gone are a difference. */
  readonly ownsFolder?: boolean;
}

/**
 * Whether the output folder is what rendering would make of the inputs, without asking any source: what was discovered
 * is read from the locks, so that only a person's change makes a difference, never a metric's. Pure.
 */
export function checkTargets({
  tree,
  pruneSets = false,
  ownsFolder = false,
  ...inputs
}: CheckInput): RenderReport {
  const { targets, known, mistakes, warnings } = resolve(inputs);
  if (mistakes.length > 0) return mistakenReport(mistakes, warnings);
  const checked = targets.map((target) => checkSet(target, tree));
  const faults = checked.flatMap((set) => set.mistakes);
  if (faults.length > 0) return mistakenReport(faults, warnings);
  const results = checked.map(({ result }) => result);
  const plan = planTree({ results, tree, known, pruneSets, ownsFolder });
  return {
    plan,
    children: [],
    mistakes: [],
    unanswered: [],
    // A check changes nothing, so there is nothing to refuse: a person's change is a difference like any other.
    refused: [],
    differences: [
      ...refusalsOf(plan),
      ...checked.flatMap(({ stale }) => stale),
      ...fileDifferences(plan, checked),
    ],
    warnings,
    notes: [],
  };
}

/** One sentence about a set as a whole says enough about its files. */
function fileDifferences(plan: Plan, checked: readonly CheckedSet[]): readonly Finding[] {
  const stale = new Set(
    checked.flatMap(({ result, stale }) => (stale.length > 0 ? result.set : [])),
  );
  return differencesOf(plan).filter(({ subject }) => !stale.has(subject.split("/")[0] ?? ""));
}

interface CheckedSet {
  readonly result: SetResult;
  readonly stale: readonly Finding[];
  readonly mistakes: readonly Finding[];
}

function checkSet({ name, set, policy }: Target, tree: OutputTree): CheckedSet {
  const standing = lockOfFolder(name, tree.sets.get(name) ?? new Map());
  const lock = standing.type === "lock" ? standing.lock : undefined;
  const wanted = policy && lockedPolicy(policy);
  const stale = standing.type === "unusable" ? undefined : staleness(lock, wanted);
  const images = policy === undefined ? [] : lockedRanking(lock);
  const { children, mistakes } = desiredChildren(set, images);
  // The lock keeps what it says of the policy: the difference is reported once, in words.
  const memory = { ...(wanted && { policy: lock?.policy ?? wanted }), images };
  const facts = policy && {
    discovery: {
      policy: policy.metadata.name ?? "",
      count: images.length,
      limit: effectiveMaxImages(policy),
      silent: new Map<string, string>(),
      fromLock: true as const,
    },
  };
  return {
    result: { type: "rendered", set: name, children, memory, ...facts },
    stale: stale === undefined ? [] : [{ subject: `CachedImageSet/${name}`, ...stale }],
    mistakes,
  };
}

function lockedRanking(lock: Lock | undefined): readonly RankedImage[] {
  const images = lock?.images ?? [];
  return images.map((image, index) => ({ ...image, score: 0, rank: index + 1, remembered: false }));
}

function staleness(
  lock: Lock | undefined,
  wanted: Lock["policy"],
): { readonly what: string; readonly fix: string } | undefined {
  const fix = "run drop render and commit the result";
  if (lock === undefined) return { what: "it is not rendered yet", fix };
  if (lock.pending.size > 0) return { what: "its last rendering was interrupted", fix };
  if (wanted === undefined) return undefined;
  if (lock.policy?.name !== wanted.name) {
    return { what: `it is not rendered yet with DiscoveryPolicy ${wanted.name}`, fix };
  }
  if (lock.policy.hash === wanted.hash) return undefined;
  return { what: `DiscoveryPolicy ${wanted.name} changed since it was rendered`, fix };
}
