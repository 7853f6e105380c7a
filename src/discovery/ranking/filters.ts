import { type Pattern, parsePattern } from "../../api/pattern.ts";
import type { DiscoveryPolicySpec } from "../../api/types.gen.ts";

/** What a policy's filters do with an image: keep it, or drop it because of the field named. */
export type FilterVerdict = "kept" | "imageFilter" | "excludeFilter";

/** The policy's two filters over normalised references, `imageFilter` first. */
export function imageFilters(
  spec: Pick<DiscoveryPolicySpec, "imageFilter" | "excludeFilter">,
): (image: string) => FilterVerdict {
  const keep = validPattern(spec.imageFilter);
  const exclude = validPattern(spec.excludeFilter);
  return (image) => {
    if (keep?.matches(image) === false) return "imageFilter";
    return exclude?.matches(image) === true ? "excludeFilter" : "kept";
  };
}

/** The pattern of a validated policy. A faulty one is a bug of the caller: guessing would keep or drop everything. */
export function validPattern(source: string | undefined): Pattern | undefined {
  if (source === undefined) return undefined;
  const pattern = parsePattern(source);
  if (pattern.ok) return pattern.value;
  throw new Error(`a policy reached discovery unvalidated: ${pattern.fault.what}`);
}
