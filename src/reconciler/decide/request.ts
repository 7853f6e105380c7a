import type { Toleration } from "../../api/types.gen.ts";
import type { ImageRecord } from "../ledger/images.ts";
import type { PodRequest, WorkItem } from "../model/pod.ts";
import type { Batch, BatchItem } from "./batch.ts";
import type { Workload } from "./workload.ts";

/** Kubelet gives up so long after Drop's own deadline, as a backstop, in milliseconds. */
const BACKSTOP_MS = 300_000;

/** The Pod that a batch becomes. */
export function requestOf({ policy }: Workload, batch: Batch): PodRequest {
  const { node, method, purpose } = batch;
  const records = [...batch.items.values()].flatMap(({ images }) => images);
  const specs = records.flatMap(({ spec }) => spec ?? []);
  return {
    work: {
      ...{ nodeName: node.name, nodeUid: node.uid, policyName: policy.name, method },
      isRefresh: purpose === "refresh",
      items: [...batch.items].map(([reference, item], index) =>
        itemOf(batch, item, { reference, container: `image-${index + 1}` }),
      ),
    },
    owners: ownersOf(records),
    tolerations: unionOf([...specs, policy].map(({ tolerations }) => tolerations)),
    // Only images of equal secrets share a Pod.
    imagePullSecrets: specs[0]?.imagePullSecrets ?? [],
    activeDeadlineMs: policy.pullTimeoutMs * batch.items.size + BACKSTOP_MS,
  };
}

function itemOf(
  { slot, purpose }: Batch,
  { source, images }: BatchItem,
  names: Pick<WorkItem, "container" | "reference">,
): WorkItem {
  return {
    ...names,
    attempt: (source.failures.get(slot)?.attempts ?? 0) + 1,
    pullPolicy: purpose === "refresh" ? "Always" : strictestOf(images),
    images: images.map(({ name }) => name).sort(),
  };
}

/** One CachedImage that wants the registry asked is enough. */
function strictestOf(images: readonly ImageRecord[]): WorkItem["pullPolicy"] {
  const wanted = new Set(images.map(({ spec }) => spec?.imagePullPolicy));
  if (wanted.has("Always")) return "Always";
  return wanted.has("IfNotPresent") ? "IfNotPresent" : "Never";
}

function ownersOf(records: readonly ImageRecord[]): PodRequest["owners"] {
  return records.map(({ name, uid }) => ({ name, uid })).sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Each once, in an order that does not depend on theirs. */
function unionOf(lists: readonly (readonly Toleration[])[]): readonly Toleration[] {
  const byText = new Map(lists.flat().map((toleration) => [textOf(toleration), toleration]));
  return [...byText].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, toleration]) => toleration);
}

function textOf({ key, operator, value, effect, tolerationSeconds }: Toleration): string {
  return JSON.stringify([key, operator, value, effect, tolerationSeconds]);
}
