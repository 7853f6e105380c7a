import type { CachedImageSet, DiscoveryPolicy } from "../../src/api/types.gen.ts";
import type {
  Candidate,
  RankedImage,
  SourceOutcome,
  SourcePart,
} from "../../src/discovery/outcome.ts";
import { byCodeUnit } from "../../src/renderer/canonical.ts";
import type { OutputTree, TreeEntry } from "../../src/renderer/folder/tree.ts";
import { isOwnName, KUSTOMIZATION_NAME, LOCK_NAME } from "../../src/renderer/manifest/names.ts";
import type { Action } from "../../src/renderer/plan.ts";

/** A decoded set. */
export function aSet(name: string, spec: Partial<CachedImageSet["spec"]> = {}): CachedImageSet {
  return {
    apiVersion: "drop.corewire.io/v1alpha1",
    kind: "CachedImageSet",
    metadata: { name },
    spec: { imagePullPolicy: "Always", ...spec },
    status: { observedGeneration: -1 },
  };
}

/** A decoded policy with one Prometheus source called "metrics". */
export function aPolicy(
  name: string,
  spec: Partial<DiscoveryPolicy["spec"]> = {},
): DiscoveryPolicy {
  const prometheus = { endpoint: "https://metrics.example.com", query: "up", step: "5m" };
  return {
    apiVersion: "drop.corewire.io/v1alpha1",
    kind: "DiscoveryPolicy",
    metadata: { name },
    spec: {
      sources: [{ name: "metrics", type: "prometheus", prometheus }],
      syncInterval: "30m",
      maxImages: 50,
      ...spec,
    },
  };
}

/** What the source "metrics" answers: these images, best first. */
export function answer(images: readonly string[]): SourceOutcome[] {
  const parts: SourcePart[] = [{ state: "complete", name: "", candidates: candidatesOf(images) }];
  return [{ name: "metrics", type: "prometheus", parts, notes: [] }];
}

/** A source "metrics" that gives no answer, or, with images, an answer in part. */
export function noAnswer(images: readonly string[] = []): SourceOutcome[] {
  const failure = { reason: "Timeout", message: "no answer in 30 s", fix: "look there" } as const;
  const candidates = candidatesOf(images);
  const state = images.length > 0 ? ("partial" as const) : ("failed" as const);
  const parts: SourcePart[] = [{ state, name: "", candidates, failure }];
  return [{ name: "metrics", type: "prometheus", parts, notes: [] }];
}

function candidatesOf(images: readonly string[]): readonly Candidate[] {
  return images.map((image, index) => ({ image, score: 1000 - index }));
}

export function ranked(image: string, rank: number, remembered = false): RankedImage {
  return { image, source: "metrics", part: "", score: 0, rank, remembered };
}

/** The text of every file of an output folder by its path. */
export type Disk = Map<string, string>;

/** The tree that a run finds on a disk, every folder of a set read. */
export function treeOf(disk: Disk, wanted: readonly string[] = []): OutputTree {
  const names = new Set<string>();
  const sets = new Map<string, Map<string, TreeEntry>>();
  for (const [path, text] of [...disk].toSorted(([a], [b]) => byCodeUnit(a, b))) {
    const [first = "", file] = path.split("/");
    names.add(first);
    if (file === undefined || !isOwnName(file)) continue;
    if (!wanted.includes(first) && !disk.has(`${first}/${LOCK_NAME}`)) continue;
    const folder = sets.get(first) ?? new Map<string, TreeEntry>();
    sets.set(first, folder.set(file, { type: "file", text }));
  }
  const top = disk.get(KUSTOMIZATION_NAME);
  const kustomization = top !== undefined && {
    kustomization: { type: "file" as const, text: top },
  };
  return { names, sets, obstacles: new Map(), leftovers: [], ...kustomization };
}

/** The disk after these actions; the one given stays as it is. */
export function applied(disk: Disk, actions: readonly Action[]): Disk {
  const after = new Map(disk);
  for (const action of actions) {
    if (action.type === "write") after.set(action.path, action.text);
    else after.delete(action.path);
  }
  return after;
}

/** A disk in a form that two of can be compared. */
export function contents(disk: Disk): readonly (readonly [string, string])[] {
  return [...disk].toSorted(([a], [b]) => byCodeUnit(a, b));
}
