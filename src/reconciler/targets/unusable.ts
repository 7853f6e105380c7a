import type { Exclusion } from "../model/cell.ts";
import type { NodeFacts } from "../model/facts.ts";

/** Why no image is ever pulled onto a node, whatever is tolerated. */
export function unusableBecause(node: NodeFacts): Exclusion | undefined {
  if (node.operatingSystem === "windows") return "Windows";
  if (isVirtual(node)) return "VirtualKubelet";
  if (node.containerRuntime === "") return "NoContainerRuntime";
  if (node.isDeleting) return "Deleting";
  if (hasTaint(node, DISRUPTED)) return "Disrupted";
  if (hasTaint(node, SCALE_DOWN)) return "ScaleDown";
  if (node.hasDiskPressure || hasTaint(node, DISK_PRESSURE)) return "DiskPressure";
  return undefined;
}

/** Karpenter's taint of a node that it is about to replace, and its name before v1. */
const DISRUPTED: ReadonlySet<string> = new Set([
  "karpenter.sh/disrupted",
  "karpenter.sh/disruption",
]);
/** Cluster autoscaler's taint of a node that it is removing. */
const SCALE_DOWN: ReadonlySet<string> = new Set(["ToBeDeletedByClusterAutoscaler"]);
const DISK_PRESSURE: ReadonlySet<string> = new Set(["node.kubernetes.io/disk-pressure"]);
const VIRTUAL: ReadonlySet<string> = new Set(["virtual-kubelet.io/provider"]);

function hasTaint({ taints }: NodeFacts, keys: ReadonlySet<string>): boolean {
  return taints.some(({ key }) => keys.has(key));
}

/** Virtual Kubelet's own marks, and those of EKS Fargate: one Pod a node there, and no images that stay. */
function isVirtual(node: NodeFacts): boolean {
  if (node.labels["type"] === "virtual-kubelet") return true;
  if (node.labels["eks.amazonaws.com/compute-type"] === "fargate") return true;
  return hasTaint(node, VIRTUAL) || node.kubeletVersion.includes("-vk-");
}
