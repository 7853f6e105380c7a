import type { SetFolder } from "../folder/tree.ts";
import {
  type Hashes,
  isSameLock,
  type Lock,
  type LockedImage,
  type LockedPolicy,
  lockText,
  ownHashes,
} from "../lock/lock.ts";
import { parseLock } from "../lock/parse.ts";
import type { Child } from "../manifest/desired.ts";
import { LOCK_NAME } from "../manifest/names.ts";
import type { Action, Conflict, GuardRefusal, PlannedImage, SetPlan } from "../plan.ts";
import { type FilesPlan, planFiles, planFilesRemoval } from "./files.ts";
import { countedRemovals, discoveredIn, type Guard, guardRefusal } from "./guard.ts";
import { leavingImages, planImages } from "./images.ts";
import { type DiscoveryFacts, PRUNED_REASON } from "./reasons.ts";

/** What the next run is to remember of a set. */
export interface Memory {
  readonly policy?: LockedPolicy;
  readonly images: readonly LockedImage[];
}

export interface SetPlanInput {
  readonly set: string;
  readonly children: readonly Child[];
  readonly memory: Memory;
  readonly lock: Lock | undefined;
  readonly folder: SetFolder;
  readonly discovery?: DiscoveryFacts;
  /** Absent where any removal may happen. */
  readonly guard?: Guard;
}

/**
 * Plans one set. The actions are in this order, so that an interruption at any point leaves every file that Drop wrote
 * listed in a lock, and a kustomization.yaml that names no missing file: a lock that lists both what stands there and
 * what is coming (`pending`); new and changed children; kustomization.yaml; removals; the final lock.
 */
export function planSet(input: SetPlanInput): SetPlan {
  const { set, children, memory, lock, folder, discovery } = input;
  const files = planFiles({ set, wanted: children, lock, folder });
  const { verdicts } = files;
  const images = planImages({ children, verdicts, folder, discovery, former: lock?.images ?? [] });
  const refusal = refusalOf(input, files, images);
  if (refusal) return refusedSet(set, [], refusal);
  const final: Lock = { ...memory, files: files.after, pending: new Map() };
  const actions = [
    ...announcement(set, files, lock),
    ...files.writes.map(({ file, text }) => written(set, file, text)),
    ...files.removes.map((file) => removed(set, file)),
    ...(lock && isSameLock(lock, final) ? [] : [written(set, LOCK_NAME, lockText(final))]),
  ];
  return { set, state: "rendered", images, conflicts: files.conflicts, actions };
}

function refusalOf(
  { set, folder, discovery, guard }: SetPlanInput,
  { before: standing }: FilesPlan,
  images: readonly PlannedImage[],
): GuardRefusal | undefined {
  const removals = countedRemovals(images);
  // Without a policy it was a person who took the reference to it away, and with it all that it found.
  if (guard === undefined || discovery === undefined || removals.length === 0) return undefined;
  const before = discoveredIn(standing.keys(), folder);
  return guardRefusal({ set, counts: "discovered", removals, before, guard });
}

/** Plans the removal of a set: its files, its kustomization.yaml, its lock last. With any conflict all of it stays. */
export function planRemoval({
  set,
  lock,
  folder,
  guard,
}: Pick<SetPlanInput, "set" | "folder" | "guard"> & { readonly lock: Lock }): SetPlan {
  const files = planFilesRemoval({ set, lock, folder });
  if (files.conflicts.length > 0) return refusedSet(set, files.conflicts);
  const leaving = [...leavingImages(files.verdicts, folder).values()].flat();
  const images = leaving.map((image) => ({
    change: "removed" as const,
    ...image,
    reason: PRUNED_REASON,
  }));
  // Nobody can tell a set that was deleted from one whose inputs went missing, so that all of its images count.
  const counted = { set, counts: "all", removals: images, before: images.length } as const;
  const refusal = guard && guardRefusal({ ...counted, guard });
  if (refusal) return refusedSet(set, [], refusal);
  const actions = [...files.removes, LOCK_NAME].map((file) => removed(set, file));
  return { set, state: "pruned", images, conflicts: [], actions };
}

/** A set that stays as it is because its folder cannot be used, or because the guard says so. */
export function refusedSet(
  set: string,
  conflicts: readonly Conflict[],
  guard?: GuardRefusal,
): SetPlan {
  return { set, state: "refused", images: [], conflicts, ...(guard && { guard }), actions: [] };
}

/** The lock of a set's folder: absent, read, or in the way. */
export type FolderLock =
  | { readonly type: "none" }
  | { readonly type: "lock"; readonly lock: Lock }
  | { readonly type: "unusable"; readonly conflict: Conflict };

/** Reads the lock of a folder; one that cannot be read protects the set from every change. */
export function lockOfFolder(set: string, folder: SetFolder): FolderLock {
  const entry = folder.get(LOCK_NAME);
  if (entry === undefined) return { type: "none" };
  const path = `${set}/${LOCK_NAME}`;
  if (entry.type !== "file") {
    const what = entry.type === "other" ? `it is ${entry.what} and no lock` : "it was not read";
    return { type: "unusable", conflict: { path, what, fix: "move it away and render again" } };
  }
  const lock = parseLock(entry.text);
  if (lock.ok) return { type: "lock", lock: lock.value };
  return { type: "unusable", conflict: { path, what: lock.fault.what, fix: lock.fault.fix } };
}

/** The first lock of a run, needed only where something is written that the lock in place does not list. */
function announcement(
  set: string,
  { writes, before }: FilesPlan,
  lock: Lock | undefined,
): Action[] {
  if (writes.every(({ file, hash }) => ownHashes(lock, file).includes(hash))) return [];
  const pending: Hashes = new Map(writes.map(({ file, hash }) => [file, hash]));
  const { images = [], policy } = lock ?? {};
  return [
    written(
      set,
      LOCK_NAME,
      lockText({ ...(policy && { policy }), images, files: before, pending }),
    ),
  ];
}

function written(set: string, file: string, text: string): Action {
  return { type: "write", path: `${set}/${file}`, text };
}

function removed(set: string, file: string): Action {
  return { type: "remove", path: `${set}/${file}` };
}
