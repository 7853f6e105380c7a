import type { ImageOrigin } from "../../api/labels.ts";
import type { RankedImage } from "../../discovery/outcome.ts";
import type { Ranking } from "../../discovery/rank.ts";

/** What reasons need to know about the discovery behind a set. */
export interface DiscoveryFacts {
  readonly policy: string;
  /** How many images were kept. */
  readonly count: number;
  /** How many may be kept. */
  readonly limit: number;
  /** By source that gave no full answer: what it did instead, as in "did not answer". */
  readonly silent: ReadonlyMap<string, string>;
  /** By image that was offered and left out: what did that; absent when that is not known. */
  readonly left?: Ranking["left"];
  /** Set when the lock was asked and no source. */
  readonly fromLock?: true;
}

/** Why an image is in the set. */
export function presenceReason(
  image: RankedImage | undefined,
  discovery: DiscoveryFacts | undefined,
): string {
  if (image === undefined || discovery === undefined) return "listed in the set";
  const rank = `rank ${image.rank} of ${discovery.count} from ${image.source}`;
  if (discovery.fromLock) return `${rank} when the set was last rendered`;
  if (!image.remembered) return rank;
  const why = discovery.silent.get(image.source) ?? "did not name it this time";
  return `remembered: ${image.source} ${why}`;
}

/** Why an image is in the set no more. */
export function absenceReason(
  { image, origin }: { readonly image: string; readonly origin: ImageOrigin },
  discovery: DiscoveryFacts | undefined,
): string {
  if (origin !== "discovered") return "listed in the set no more";
  if (discovery === undefined) return "the set names no DiscoveryPolicy any more";
  const why = discovery.left?.get(image);
  if (why === "imageFilter") return `the imageFilter of ${discovery.policy} does not match it`;
  if (why === "excludeFilter") return `the excludeFilter of ${discovery.policy} matches it`;
  if (discovery.left && why === undefined)
    return `no source of ${discovery.policy} names it any more`;
  return `no longer among the first ${discovery.limit} of ${discovery.policy}`;
}

export const SETTINGS_REASON = "its settings in the set changed";
export const PRUNED_REASON = "its set is gone from the inputs";
