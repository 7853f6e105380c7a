import { byScoreThenImage, type Offer } from "./merge.ts";

/** By how much more an image must be used to take the place of one that is there: a tenth. */
export const DEFAULT_CHURN_MARGIN = 0.1;

/** How many margins an image needs outside the better half. By default 200 %, so that it is used three times as much. */
const MARGINS_OUTSIDE_BETTER_HALF = 20;

/** What competes for the places that a policy has. */
export interface CalmInput {
  /** Each image once, in any order. */
  readonly offers: readonly Offer[];
  readonly places: number;
  /** The images that the earlier run kept. */
  readonly incumbents: ReadonlySet<string>;
  /** The images that would have the first half of all places by their scores alone. */
  readonly betterHalf: ReadonlySet<string>;
  /** A fraction of an incumbent's score: 0.1 is 10 %; with 0 the scores alone decide. */
  readonly margin: number;
  /** Whether an image's score says how much it is used; such scores move all day, those by version do not. */
  readonly isUsage: (offer: Offer) => boolean;
}

/**
 * The offers that get a place, best first. Scores alone decide how many places go to images scored by usage and which
 * other images are in, so that a new release is in at once. Among images scored by usage an incumbent then gives its
 * place up only to one whose score is higher by more than the margin, or by many margins if that is not among the
 * better half: at the edge neighbours change all the time, and whoever stays popular gets into the better half.
 */
export function calmSelection(input: CalmInput): readonly Offer[] {
  const { offers, places, isUsage } = input;
  const plain = offers.toSorted(byScoreThenImage).slice(0, Math.max(0, places));
  const byUsage = plain.filter(isUsage).length;
  if (byUsage === 0 || input.margin <= 0) return plain;
  const rivals = offers.filter(isUsage).toSorted(byScoreThenImage);
  const others = plain.filter((offer) => !isUsage(offer));
  return [...others, ...calmRivals(rivals, byUsage, input)].toSorted(byScoreThenImage);
}

/** Rivals come best first. The best newcomer challenges the weakest incumbent; once one fails all after it would. */
function calmRivals(
  rivals: readonly Offer[],
  places: number,
  { incumbents, betterHalf, margin }: CalmInput,
): readonly Offer[] {
  const staying = rivals.filter(({ image }) => incumbents.has(image)).slice(0, places);
  const newcomers: Offer[] = [];
  for (const rival of rivals) {
    if (incumbents.has(rival.image)) continue;
    if (staying.length + newcomers.length === places) {
      const margins = betterHalf.has(rival.image) ? 1 : MARGINS_OUTSIDE_BETTER_HALF;
      if (rival.score <= bar(staying.at(-1), margin * margins)) break;
      staying.pop();
    }
    newcomers.push(rival);
  }
  return [...staying, ...newcomers];
}

/**
 * What a rival's score must exceed. A query may give negative scores: the bar lies above those too, and the weakest
 * incumbent always has the lowest one.
 */
function bar(weakest: Offer | undefined, margin: number): number {
  if (weakest === undefined) return Number.POSITIVE_INFINITY;
  return weakest.score < 0 ? weakest.score / (1 + margin) : weakest.score * (1 + margin);
}
