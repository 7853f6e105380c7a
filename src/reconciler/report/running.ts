import { kubernetesTime } from "../../discovery/status.ts";
import type { ClusterFacts } from "../model/facts.ts";
import type { PodFacts } from "../model/pod.ts";
import { readPod } from "../pull-pod/reading.ts";
import type { RunningReport } from "./model.ts";

/** A pull that runs, and of which image. */
export interface RunningPull extends RunningReport {
  readonly reference: string;
}

/** Every image that some pull Pod has no outcome for yet, by node, then in the Pod's own order. */
export function runningPulls({ pods }: Pick<ClusterFacts, "pods">): readonly RunningPull[] {
  return [...pods.values()].flatMap(pullsOf).toSorted(byNode);
}

function pullsOf(pod: PodFacts): readonly RunningPull[] {
  const { work, name, startedAt, createdAt, isDeleting } = pod;
  if (work === undefined || isDeleting) return [];
  const { outcomes } = readPod(pod);
  return work.items.flatMap(({ reference, attempt }, index) =>
    outcomes[index]?.type !== "pulling"
      ? []
      : {
          reference,
          node: work.nodeName,
          pod: name,
          since: kubernetesTime(startedAt ?? createdAt),
          attempt,
          method: work.method,
          isRefresh: work.isRefresh,
          otherImages: work.items.length - 1,
        },
  );
}

function byNode(a: RunningPull, b: RunningPull): number {
  if (a.node === b.node) return 0;
  return a.node < b.node ? -1 : 1;
}

/** The pull without its reference, which stands beside it. */
export function runningReport({ reference: _, ...running }: RunningPull): RunningReport {
  return running;
}
