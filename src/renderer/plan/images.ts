import type { ImageOrigin } from "../../api/labels.ts";
import { byCodeUnit } from "../canonical.ts";
import { objectOf, type SetFolder } from "../folder/tree.ts";
import type { LockedImage } from "../lock/lock.ts";
import type { Child } from "../manifest/desired.ts";
import { imageOfManifest } from "../manifest/manifest.ts";
import type { PlannedImage } from "../plan.ts";
import type { Verdict } from "./ownership.ts";
import { absenceReason, type DiscoveryFacts, presenceReason, SETTINGS_REASON } from "./reasons.ts";

export interface ImagesInput {
  readonly children: readonly Child[];
  readonly verdicts: ReadonlyMap<string, Verdict>;
  readonly folder: SetFolder;
  readonly discovery: DiscoveryFacts | undefined;
  /** What was discovered when the set was last rendered, best first. */
  readonly former: readonly LockedImage[];
}

/**
 * What happens to each image of a set. One that goes while another of the same repository comes is an update and no
 * removal. Images whose file is in conflict are left out: nothing happens to them.
 */
export function planImages(input: ImagesInput): PlannedImage[] {
  const { children, verdicts, folder, discovery } = input;
  const leaving = leavingImages(verdicts, folder);
  const planned: PlannedImage[] = [];
  for (const child of children.toSorted((a, b) => byCodeUnit(a.image, b.image))) {
    const verdict = verdicts.get(child.file);
    if (verdict === undefined || verdict.type === "conflict") continue;
    const replaced = isNew(verdict) ? leaving.get(child.repository)?.shift() : undefined;
    planned.push(plannedChild({ child, verdict, discovery, ...(replaced && { replaced }) }));
  }
  const former = formerPlaces(input.former);
  for (const { image, origin } of [...leaving.values()].flat().toSorted(byImage)) {
    const found = origin === "discovered" ? former.get(image) : undefined;
    const reason = absenceReason({ image, origin }, discovery);
    planned.push({ change: "removed", image, origin, ...(found && { found }), reason });
  }
  return planned;
}

function formerPlaces(
  images: readonly LockedImage[],
): ReadonlyMap<string, NonNullable<PlannedImage["found"]>> {
  return new Map(
    images.map(({ image, source, part }, index) => [image, { source, part, rank: index + 1 }]),
  );
}

interface Leaving {
  readonly image: string;
  readonly origin: ImageOrigin;
}

/** The images whose files are removed, by repository, each list by image. */
export function leavingImages(
  verdicts: ReadonlyMap<string, Verdict>,
  folder: SetFolder,
): Map<string, Leaving[]> {
  const leaving = new Map<string, Leaving[]>();
  for (const [file, verdict] of verdicts) {
    if (verdict.type !== "remove") continue;
    const found = imageOfManifest(objectOf(folder.get(file)));
    if (found === undefined) continue;
    const { repository, image, origin } = found;
    leaving.set(repository, [...(leaving.get(repository) ?? []), { image, origin }].sort(byImage));
  }
  return leaving;
}

interface PlannedChildInput {
  readonly child: Child;
  readonly verdict: Verdict;
  readonly discovery: DiscoveryFacts | undefined;
  readonly replaced?: Leaving;
}

function plannedChild({ child, verdict, discovery, replaced }: PlannedChildInput): PlannedImage {
  const { image, origin, discovered } = child;
  const found = discovered && {
    source: discovered.source,
    part: discovered.part,
    rank: discovered.rank,
  };
  const facts = { image, origin, ...(found && { found }) };
  const reason = presenceReason(discovered, discovery);
  if (replaced) return { change: "updated", ...facts, replaces: replaced.image, reason };
  if (verdict.type === "asIs") return { change: "kept", ...facts, reason };
  if (isNew(verdict)) return { change: "added", ...facts, reason };
  return { change: "updated", ...facts, reason: SETTINGS_REASON };
}

function isNew(verdict: Verdict): boolean {
  return verdict.type === "write" && verdict.standing === undefined;
}

function byImage(a: Leaving, b: Leaving): number {
  return byCodeUnit(a.image, b.image);
}
