import { byScoreThenImage, type Offer } from "./merge.ts";

/** By how much more an image must be used to take the place of one that is there: a tenth. */
export const DEFAULT_CHURN_MARGIN = 0.1;

/** What competes for the places that a policy has. */
export interface CalmInput {
  /** Each image once, in any order. */
  readonly offers: readonly Offer[];
  readonly places: number;
  /** The images that the earlier run kept. */
  readonly incumbents: ReadonlySet<string>;
  /** A fraction of an incumbent's score: 0.1 is 10 %; with 0 the scores alone decide. */
  readonly margin: number;
  /** Whether an image's score says how much it is used; such scores move all day, those by version do not. */
  readonly isUsage: (offer: Offer) => boolean;
}

/**
 * The offers that get a place, best first. Scores alone decide how many places go to images scored by usage and which
 * other images are in, so that a new release is in at once. Among images scored by usage an incumbent then gives its
 * place up only to one whose score is higher by more than the margin.
 */
export function calmSelection(input: CalmInput): readonly Offer[] {
  const { offers, places, isUsage } = input;
  const plain = offers.toSorted(byScoreThenImage).slice(0, Math.max(0, places));
  const byUsage = plain.filter(isUsage).length;
  if (byUsage === 0 || input.margin <= 0) return plain;
  const rivals = offers.filter(isUsage).map((offer) => standingOf(offer, input));
  const calm = rivals.toSorted(byStanding).slice(0, byUsage);
  const others = plain.filter((offer) => !isUsage(offer));
  return [...others, ...calm.map(({ offer }) => offer)].toSorted(byScoreThenImage);
}

interface Standing {
  readonly offer: Offer;
  readonly isIncumbent: boolean;
  /** What a rival's score must exceed; for a newcomer its own score. */
  readonly threshold: number;
}

function standingOf(offer: Offer, { incumbents, margin }: CalmInput): Standing {
  const isIncumbent = incumbents.has(offer.image);
  // A query may give negative scores: the threshold lies above them all the same.
  const raised = isIncumbent ? offer.score + Math.abs(offer.score) * margin : offer.score;
  return { offer, isIncumbent, threshold: Math.min(raised, Number.MAX_VALUE) };
}

/** Equal thresholds favour the incumbent: a rival must exceed it. */
function byStanding(a: Standing, b: Standing): number {
  if (a.threshold !== b.threshold) return a.threshold > b.threshold ? -1 : 1;
  if (a.isIncumbent !== b.isIncumbent) return a.isIncumbent ? -1 : 1;
  return byScoreThenImage(a.offer, b.offer);
}
