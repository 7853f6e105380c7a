import { effectiveMaxImages } from "../api/effective.ts";
import type { DiscoveryPolicy } from "../api/types.gen.ts";
import type {
  Origin,
  RankedImage,
  RememberedImage,
  SourceFailure,
  SourceOutcome,
  SourcePart,
} from "./outcome.ts";
import { calmSelection, DEFAULT_CHURN_MARGIN } from "./ranking/calm.ts";
import { type FilterVerdict, imageFilters } from "./ranking/filters.ts";
import { heldImages, incompleteParts } from "./ranking/memory.ts";
import { byScoreThenImage, mergeCandidates, type Offer } from "./ranking/merge.ts";

/** What discovery decides from; `remembered` is in the order of the earlier run. */
export interface RankInput {
  readonly policy: DiscoveryPolicy;
  readonly outcomes: readonly SourceOutcome[];
  readonly remembered: readonly RememberedImage[];
  /** By which part of its score an image must at least be beaten before it goes: 0.1 is 10 %, 0 is plain order. */
  readonly churnMargin?: number;
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
  /** By image that was offered and is not among the images: what left it out. */
  readonly left: ReadonlyMap<string, keyof DroppedCounts>;
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
 * from any other part come first, in their old order, and others fill the places left, in which an image that was there
 * stays until one is used more, by the churn margin at least.
 */
export function rank(input: RankInput): Ranking {
  const { policy, outcomes, remembered } = input;
  const offers = mergeCandidates(outcomes);
  const held = heldImages(remembered, offers, incompleteParts(outcomes));
  const heldNames = new Set(held.map(({ image }) => image));
  const plain = [...offers.values()].sort(byScoreThenImage);
  const others = plain.filter(({ image }) => !heldNames.has(image));

  const verdictOf = imageFilters(policy.spec);
  const verdicts = new Map([...held, ...others].map(({ image }) => [image, verdictOf(image)]));
  const passes = ({ image }: Offer) => verdicts.get(image) === "kept";
  const images = selection(input, {
    held: held.filter(passes),
    others: others.filter(passes),
    plain: plain.filter(passes),
  }).map(toRanked);
  const left = absences(verdicts, images);
  return {
    images,
    sources: outcomes.map(rankedSource),
    usedMemory: images.some((image) => image.remembered),
    missing: outcomes.some((outcome) => isMissing(outcome, remembered)),
    answered: outcomes.some(({ parts }) => parts.some(isAnswered)),
    dropped: countsOf(left.values()),
    left,
  };
}

/** What passed the filters. */
interface Field {
  readonly held: readonly Offer[];
  readonly others: readonly Offer[];
  /** All that is offered, held or not, by score alone: the same whatever is remembered. */
  readonly plain: readonly Offer[];
}

/** Held images have their places before any other is considered. */
function selection(
  { policy, outcomes, remembered, churnMargin = DEFAULT_CHURN_MARGIN }: RankInput,
  { held, others, plain }: Field,
): readonly Offer[] {
  const maxImages = effectiveMaxImages(policy);
  const first = held.slice(0, maxImages);
  const types = new Map(outcomes.map(({ name, type }) => [name, type]));
  const rest = calmSelection({
    offers: others,
    places: maxImages - first.length,
    incumbents: new Set(remembered.map(({ image }) => image)),
    betterHalf: new Set(plain.slice(0, Math.ceil(maxImages / 2)).map(({ image }) => image)),
    margin: churnMargin,
    isUsage: ({ source }) => types.get(source) === "prometheus",
  });
  return [...first, ...rest];
}

function absences(
  verdicts: ReadonlyMap<string, FilterVerdict>,
  images: readonly RankedImage[],
): ReadonlyMap<string, keyof DroppedCounts> {
  const kept = new Set(images.map(({ image }) => image));
  const left = new Map<string, keyof DroppedCounts>();
  for (const [image, verdict] of verdicts) {
    if (!kept.has(image)) left.set(image, verdict === "kept" ? "beyondMaxImages" : verdict);
  }
  return left;
}

function countsOf(reasons: Iterable<keyof DroppedCounts>): DroppedCounts {
  const counts = { imageFilter: 0, excludeFilter: 0, beyondMaxImages: 0 };
  for (const reason of reasons) counts[reason]++;
  return counts;
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
