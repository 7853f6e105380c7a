import type { DiscoveryPolicy, DiscoverySource } from "../api/types.gen.ts";
import type { SourceFailure, SourceOutcome } from "./outcome.ts";
import type { SourceAnswer } from "./source-context.ts";
import { partNames, sourceNames } from "./source-names.ts";

/** Outcomes of a policy whose sources are left unasked, as with `--offline`: everything then comes from memory. */
export function offlineOutcomes({ spec }: DiscoveryPolicy): readonly SourceOutcome[] {
  const names = sourceNames(spec.sources);
  return spec.sources.map((source, index) => ({
    name: names[index] ?? "",
    type: source.type,
    ...unasked(source, spec.suspend === true ? SUSPENDED : OFFLINE),
  }));
}

/** Why the sources of a suspended policy have no answer. */
export const SUSPENDED: SourceFailure = {
  reason: "Suspended",
  message: "the source was not asked because spec.suspend is true",
  fix: "set it to false to discover images again",
};

const OFFLINE: SourceFailure = {
  reason: "Offline",
  message: "the source was not asked because this run is offline",
  fix: "run it again with a network",
};

/** The answer of a source that gave none: each part failed for the same reason, so that each keeps what is remembered of it. */
export function unasked(source: DiscoverySource, failure: SourceFailure): SourceAnswer {
  const parts = partNames(source).map((name) => ({
    state: "failed" as const,
    name,
    candidates: [],
    failure,
  }));
  return { parts, notes: [] };
}
