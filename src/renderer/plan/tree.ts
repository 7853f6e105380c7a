import { byCodeUnit } from "../canonical.ts";
import type { OutputTree } from "../folder/tree.ts";
import type { Child } from "../manifest/desired.ts";
import { LOCK_NAME } from "../manifest/names.ts";
import type { Plan, SetPlan } from "../plan.ts";
import type { Guard } from "./guard.ts";
import type { DiscoveryFacts } from "./reasons.ts";
import { lockOfFolder, type Memory, planRemoval, planSet, refusedSet } from "./set.ts";
import { planTop } from "./top.ts";
import { untouchedSet } from "./untouched.ts";

/** What one set should become. */
export type SetResult =
  | {
      readonly type: "rendered";
      readonly set: string;
      readonly children: readonly Child[];
      readonly memory: Memory;
      readonly discovery?: DiscoveryFacts;
    }
  /** No source answered and nothing is remembered: the set stays as it is. */
  | { readonly type: "unanswered"; readonly set: string };

export interface TreePlanInput {
  readonly results: readonly SetResult[];
  readonly tree: OutputTree;
  /** The names of all sets among the inputs, rendered or not. */
  readonly known: readonly string[];
  /** Whether sets that are gone from the inputs are removed. */
  readonly pruneSets: boolean;
  /** Whether the folder holds these sets and no others: then sets that are gone are removed, under the guard. */
  readonly ownsFolder?: boolean;
  /** Absent where any removal may happen. */
  readonly guard?: Guard;
}

/** Plans the whole output folder: sets first, then the file that lists them, then sets that are gone. */
export function planTree(input: TreePlanInput): Plan {
  const { results, tree, known } = input;
  const sets = results.map((result) => planResult(result, input));
  const gone = planGoneSets(input);
  const top = planTop({
    tree,
    known,
    rendered: sets.filter(({ state }) => state === "rendered").map(({ set }) => set),
    pruned: gone.filter(({ state }) => state === "pruned").map(({ set }) => set),
  });
  return {
    sets: [...sets, ...gone].toSorted((a, b) => byCodeUnit(a.set, b.set)),
    conflicts: top.conflicts,
    actions: [
      ...sets.flatMap(({ actions }) => actions),
      ...top.actions,
      ...gone.flatMap(({ actions }) => actions),
    ],
  };
}

function planResult(result: SetResult, { tree, guard }: TreePlanInput): SetPlan {
  const { set } = result;
  if (result.type === "unanswered") {
    return { set, state: "unanswered", images: [], conflicts: [], actions: [] };
  }
  const obstacle = tree.obstacles.get(set);
  if (obstacle !== undefined) {
    const what = `it is ${obstacle}, and Drop writes into real folders only`;
    return refusedSet(set, [{ path: set, what, fix: "move it away and render again" }]);
  }
  const folder = tree.sets.get(set) ?? new Map();
  const untouched = untouchedSet({ ...result, folder });
  if (untouched !== undefined) return untouched;
  const standing = lockOfFolder(set, folder);
  if (standing.type === "unusable") return refusedSet(set, [standing.conflict]);
  const lock = standing.type === "lock" ? standing.lock : undefined;
  return planSet({ ...result, folder, lock, ...(guard && { guard }) });
}

function planGoneSets(input: TreePlanInput): readonly SetPlan[] {
  const { tree, known, pruneSets, ownsFolder = false, guard } = input;
  if (!pruneSets && !ownsFolder) return [];
  // Whoever asks for the removal by name has approved it.
  const guarding = pruneSets ? undefined : guard;
  return goneSets(tree, known).map((set) => planGone(set, tree, guarding));
}

function planGone(set: string, tree: OutputTree, guard: Guard | undefined): SetPlan {
  const folder = tree.sets.get(set) ?? new Map();
  const standing = lockOfFolder(set, folder);
  if (standing.type === "lock") {
    return planRemoval({ set, folder, lock: standing.lock, ...(guard && { guard }) });
  }
  return refusedSet(set, standing.type === "unusable" ? [standing.conflict] : []);
}

function goneSets(tree: OutputTree, known: readonly string[]): readonly string[] {
  const locked = [...tree.sets].filter(([, folder]) => folder.has(LOCK_NAME));
  const names = locked.map(([name]) => name).filter((name) => !known.includes(name));
  return names.toSorted(byCodeUnit);
}
