import type { ImageOrigin } from "../api/labels.ts";
import type { Origin } from "../discovery/outcome.ts";

/** One change of one file. Paths are relative to the output folder, with "/" between folder and file. */
export type Action =
  | { readonly type: "write"; readonly path: string; readonly text: string }
  | { readonly type: "remove"; readonly path: string };

/** A file that Drop would have to touch and may not, because a person made or changed it. */
export interface Conflict {
  readonly path: string;
  readonly what: string;
  readonly fix: string;
}

export type Change = "added" | "kept" | "updated" | "removed";

/** What happens to one image of a set, and why. */
export interface PlannedImage {
  readonly change: Change;
  readonly image: string;
  /** The image of the same repository whose place it takes; absent when only its settings are updated. */
  readonly replaces?: string;
  readonly origin: ImageOrigin;
  /** Where it was found, for a removed one when the set was last rendered; absent for static images. */
  readonly found?: Origin & { readonly rank: number };
  readonly reason: string;
}

/**
 * `rendered`: the set is planned in full. `unanswered`: no source answered and nothing is remembered, so it stays as
 * it is. `refused`: its folder cannot be used, or more would go than the guard lets pass. `pruned`: it is gone from the inputs and removed.
 */
export type SetState = "rendered" | "unanswered" | "refused" | "pruned";

/** What would go from a set and how much may: the set stays as it is until a person approves. */
export interface GuardRefusal {
  /** Which of the set's images count: its discovered ones, or all where the whole set is gone from the inputs. */
  readonly counts: "discovered" | "all";
  /** How many of those there are before the run. */
  readonly before: number;
  readonly allowed: number;
  readonly removals: readonly PlannedImage[];
}

export type Totals = Readonly<Record<Change, number>>;

/** What a run does to the folder of one set. */
export interface SetPlan {
  readonly set: string;
  readonly state: SetState;
  /** By image: added, updated and kept ones, then removed ones. */
  readonly images: readonly PlannedImage[];
  readonly conflicts: readonly Conflict[];
  /** Set when the guard left the set as it is. */
  readonly guard?: GuardRefusal;
  /** In the order in which they are safe. */
  readonly actions: readonly Action[];
}

/** What a run does to the output folder; plain data that can be printed, saved, compared or carried out. */
export interface Plan {
  /** By name of the set. */
  readonly sets: readonly SetPlan[];
  /** Conflicts in the output folder itself; those of sets are in `sets`. */
  readonly conflicts: readonly Conflict[];
  /**
   * Every change of every set in an order in which an interruption at any point leaves a tree that the next run
   * repairs and that `kustomize build` accepts.
   */
  readonly actions: readonly Action[];
}

/** How many images a plan adds, keeps, updates and removes. */
export function totalsOf(images: readonly PlannedImage[]): Totals {
  const totals = { added: 0, kept: 0, updated: 0, removed: 0 };
  for (const { change } of images) totals[change]++;
  return totals;
}

/** All conflicts of a plan, those of the output folder first. */
export function conflictsOf({ conflicts, sets }: Plan): readonly Conflict[] {
  return [...conflicts, ...sets.flatMap((set) => set.conflicts)];
}
