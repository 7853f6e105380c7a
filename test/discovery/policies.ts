import type {
  DiscoveryPolicy,
  DiscoveryPolicySpec,
  DiscoveryPolicyStatus,
  DiscoverySource,
  PrometheusSource,
  RegistrySource,
} from "../../src/api/types.gen.ts";
import type {
  Candidate,
  SourceFailureReason,
  SourceOutcome,
  SourcePart,
} from "../../src/discovery/outcome.ts";

/** A decoded DiscoveryPolicy with the schema's defaults. */
export function policy(
  spec: Partial<DiscoveryPolicySpec> & Pick<DiscoveryPolicySpec, "sources">,
  status?: DiscoveryPolicyStatus,
): DiscoveryPolicy {
  return {
    apiVersion: "drop.corewire.io/v1alpha1",
    kind: "DiscoveryPolicy",
    metadata: { name: "popular", generation: 3 },
    spec: { syncInterval: "30m", maxImages: 50, ...spec },
    ...(status !== undefined && { status }),
  };
}

export function prometheusSource(
  prometheus: Partial<PrometheusSource> = {},
  more: Partial<DiscoverySource> = {},
): DiscoverySource {
  const defaults = { endpoint: "https://mimir.example.com", query: "up", step: "5m" };
  return { type: "prometheus", prometheus: { ...defaults, ...prometheus }, ...more };
}

export function registrySource(
  registry: Partial<RegistrySource> = {},
  more: Partial<DiscoverySource> = {},
): DiscoverySource {
  const defaults = { url: "https://registry.example.com", repositories: ["team/app"] };
  return { type: "registry", registry: { ...defaults, ...registry }, ...more };
}

/** Candidates from `image=score` texts. */
export function offers(...texts: readonly string[]): readonly Candidate[] {
  return texts.map((text) => {
    const at = text.lastIndexOf("=");
    return { image: text.slice(0, at), score: Number(text.slice(at + 1)) };
  });
}

export function complete(candidates: readonly Candidate[], name = ""): SourcePart {
  return { state: "complete", name, candidates };
}

export function incomplete(
  state: "partial" | "failed",
  candidates: readonly Candidate[] = [],
  { name = "", reason = "Unreachable" as SourceFailureReason } = {},
): SourcePart {
  return { state, name, candidates, failure: { reason, message: "it is away", fix: "wait" } };
}

export function outcome(name: string, ...parts: readonly SourcePart[]): SourceOutcome {
  const type = parts.some((part) => part.name !== "") ? "registry" : "prometheus";
  return { name, type, parts, notes: [] };
}
