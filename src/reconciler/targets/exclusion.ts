import type { Toleration } from "../../api/types.gen.ts";
import type { Exclusion } from "../model/cell.ts";
import type { ImageSpecFacts, NodeFacts, PolicyFacts, Taint } from "../model/facts.ts";
import { isTolerated } from "./toleration.ts";
import { unusableBecause } from "./unusable.ts";

/**
 * Why a node is not among the targets of an image under its policy, undefined where it is one. Without a policy the
 * image's own fields decide. What only an attempt can tell, `PlatformMismatch`, is in `exclusionIn`.
 */
export function exclusionOf(
  node: NodeFacts,
  spec: Pick<ImageSpecFacts, "nodeSelector" | "tolerations">,
  policy: Pick<PolicyFacts, "nodeSelector" | "tolerations"> | undefined,
): Exclusion | undefined {
  if (!isSelected(node, spec.nodeSelector)) return "SelectorMismatch";
  if (policy !== undefined && !isSelected(node, policy.nodeSelector)) return "SelectorMismatch";
  const unusable = unusableBecause(node);
  if (unusable !== undefined) return unusable;
  const tolerated = [spec.tolerations, policy?.tolerations ?? NONE];
  return repelledBecause(node, (taint) => tolerated.some((list) => isTolerated(taint, list)));
}

const NONE: readonly Toleration[] = [];

function isSelected({ labels }: NodeFacts, selector: Readonly<Record<string, string>>): boolean {
  for (const key in selector) {
    if (labels[key] !== selector[key]) return false;
  }
  return true;
}

const NOT_READY = "node.kubernetes.io/not-ready";
const UNREACHABLE = "node.kubernetes.io/unreachable";
const UNSCHEDULABLE = "node.kubernetes.io/unschedulable";

/** The taints that Kubernetes gives to such nodes, a little later than their state changes. */
const NOT_READY_TAINT: Taint = { key: NOT_READY, value: "", effect: "NoSchedule" };
const UNSCHEDULABLE_TAINT: Taint = { key: UNSCHEDULABLE, value: "", effect: "NoSchedule" };

function repelledBecause(
  { isReady, isUnschedulable, taints }: NodeFacts,
  isPutUpWith: (taint: Taint) => boolean,
): Exclusion | undefined {
  if (!isReady && !taints.some(({ key }) => key === UNREACHABLE) && !isPutUpWith(NOT_READY_TAINT)) {
    return "NotReady";
  }
  if (isUnschedulable && !isPutUpWith(UNSCHEDULABLE_TAINT)) return "Cordoned";
  for (const taint of taints) {
    if (taint.effect !== "PreferNoSchedule" && !isPutUpWith(taint)) return kindOf(taint);
  }
  return undefined;
}

function kindOf({ key }: Taint): Exclusion {
  if (key === NOT_READY || key === UNREACHABLE) return "NotReady";
  return key === UNSCHEDULABLE ? "Cordoned" : "Tainted";
}
