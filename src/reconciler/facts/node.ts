import { isRecord, own, valueAt } from "../../api/record.ts";
import type { NodeFacts, NodeImages, Taint } from "../model/facts.ts";
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
  const entries = itemsIn(raw, "status", "images");
  const names = new Set<string>();
  let hasFullEntry = false;
  for (const entry of entries) {
    const ofEntry = itemsIn(entry, "names");
    hasFullEntry ||= ofEntry.length >= MAX_NAMES_PER_IMAGE;
    for (const text of ofEntry) {
      const name = typeof text === "string" ? pool.nameOf(text) : undefined;
      if (name !== undefined) names.add(name);
    }
  }
  return { names: [...names].sort(), entryCount: entries.length, hasFullEntry };
}
