import { effectiveMaxImages } from "../api/effective.ts";
import type { DiscoveryPolicy } from "../api/types.gen.ts";
import { imageFilters } from "./filters.ts";
import { heldImages, incompleteParts } from "./memory.ts";
import { byScoreThenImage, mergeCandidates, type Offer } from "./merge.ts";
import type {
  Origin,
  RankedImage,
  RememberedImage,
  SourceFailure,
  SourceOutcome,
  SourcePart,
} from "./outcome.ts";

/** What discovery decides from; `remembered` is in the order of the earlier run. */
export interface RankInput {
  readonly policy: DiscoveryPolicy;
  readonly outcomes: readonly SourceOutcome[];
  readonly remembered: readonly RememberedImage[];
}

/** The images of a policy, best first, and what became of the rest. */
export interface Ranking {
  readonly images: readonly RankedImage[];
  readonly sources: readonly RankedSource[];
  /** Whether an image is there that no source offered this time. */
  readonly usedMemory: boolean;
  /** Whether a part failed of which nothing is remembered either. */
  readonly missing: boolean;
  /** Whether at least one source answered, if only in part; one that was not asked because of `suspend` counts. */
  readonly answered: boolean;
  readonly dropped: DroppedCounts;
}

/** How many different images each step left out. */
export interface DroppedCounts {
  readonly imageFilter: number;
  readonly excludeFilter: number;
  readonly beyondMaxImages: number;
}

/** One source as a ranking saw it. */
export interface RankedSource {
  readonly name: string;
  readonly type: SourceOutcome["type"];
  /** Whether every part answered in full. */
  readonly healthy: boolean;
  /** Different images that it offered, before any filter. */
  readonly offered: number;
  readonly failures: readonly PartFailure[];
  readonly notes: readonly string[];
}

/** Why one part of a source gave no full answer. */
export interface PartFailure extends SourceFailure {
  readonly part: string;
  readonly state: "partial" | "failed";
}

/**
 * Merges, filters, orders and cuts what the sources answered. Only complete answers remove anything: images remembered
 * from any other part come first, in their old order, and new ones fill the places left.
 */
export function rank({ policy, outcomes, remembered }: RankInput): Ranking {
  const offers = mergeCandidates(outcomes);
  const held = heldImages(remembered, offers, incompleteParts(outcomes));
  const heldNames = new Set(held.map(({ image }) => image));
  const others = [...offers.values()].filter(({ image }) => !heldNames.has(image));

  const filtered = filterOffers([...held, ...others.sort(byScoreThenImage)], policy);
  const maxImages = effectiveMaxImages(policy);
  const images = filtered.kept.slice(0, maxImages).map(toRanked);
  return {
    images,
    sources: outcomes.map(rankedSource),
    usedMemory: images.some((image) => image.remembered),
    missing: outcomes.some((outcome) => isMissing(outcome, remembered)),
    answered: outcomes.some(({ parts }) => parts.some(isAnswered)),
    dropped: { ...filtered.dropped, beyondMaxImages: filtered.kept.length - images.length },
  };
}

function filterOffers(offers: readonly Offer[], { spec }: DiscoveryPolicy) {
  const verdictOf = imageFilters(spec);
  const dropped = { imageFilter: 0, excludeFilter: 0 };
  const kept = offers.filter(({ image }) => {
    const verdict = verdictOf(image);
    if (verdict !== "kept") dropped[verdict]++;
    return verdict === "kept";
  });
  return { kept, dropped };
}

function toRanked({ fresh, alsoFrom, ...offer }: Offer, index: number): RankedImage {
  const ranked = { ...offer, rank: index + 1, remembered: !fresh };
  return alsoFrom.length === 0 ? ranked : { ...ranked, alsoFrom };
}

function isMissing(outcome: SourceOutcome, remembered: readonly RememberedImage[]): boolean {
  return outcome.parts.some((part) => {
    if (part.state !== "failed" || part.failure.reason === "Suspended") return false;
    if (part.candidates.length > 0) return false;
    const origin: Origin = { source: outcome.name, part: part.name };
    return !remembered.some((image) => cameFrom(image, origin));
  });
}

function cameFrom(image: RememberedImage, { source, part }: Origin): boolean {
  return [image, ...(image.alsoFrom ?? [])].some(
    (origin) => origin.source === source && (origin.part === part || origin.part === ""),
  );
}

function isAnswered(part: SourcePart): boolean {
  return part.state !== "failed" || part.failure.reason === "Suspended";
}

function rankedSource({ name, type, parts, notes }: SourceOutcome): RankedSource {
  const failures = parts.flatMap((part) =>
    part.state === "complete" ? [] : [{ ...part.failure, part: part.name, state: part.state }],
  );
  const offered = new Set(parts.flatMap(({ candidates }) => candidates.map(({ image }) => image)));
  return { name, type, healthy: failures.length === 0, offered: offered.size, failures, notes };
}
