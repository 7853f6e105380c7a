import { podFacts } from "../../../src/reconciler/facts/pod.ts";
import type { PodOptions } from "../../../src/reconciler/model/options.ts";
import type {
  PodFacts,
  PodRequest,
  PullMethod,
  WorkItem,
} from "../../../src/reconciler/model/pod.ts";
import { pullPodManifest } from "../../../src/reconciler/pull-pod/manifest.ts";

export const NODE_UID = "1b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed";

export const POD_OPTIONS: PodOptions = {
  namespace: "drop-pulls",
  pauseImage: "registry.k8s.io/pause:3.10",
  helperImage: "docker.io/library/busybox:1.37-musl",
  priorityClassName: undefined,
  labels: {},
  annotations: {},
};

/** The nth item of a Pod, from 1. */
export function item(n: number, over: Partial<WorkItem> = {}): WorkItem {
  const reference = `registry.example.com/team/app:${n}`;
  const container = `image-${n}`;
  return { container, reference, attempt: 1, pullPolicy: "Always", images: [`app-${n}`], ...over };
}

export function request(method: PullMethod, items: readonly WorkItem[]): PodRequest {
  const work = { nodeName: "node-1", nodeUid: NODE_UID, policyName: undefined, method };
  return {
    work: { ...work, isRefresh: false, items },
    owners: [],
    tolerations: [],
    imagePullSecrets: [],
    activeDeadlineMs: 60_000,
  };
}

/** A status as kubelet writes it. */
export type Status = Readonly<Record<string, unknown>>;

export function waiting(reason: string, message = ""): Status {
  return { state: { waiting: { reason, message } }, imageID: "" };
}

export function ended(exitCode: number, over: Status = {}, imageID = ""): Status {
  const at = "2026-01-02T03:04:05Z";
  const reason = exitCode === 0 ? "Completed" : "Error";
  return {
    state: { terminated: { exitCode, reason, startedAt: at, finishedAt: at, ...over } },
    imageID,
  };
}

/** What Drop reads of a pull Pod made from its own manifest, with these statuses of its containers in their order. */
export function seen({
  method,
  statuses,
  init,
  status = {},
  metadata = {},
  change = (pod) => pod,
}: {
  readonly method: PullMethod;
  readonly statuses: readonly Status[];
  readonly init?: readonly Status[];
  readonly status?: Status;
  readonly metadata?: Status;
  /** What an admission webhook does to it. */
  readonly change?: (manifest: string) => string;
}): PodFacts {
  const items = statuses.map((_, at) => item(at + 1));
  const text = change(JSON.stringify(pullPodManifest(request(method, items), POD_OPTIONS)));
  const manifest = JSON.parse(text);
  const named = (list: readonly Status[], names: readonly { readonly name: string }[]) =>
    list.map((each, at) => ({ name: names[at]?.name, ...each }));
  const facts = podFacts({
    ...manifest,
    metadata: {
      ...manifest.metadata,
      uid: "u",
      creationTimestamp: "2026-01-02T03:00:00Z",
      ...metadata,
    },
    status: {
      phase: "Pending",
      startTime: "2026-01-02T03:00:01Z",
      containerStatuses: named(statuses, manifest.spec.containers),
      initContainerStatuses: named(init ?? [], manifest.spec.initContainers ?? []),
      ...status,
    },
  });
  if (facts === undefined) throw new Error("the Pod cannot be read");
  return facts;
}
