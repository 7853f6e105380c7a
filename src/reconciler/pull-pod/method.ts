import type { NodeFacts } from "../model/facts.ts";
import type { PullMethod } from "../model/pod.ts";

type Version = readonly [major: number, minor: number];

/** The first kubelet that mounts images, and the first that does so without a feature gate set by hand. */
const KUBELET_BY_GATE: Version = [1, 33];
const KUBELET: Version = [1, 35];

/** The first release of each runtime that can mount an image, by the name that kubelet reports. */
const RUNTIMES: ReadonlyMap<string, Version> = new Map([
  ["containerd", [2, 1]],
  ["cri-o", [1, 31]],
]);

/**
 * How a node is made to pull: as told, else by image volume where its kubelet and runtime can, else by helper.
 * A kubelet that knows nothing of image volumes runs such a Pod without pulling, which would pass for success: it
 * gets the helper whatever was told.
 */
export function pullMethodOf(
  node: Pick<NodeFacts, "kubeletVersion" | "containerRuntime">,
  override: PullMethod | undefined,
): PullMethod {
  if (override === "helper" || !isAtLeast(node.kubeletVersion, KUBELET_BY_GATE)) return "helper";
  if (override === "image-volume") return override;
  const [runtime = "", version = ""] = node.containerRuntime.split("://", 2);
  const needed = RUNTIMES.get(runtime);
  const isAble = needed !== undefined && isAtLeast(version, needed);
  return isAble && isAtLeast(node.kubeletVersion, KUBELET) ? "image-volume" : "helper";
}

/** Reads `v1.36.3`, `1.35.2+k3s1` or `2.1.0-rc.1`; what is no version is older than any. */
function isAtLeast(text: string, [major, minor]: Version): boolean {
  const found = /^v?([0-9]{1,4})\.([0-9]{1,4})(?![0-9])/.exec(text);
  if (found === null) return false;
  const [atMajor, atMinor] = [Number(found[1]), Number(found[2])];
  return atMajor > major || (atMajor === major && atMinor >= minor);
}
