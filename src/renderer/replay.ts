import type { DiscoveryPolicy } from "../api/types.gen.ts";
import type { SourceOutcome } from "../discovery/outcome.ts";
import { outcomesFromStatus } from "../discovery/replay.ts";

/**
 * The answers that a recorded DiscoveryPolicy stands in for (`--discovered`): the sources are those of the inputs, and
 * the recording says by its status what they answered. Without a recording of the policy no source answered.
 */
export function replayedOutcomes(
  { apiVersion, kind, metadata, spec }: DiscoveryPolicy,
  recorded: DiscoveryPolicy | undefined,
): readonly SourceOutcome[] {
  const status = recorded?.status && { status: recorded.status };
  return outcomesFromStatus({ apiVersion, kind, metadata, spec, ...status });
}
