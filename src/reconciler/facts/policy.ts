import { decode } from "../../api/decode.ts";
import { parseDuration } from "../../api/duration.ts";
import { API_VERSION, type PullPolicySpec } from "../../api/types.gen.ts";
import type { ClusterFacts, ImageFacts, PolicyFacts } from "../model/facts.ts";
import { textIn, typed } from "./fields.ts";

/**
 * What Drop reads of a PullPolicy. One with a mistake is undefined, so that its images wait with `PolicyNotFound`:
 * pulling at another pace or on other nodes than meant would be worse.
 */
export function policyFacts(raw: unknown): PolicyFacts | undefined {
  const name = textIn(raw, "metadata", "name");
  const spec = decode("PullPolicy", typed("PullPolicy", raw)).object?.spec;
  return name === "" || spec === undefined ? undefined : paceOf(name, spec);
}

/** What holds for a CachedImage that names no PullPolicy: the CRD's own defaults. */
export const DEFAULT_POLICY: PolicyFacts = defaultPolicy();

/** The PullPolicy in force for a CachedImage; undefined where the one that it names is not there, or has a mistake. */
export function policyFor(
  { spec }: Pick<ImageFacts, "spec">,
  { policies }: Pick<ClusterFacts, "policies">,
): PolicyFacts | undefined {
  const name = typeof spec === "string" ? undefined : spec.policyName;
  return name === undefined ? DEFAULT_POLICY : policies.get(name);
}

function defaultPolicy(): PolicyFacts {
  const empty = { apiVersion: API_VERSION, kind: "PullPolicy", metadata: { name: "default" } };
  const facts = policyFacts(empty);
  if (facts === undefined) throw new Error("the CRD's defaults make no PullPolicy");
  return { ...facts, name: undefined };
}

function paceOf(name: string, spec: PullPolicySpec): PolicyFacts | undefined {
  const minDelayMs = millisecondsOf(spec.minDelayBetweenPulls);
  const backoffInitialMs = millisecondsOf(spec.failureBackoff.initial);
  const backoffMaxMs = millisecondsOf(spec.failureBackoff.max);
  const pullTimeoutMs = millisecondsOf(spec.pullTimeout);
  if (minDelayMs === undefined || pullTimeoutMs === undefined) return undefined;
  if (backoffInitialMs === undefined || backoffMaxMs === undefined) return undefined;
  return {
    name,
    maxConcurrentNodes: spec.maxConcurrentNodes,
    minDelayMs,
    backoffInitialMs,
    backoffMaxMs,
    // Zero means never, as the CRD says.
    repullIntervalMs: millisecondsOf(spec.repullInterval) || undefined,
    pullTimeoutMs,
    nodeSelector: spec.nodeSelector ?? {},
    tolerations: spec.tolerations ?? [],
    isSuspended: spec.suspend === true,
  };
}

function millisecondsOf(text: string | undefined): number | undefined {
  const duration = text === undefined ? undefined : parseDuration(text);
  return duration?.ok === true ? duration.value.milliseconds : undefined;
}
