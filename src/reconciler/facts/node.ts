import { isRecord, own, valueAt } from "../../api/record.ts";
import type { NodeFacts, NodeImages, Taint } from "../model/facts.ts";
import { digestsIn } from "./digests.ts";
import { isDeleting, itemsIn, textIn, textsIn, timeIn } from "./fields.ts";
import type { NamePool } from "./name-pool.ts";

/** How many names of one image kubelet reports: `MaxNamesPerImageInNodeStatus` in its sources. */
const MAX_NAMES_PER_IMAGE = 5;

/** What Drop reads of a Node, its image names taken from the pool; undefined for what has no name or uid. */
export function nodeFacts(raw: unknown, pool: NamePool): NodeFacts | undefined {
  const name = textIn(raw, "metadata", "name");
  const uid = textIn(raw, "metadata", "uid");
  if (name === "" || uid === "") return undefined;
  const labels = textsIn(raw, "metadata", "labels");
  const nodeInfo = valueAt(raw, ["status", "nodeInfo"]);
  return {
    name,
    uid,
    createdAt: timeIn(raw, "metadata", "creationTimestamp") ?? 0,
    labels,
    taints: itemsIn(raw, "spec", "taints").filter(isRecord).map(taintOf),
    isUnschedulable: valueAt(raw, ["spec", "unschedulable"]) === true,
    isDeleting: isDeleting(raw),
    isReady: isCondition(raw, "Ready"),
    hasDiskPressure: isCondition(raw, "DiskPressure"),
    operatingSystem: textIn(nodeInfo, "operatingSystem") || (labels["kubernetes.io/os"] ?? ""),
    architecture: textIn(nodeInfo, "architecture") || (labels["kubernetes.io/arch"] ?? ""),
    kubeletVersion: textIn(nodeInfo, "kubeletVersion"),
    containerRuntime: textIn(nodeInfo, "containerRuntimeVersion"),
    images: nodeImages(raw, pool),
  };
}

function taintOf(raw: unknown): Taint {
  return { key: textIn(raw, "key"), value: textIn(raw, "value"), effect: textIn(raw, "effect") };
}

function isCondition(raw: unknown, type: string): boolean {
  const condition = itemsIn(raw, "status", "conditions").find((each) => own(each, "type") === type);
  return own(condition, "status") === "True";
}

/** Runtimes shorten names as they like, so that all are normalised before they are compared. */
function nodeImages(raw: unknown, pool: NamePool): NodeImages {
  const entries = itemsIn(raw, "status", "images").map((entry) => itemsIn(entry, "names"));
  const named = entries.map((names) =>
    names
      .map((text) => (typeof text === "string" ? pool.nameOf(text) : undefined))
      .filter((name) => name !== undefined),
  );
  const digests = digestsIn(named);
  return {
    names: [...new Set(named.flat())].sort(),
    entryCount: entries.length,
    hasFullEntry: entries.some((names) => names.length >= MAX_NAMES_PER_IMAGE),
    ...(digests.size > 0 && { digests }),
  };
}
