import type { Origin, RememberedImage, SourceOutcome } from "../outcome.ts";
import { isSameOrigin, type Offer, otherOrigins } from "./merge.ts";

/** Tells whether a part has not answered in full, so that nothing it once offered may go. */
export type IsIncomplete = (origin: Origin) => boolean;

/** Reads from the outcomes which parts are incomplete; sources and parts that the policy lost are not. */
export function incompleteParts(outcomes: readonly SourceOutcome[]): IsIncomplete {
  const bySource = new Map(
    outcomes.map(({ name, parts }) => [
      name,
      new Map(parts.map((part) => [part.name, part.state !== "complete"])),
    ]),
  );
  return ({ source, part }) => {
    const parts = bySource.get(source);
    if (parts === undefined) return false;
    // An unknown part of a registry source could be any of its repositories.
    if (part === "" && !parts.has("")) return [...parts.values()].includes(true);
    return parts.get(part) === true;
  };
}

/**
 * The remembered images that must stay, in their old order: a part that they came from, or that offers them now, has
 * not answered in full. The latter would hold them in the next run, and asking again must change nothing.
 */
export function heldImages(
  remembered: readonly RememberedImage[],
  offers: ReadonlyMap<string, Offer>,
  isIncomplete: IsIncomplete,
): readonly Offer[] {
  const held = new Map<string, Offer>();
  for (const image of remembered) {
    if (held.has(image.image)) continue;
    const offer = offers.get(image.image);
    const current = offer === undefined ? [] : [offer, ...offer.alsoFrom];
    const waitsFor = [image, ...(image.alsoFrom ?? []), ...current].filter(isIncomplete);
    const [origin] = waitsFor;
    if (origin === undefined) continue;
    held.set(image.image, heldOffer(image, { origin, waitsFor, offer }));
  }
  return [...held.values()];
}

interface Hold {
  readonly origin: Origin;
  readonly waitsFor: readonly Origin[];
  readonly offer: Offer | undefined;
}

/** It stays in the name of the part that is missing, so that the next run holds it too, until that part has answered. */
function heldOffer(remembered: RememberedImage, { origin, waitsFor, offer }: Hold): Offer {
  const { source, part } = origin;
  const current = offer === undefined ? [] : [offer, ...offer.alsoFrom];
  const score = offer !== undefined && isSameOrigin(offer, origin) ? offer.score : remembered.score;
  return {
    image: remembered.image,
    score,
    source,
    part,
    alsoFrom: otherOrigins(origin, [...waitsFor, ...current]),
    fresh: offer?.fresh ?? false,
  };
}
