import type { ImageRecord } from "../ledger/images.ts";
import type { ImageSummary } from "../model/summary.ts";

/** The digest that most nodes report, of equals the first by code unit; until one does, what was known before. */
export function digestsOf(
  { source, spec, resolvedDigest }: ImageRecord,
  end: number,
): Pick<ImageSummary, "resolvedDigest" | "digestCount"> {
  if (source === undefined) return { resolvedDigest, digestCount: 0 };
  const { since, digests, digestNames } = source.evidence;
  const counts = new Uint32Array(digestNames.length + 1);
  let holders = 0;
  for (let slot = 0; slot < end; slot++) {
    if (since[slot] === 0) continue;
    holders += 1;
    const code = digests[slot] ?? 0;
    counts[code] = (counts[code] ?? 0) + 1;
  }
  const reported = digestNames
    .map((digest, index) => ({ digest, count: counts[index + 1] ?? 0 }))
    .filter(({ count }) => count > 0)
    .sort((a, b) => b.count - a.count || (a.digest < b.digest ? -1 : 1));
  const [most] = reported;
  if (most !== undefined) return { resolvedDigest: most.digest, digestCount: reported.length };
  const pinned = spec?.isPinned === true ? digestIn(spec.reference) : undefined;
  const known = holders === 0 ? undefined : (pinned ?? resolvedDigest);
  return { resolvedDigest: known, digestCount: known === undefined ? 0 : 1 };
}

function digestIn(reference: string): string {
  return reference.slice(reference.indexOf("@") + 1);
}
