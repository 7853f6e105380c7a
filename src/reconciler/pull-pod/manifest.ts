import type { UnknownRecord } from "../../api/record.ts";
import { API_VERSION, type Toleration } from "../../api/types.gen.ts";
import type { PodOptions } from "../model/options.ts";
import type { PodRequest } from "../model/pod.ts";
import { MAX_ITEMS, workAnnotations } from "./annotations.ts";
import { POD_SECURITY, pullingSpec } from "./containers.ts";
import { podAnnotations, podLabels } from "./labels.ts";
import { pullPodName } from "./name.ts";

/** Owners named in a Pod at most, so that its size is bounded; the Pod goes when the last of those named goes. */
const MAX_OWNERS = 100;

/** What the API server takes for a number of seconds. */
const LONGEST_SECONDS = 2 ** 31 - 1;

/** The Pod that has a node pull up to ten images. Nothing of an image is run, and nothing of a CachedImage is copied. */
export function pullPodManifest(request: PodRequest, options: PodOptions): UnknownRecord {
  const work = { ...request.work, items: request.work.items.slice(0, MAX_ITEMS) };
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      name: pullPodName(work.nodeUid),
      namespace: options.namespace,
      labels: podLabels(work.policyName, options.labels),
      annotations: podAnnotations(workAnnotations(work), options.annotations),
      ownerReferences: ownersOf(request),
    },
    spec: {
      // Not left to the scheduler: nothing pends, and no autoscaler takes it for demand.
      nodeName: work.nodeName,
      restartPolicy: "Never",
      activeDeadlineSeconds: secondsOf(request.activeDeadlineMs),
      terminationGracePeriodSeconds: 0,
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      // Nothing in the Pod looks up a name.
      dnsPolicy: "Default",
      securityContext: POD_SECURITY,
      tolerations: request.tolerations.map(tolerationOf),
      imagePullSecrets: request.imagePullSecrets.map((name) => ({ name })),
      ...(options.priorityClassName !== undefined && {
        priorityClassName: options.priorityClassName,
      }),
      ...pullingSpec(work, options),
    },
  };
}

/** No `blockOwnerDeletion`: deleting a CachedImage waits for nothing. */
function ownersOf({ owners }: PodRequest): readonly UnknownRecord[] {
  return owners
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .slice(0, MAX_OWNERS)
    .map(({ name, uid }) => ({ apiVersion: API_VERSION, kind: "CachedImage", name, uid }));
}

function secondsOf(milliseconds: number): number {
  return Math.min(Math.max(1, Math.ceil(milliseconds / 1_000)), LONGEST_SECONDS);
}

/** Without `tolerationSeconds`, which would have a pull thrown off the node halfway. */
function tolerationOf({ key, operator, value, effect }: Toleration): UnknownRecord {
  return {
    ...(key && { key }),
    ...(operator && { operator }),
    ...(value && { value }),
    ...(effect && { effect }),
  };
}
