import { objectOf, type SetFolder } from "../folder/tree.ts";
import { imageOfManifest } from "../manifest/manifest.ts";
import type { GuardRefusal, PlannedImage } from "../plan.ts";

/** How many of a set's discovered images may go in one run: so many, or so many in a hundred. */
export type RemovalLimit =
  | { readonly type: "count"; readonly images: number }
  | { readonly type: "percent"; readonly percent: number };

/** What lets removals pass: a limit in place of the usual one, and removals that a person saw and approved. */
export interface Guard {
  readonly limit?: RemovalLimit;
  /** By name of the set: the images that may go, whatever the limit. */
  readonly approved?: ReadonlyMap<string, ReadonlySet<string>>;
}

export interface GuardInput {
  readonly set: string;
  /** The images that would go and count; updates and what a person deleted are not among them. */
  readonly removals: readonly PlannedImage[];
  readonly counts: GuardRefusal["counts"];
  /** How many images that count the set has before the run. */
  readonly before: number;
  readonly guard: Guard;
}

const USUAL_IMAGES = 5;
const USUAL_PERCENT = 30;
/** Losing everything is never usual, but a set of one or two loses all by losing little. */
const FEWEST_OF_ALL = 3;

/** The reason to leave a set as it is; undefined when its removals may happen. */
export function guardRefusal({ set, guard, ...facts }: GuardInput): GuardRefusal | undefined {
  const { removals, before } = facts;
  const allowed = allowedOf(guard.limit, before);
  const isAll = removals.length >= before && before >= FEWEST_OF_ALL;
  if (removals.length <= allowed && !isAll) return undefined;
  const approved = guard.approved?.get(set);
  if (approved !== undefined && removals.every(({ image }) => approved.has(image))) {
    return undefined;
  }
  return { ...facts, allowed };
}

/** Which of the planned changes count: discovered images that go without another of their repository in their place. */
export function countedRemovals(images: readonly PlannedImage[]): readonly PlannedImage[] {
  return images.filter(({ change, origin }) => change === "removed" && origin === "discovered");
}

/** How many of these files of a set hold a discovered image. */
export function discoveredIn(files: Iterable<string>, folder: SetFolder): number {
  let count = 0;
  for (const file of files) {
    if (imageOfManifest(objectOf(folder.get(file)))?.origin === "discovered") count += 1;
  }
  return count;
}

function allowedOf(limit: RemovalLimit | undefined, before: number): number {
  if (limit?.type === "count") return limit.images;
  const percent = limit?.percent ?? USUAL_PERCENT;
  // Multiplied first: 30 % of 10 is 3, and not the 2 that rounding down 0.3 × 10 could give.
  const share = Math.floor((before * percent) / 100);
  return limit === undefined ? Math.max(USUAL_IMAGES, share) : share;
}
