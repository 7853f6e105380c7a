import type { RankedImage } from "../discovery/outcome.ts";
import type { ImageOrigin } from "./manifest.ts";

/** What reasons need to know about the discovery behind a set. */
export interface DiscoveryFacts {
  readonly policy: string;
  /** How many images were kept. */
  readonly count: number;
  /** How many may be kept. */
  readonly limit: number;
  /** By source that gave no full answer: what it did instead, as in "did not answer". */
  readonly silent: ReadonlyMap<string, string>;
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
  origin: ImageOrigin | undefined,
  discovery: DiscoveryFacts | undefined,
): string {
  if (origin !== "discovered") return "listed in the set no more";
  if (discovery === undefined) return "the set names no DiscoveryPolicy any more";
  return `no longer among the first ${discovery.limit} of ${discovery.policy}`;
}

export const SETTINGS_REASON = "its settings in the set changed";
export const PRUNED_REASON = "its set is gone from the inputs";
