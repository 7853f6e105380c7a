import { parseImageReference } from "../api/image-reference.ts";
import type { DiscoveryPolicy, DiscoverySource, SourceStatus } from "../api/types.gen.ts";
import {
  type Candidate,
  type RememberedImage,
  SOURCE_FAILURE_REASONS,
  type SourceFailure,
  type SourceOutcome,
  type SourcePart,
} from "./outcome.ts";
import { partNames, sourceNames } from "./source-names.ts";

/**
 * The answers that a policy's status stands for: healthy sources are complete; of the others the images that they had
 * are candidates of failed parts.
 */
export function outcomesFromStatus(policy: DiscoveryPolicy): readonly SourceOutcome[] {
  const names = sourceNames(policy.spec.sources);
  return policy.spec.sources.map((source, index) => {
    const name = names[index] ?? "";
    const known = policy.status?.sources?.find((status) => status.name === name);
    const failure = known?.healthy === true ? undefined : statedFailure(known);
    const candidates = candidatesByPart(policy, source, name);
    const parts = [...candidates].map(([part, images]) => replayedPart(part, images, failure));
    return { name, type: source.type, parts, notes: [] };
  });
}

/** What a policy's status remembers, in its order; the repository of an image is found by its name where it can be. */
export function rememberedFromStatus({
  spec,
  status,
}: DiscoveryPolicy): readonly RememberedImage[] {
  const names = sourceNames(spec.sources);
  return (status?.discoveredImages ?? []).map(({ image, score, source: name }) => {
    const source = spec.sources[names.indexOf(name)];
    const part = source === undefined ? undefined : partOf(image, source);
    return { image, score, source: name, part: part ?? "" };
  });
}

function candidatesByPart(
  { status }: DiscoveryPolicy,
  source: DiscoverySource,
  name: string,
): ReadonlyMap<string, readonly Candidate[]> {
  const byPart = new Map<string, Candidate[]>(partNames(source).map((part) => [part, []]));
  const [firstPart = ""] = byPart.keys();
  for (const { image, score, source: from } of status?.discoveredImages ?? []) {
    if (from !== name) continue;
    byPart.get(partOf(image, source) ?? firstPart)?.push({ image, score });
  }
  return byPart;
}

/** The repository of a source that an image was made from, unless a template hides it. */
function partOf(image: string, source: DiscoverySource): string | undefined {
  const parts = partNames(source);
  if (source.type === "prometheus") return parts[0];
  const reference = parseImageReference(image);
  if (!reference.ok) return undefined;
  const { repository } = reference.value;
  return parts.find((part) => part === repository || `library/${part}` === repository);
}

function replayedPart(
  name: string,
  candidates: readonly Candidate[],
  failure: SourceFailure | undefined,
): SourcePart {
  if (failure === undefined) return { state: "complete", name, candidates };
  return { state: "failed", name, candidates, failure };
}

function statedFailure(status: SourceStatus | undefined): SourceFailure {
  const fix = "ask the sources again to get a full answer";
  if (status === undefined) {
    return { reason: "Offline", message: "the status says nothing about this source", fix };
  }
  const reason = SOURCE_FAILURE_REASONS.find((known) => known === status.reason) ?? "Offline";
  return { reason, message: status.message ?? "the source had given no full answer", fix };
}
