import type { Condition } from "../../../src/api/types.gen.ts";

export interface Observed {
  readonly generation: number;
  readonly status: {
    readonly observedGeneration?: number;
    readonly phase?: string;
    readonly conditions?: readonly Condition[];
  };
}

/** How `sigs.k8s.io/cli-utils/pkg/kstatus`, and so Flux, takes an object of a kind that it does not know. */
export function kstatus({ generation, status }: Observed): "Current" | "InProgress" | "Failed" {
  const { observedGeneration, conditions = [] } = status;
  if (observedGeneration !== undefined && observedGeneration !== generation) return "InProgress";
  for (const { type, status: holds } of conditions) {
    if (type === "Reconciling" && holds === "True") return "InProgress";
    if (type === "Stalled" && holds === "True") return "Failed";
  }
  const ready = conditions.find(({ type }) => type === "Ready");
  return ready === undefined || ready.status === "True" ? "Current" : "InProgress";
}

/** How Argo CD is told to take one: as kstatus, with what fails again and again degraded and a pause told apart. */
export function argoHealth(object: Observed): "Healthy" | "Progressing" | "Degraded" | "Suspended" {
  const verdict = kstatus(object);
  if (verdict === "Failed") return "Degraded";
  if (verdict === "Current") return "Healthy";
  const { status, generation } = object;
  if (status.observedGeneration !== generation) return "Progressing";
  if (status.phase === "Degraded") return "Degraded";
  const ready = status.conditions?.find(({ type }) => type === "Ready");
  return ready?.reason === "Suspended" ? "Suspended" : "Progressing";
}
