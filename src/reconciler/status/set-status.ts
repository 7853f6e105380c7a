import type { CachedImageSetStatus } from "../../api/types.gen.ts";
import { cut } from "../../discovery/status.ts";
import type { ImageFacts, SetFacts } from "../model/facts.ts";
import { conditionOf, conditionsOf, isReady, type Verdict } from "./verdict.ts";
import { messageOf } from "./words.ts";

/** What a CachedImageSet's status is written from. */
export interface SetStatusInput {
  /** Its `status` being the last one that was applied, where the watch has not brought that back yet. */
  readonly set: SetFacts;
  /** See `childrenOf`; their `status` likewise. */
  readonly children: readonly ImageFacts[];
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** The CachedImages of each set that has any, by the set's name; each list by name. */
export function childrenBySet(
  images: Iterable<ImageFacts>,
): ReadonlyMap<string, readonly ImageFacts[]> {
  const sets = new Map<string, ImageFacts[]>();
  for (const image of images) {
    if (image.setName === undefined || image.isDeleting) continue;
    const known = sets.get(image.setName);
    if (known === undefined) sets.set(image.setName, [image]);
    else known.push(image);
  }
  for (const children of sets.values()) children.sort(byName);
  return sets;
}

function byName(a: ImageFacts, b: ImageFacts): number {
  if (a.name === b.name) return 0;
  return a.name < b.name ? -1 : 1;
}

/** The whole of what the reconciler says about a CachedImageSet; the condition `Rendered` is the renderer's. */
export function setStatus({ set, children, now }: SetStatusInput): CachedImageSetStatus {
  const { generation, status } = set;
  const verdicts = verdictsOf(set, children);
  return {
    observedGeneration: generation,
    phase: phaseOf(verdicts, children),
    imagesManaged: children.length,
    imagesReady: children.filter(isChildReady).length,
    conditions: conditionsOf(verdicts, { before: status.conditions, generation, now }),
  };
}

/** What a child said of an earlier generation of its spec says nothing of this one. */
function isChildReady({ status, generation }: ImageFacts): boolean {
  return status.observedGeneration === generation && isReady(status);
}

function verdictsOf(set: SetFacts, children: readonly ImageFacts[]): readonly Verdict[] {
  const ready = readyVerdict(set, children);
  const stalled = fromChildren("Stalled", children);
  const reconciling =
    ready.holds || stalled !== undefined ? undefined : fromChildren("Reconciling", children);
  return [ready, reconciling, stalled].filter((one) => one !== undefined);
}

function readyVerdict(set: SetFacts, children: readonly ImageFacts[]): Verdict {
  const failing = children.filter((child) => !isChildReady(child));
  const missing = missingText(set, children);
  const ready = `${children.length - failing.length} of ${children.length} images are ready`;
  const [worst] = failing.toSorted(byUrgency);
  const others = failing.length - 1;
  const rest = others === 0 ? "" : `${others} more ${others === 1 ? "is" : "are"} not ready`;
  if (worst !== undefined) {
    const message = messageOf([ready, childText(worst), rest, missing]);
    return { type: "Ready", holds: false, reason: reasonOf(worst), message };
  }
  if (missing !== "") {
    const reason = set.isSuspended ? "Suspended" : "NotRendered";
    const why = set.isSuspended ? "the set is not rendered while spec.suspend is true" : "";
    return { type: "Ready", holds: false, reason, message: messageOf([ready, missing, why]) };
  }
  if (children.length === 0) {
    return { type: "Ready", holds: true, reason: "NoImages", message: "the set has no images" };
  }
  return { type: "Ready", holds: true, reason: "ImagesReady", message: ready };
}

/** The images that the set lists, or is to discover, and that have no CachedImage; "" where there are none. */
function missingText(set: SetFacts, children: readonly ImageFacts[]): string {
  const held = new Set(
    children.map(({ spec }) => (typeof spec === "string" ? "" : spec.reference)),
  );
  const missing = set.staticReferences.filter((reference) => !held.has(reference));
  const [first] = missing;
  if (first !== undefined) {
    const more = missing.length > 1 ? ` and ${missing.length - 1} more of the set` : "";
    return `no CachedImage for ${first}${more}`;
  }
  const hasDiscovered = children.some(({ origin }) => origin === "discovered");
  if (!set.hasDiscovery || hasDiscovered) return "";
  return "no discovered image has a CachedImage";
}

/** What needs a person first, then what fails, then what is merely under way; by name among equals. */
function byUrgency(a: ImageFacts, b: ImageFacts): number {
  return urgency(a) - urgency(b) || byName(a, b);
}

function urgency({ status }: ImageFacts): number {
  if (conditionOf(status.conditions, "Stalled")?.status === "True") return 0;
  if (status.phase === "Degraded") return 1;
  return conditionOf(status.conditions, "Reconciling")?.status === "True" ? 3 : 2;
}

function reasonOf({ status, generation }: ImageFacts): string {
  if (status.observedGeneration !== generation) return "Pending";
  return conditionOf(status.conditions, "Ready")?.reason ?? "Pending";
}

/** Characters that one child may take of the set's message. */
const MAX_CHILD_MESSAGE = 500;

function childText(child: ImageFacts): string {
  const isSeen = child.status.observedGeneration === child.generation;
  const message = isSeen ? conditionOf(child.status.conditions, "Ready")?.message : undefined;
  return `CachedImage ${child.name}: ${cut(message ?? "not looked at yet", MAX_CHILD_MESSAGE)}`;
}

/** The condition of the first child that has it. */
function fromChildren(
  type: "Reconciling" | "Stalled",
  children: readonly ImageFacts[],
): Verdict | undefined {
  for (const { name, status } of children) {
    const condition = conditionOf(status.conditions, type);
    if (condition?.status !== "True") continue;
    const { reason = type, message = "" } = condition;
    return { type, holds: true, reason, message: messageOf([`CachedImage ${name}: ${message}`]) };
  }
  return undefined;
}

function phaseOf(
  verdicts: readonly Verdict[],
  children: readonly ImageFacts[],
): NonNullable<CachedImageSetStatus["phase"]> {
  const isSetReady = verdicts.some(({ type, holds }) => type === "Ready" && holds);
  const isStalled = verdicts.some(({ type }) => type === "Stalled");
  const isAny = (phase: string) => children.some(({ status }) => status.phase === phase);
  if (isStalled || (!isSetReady && isAny("Degraded"))) return "Degraded";
  if (isAny("Pulling")) return "Pulling";
  return isSetReady ? "Ready" : "Pending";
}
