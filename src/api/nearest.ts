import leven from "leven";

/** Kubernetes allows names of 253 characters; comparing longer or more of them would only cost time. */
const MAX_LENGTH = 253;
const MAX_WORDS = 1_000;

/**
 * The word that somebody probably meant: the one with the fewest edits, whatever the case, up to a third of the
 * letters; undefined when none is near.
 */
export function nearest(written: string, words: readonly string[]): string | undefined {
  if (written.length > MAX_LENGTH) return undefined;
  const lower = written.toLowerCase();
  const ranked = words
    .filter((word) => word.length <= MAX_LENGTH)
    .slice(0, MAX_WORDS)
    .map((word) => ({ word, distance: leven(lower, word.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance || (a.word < b.word ? -1 : 1));
  const best = ranked[0];
  const most = Math.ceil(written.length / 3);
  return best !== undefined && best.distance <= most ? best.word : undefined;
}
