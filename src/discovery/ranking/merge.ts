import type { Candidate, Origin, SourceOutcome, SourcePart } from "../outcome.ts";

/** An image offered by at least one part: the origin and score that won, and the other origins. */
export interface Offer extends Candidate, Origin {
  readonly alsoFrom: readonly Origin[];
  /** False when only failed parts name it, whose candidates are what they are remembered to have had. */
  readonly fresh: boolean;
}

/** What is gathered about one image while the parts are read. */
interface Gathered {
  readonly image: string;
  best: Origin;
  score: number;
  fresh: boolean;
  readonly origins: Origin[];
}

/**
 * Each image that any source offers once, by its reference. The highest score wins, equal ones go by source and part
 * name; infinite scores and NaN do not count.
 */
export function mergeCandidates(outcomes: readonly SourceOutcome[]): ReadonlyMap<string, Offer> {
  const gathered = new Map<string, Gathered>();
  for (const { name: source, parts } of outcomes) {
    for (const part of parts) gather(gathered, { source, part: part.name }, part);
  }
  const offers = new Map<string, Offer>();
  for (const { image, score, best, fresh, origins } of gathered.values()) {
    offers.set(image, { image, score, ...best, alsoFrom: otherOrigins(best, origins), fresh });
  }
  return offers;
}

function gather(gathered: Map<string, Gathered>, origin: Origin, part: SourcePart): void {
  const fresh = part.state !== "failed";
  for (const { image, score } of part.candidates) {
    if (!Number.isFinite(score)) continue;
    const known = gathered.get(image);
    if (known === undefined) {
      gathered.set(image, { image, score, best: origin, fresh, origins: [origin] });
      continue;
    }
    if (known.origins.at(-1) !== origin) known.origins.push(origin);
    if (precedes({ origin, score }, { origin: known.best, score: known.score })) {
      known.best = origin;
      known.score = score;
    }
    known.fresh ||= fresh;
  }
}

/** Higher scores first, equal ones by image: a total order over different images. */
export function byScoreThenImage(a: Candidate, b: Candidate): number {
  if (a.score !== b.score) return a.score > b.score ? -1 : 1;
  return compareText(a.image, b.image);
}

/** Whether two origins are the same part of the same source. */
export function isSameOrigin(a: Origin, b: Origin): boolean {
  return a.source === b.source && a.part === b.part;
}

/** The origins besides one, each once, ordered. */
export function otherOrigins(one: Origin, others: readonly Origin[]): readonly Origin[] {
  const distinct = new Map<string, Origin>();
  for (const { source, part } of others) {
    const origin = { source, part };
    if (!isSameOrigin(origin, one)) distinct.set(JSON.stringify([source, part]), origin);
  }
  return [...distinct.values()].sort(compareOrigins);
}

interface Claim {
  readonly origin: Origin;
  readonly score: number;
}

function precedes(a: Claim, b: Claim): boolean {
  return a.score === b.score ? compareOrigins(a.origin, b.origin) < 0 : a.score > b.score;
}

function compareOrigins(a: Origin, b: Origin): number {
  return compareText(a.source, b.source) || compareText(a.part, b.part);
}

function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
