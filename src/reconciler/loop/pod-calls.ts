import type { KubeClient } from "../../kube/client.ts";
import { KubeError } from "../../kube/kube-error.ts";
import { PODS } from "../../kube/resource.ts";
import type { Clock } from "../../runtime/http-clock.ts";
import type { Logger } from "../../runtime/logger.ts";
import type { PodAction } from "../decide/decide.ts";
import { classifyRefusal } from "../failure/refusal.ts";
import type { ClusterFacts } from "../model/facts.ts";
import type { Failure } from "../model/failure.ts";
import type { PodOptions } from "../model/options.ts";
import type { PodFacts, PodRequest } from "../model/pod.ts";
import { pullPodManifest } from "../pull-pod/manifest.ts";
import { pullPodName } from "../pull-pod/name.ts";
import { readPod } from "../pull-pod/reading.ts";
import type { Measures } from "./measures.ts";

type Deletion = Extract<PodAction, { readonly type: "DeletePullPod" }>;

/** Creates and deletes pull Pods. */
export interface PodCalls {
  /** Begins with each action that is not under way already, and waits for none. */
  start(actions: readonly PodAction[]): void;
  /** Every call has ended. */
  settled(): Promise<void>;
}

export interface PodCallOptions {
  readonly facts: ClusterFacts;
  readonly client: Pick<KubeClient, "create" | "delete">;
  readonly pods: PodOptions;
  readonly clock: Pick<Clock, "now">;
  readonly log: Logger;
  readonly measures: Pick<Measures, "pullEnded">;
  /** A Pod is about to be created: it counts from here on. */
  readonly assume: (request: PodRequest) => void;
  /** The API server took it. */
  readonly created: (request: PodRequest) => void;
  /** It was not created after all. */
  readonly refused: (request: PodRequest, failure: Failure) => void;
  /** The Pod of this uid is gone, or on its way. */
  readonly gone: (podUid: string) => void;
  /** A Pod that should go is still there: decide again after a while. */
  readonly stuck: () => void;
  readonly signal: AbortSignal;
}

/** Each action is one call to the API server, told apart from others by the Pod's name or uid. */
export function createPodCalls(options: PodCallOptions): PodCalls {
  const running = new Set<Promise<void>>();
  /** Uids of Pods whose deletion is under way. */
  const leaving = new Set<string>();
  function track(call: Promise<void>): void {
    running.add(call);
    call.finally(() => running.delete(call));
  }
  return {
    start(actions) {
      for (const action of actions) {
        if (action.type === "CreatePullPod") track(create(options, action.request));
        else if (!leaving.has(action.uid)) {
          leaving.add(action.uid);
          track(remove(options, action).finally(() => leaving.delete(action.uid)));
        }
      }
    },
    settled: async () => void (await Promise.all(running)),
  };
}

async function create(options: PodCallOptions, request: PodRequest): Promise<void> {
  const { client, pods, signal, log, assume, created, refused } = options;
  const { nodeName, nodeUid, items } = request.work;
  assume(request);
  const within = { resource: PODS, namespace: pods.namespace };
  try {
    await client.create(pullPodManifest(request, pods), within, { signal });
    created(request);
    const images = items.map(({ reference }) => reference);
    log.info({ node: nodeName, pod: pullPodName(nodeUid), images }, "pulling");
  } catch (error) {
    if (signal.aborted) return;
    const failure = refusalOf(error);
    log.warn({ node: nodeName, error, reason: failure?.reason }, "a pull Pod was not created");
    if (failure !== undefined) refused(request, failure);
  }
}

/** Undefined where the Pod may be there all the same: the watch will tell, or the assumption ends. */
function refusalOf(error: unknown): Failure | undefined {
  if (!(error instanceof KubeError)) throw error;
  const { answer, reason } = error;
  const isDecided = answer !== undefined && answer.code < 500 && answer.code !== 429;
  if (!isDecided || reason === "AlreadyExists") return undefined;
  return classifyRefusal({ status: answer.code, reason: answer.reason, message: answer.message });
}

async function remove(options: PodCallOptions, { name, uid, why }: Deletion): Promise<void> {
  const { client, pods, facts, signal, log, gone, stuck } = options;
  const pod = facts.pods.get(name);
  const ref = { resource: PODS, namespace: pods.namespace, name };
  try {
    await client.delete(ref, { uid, gracePeriodSeconds: 0 }, { signal });
    log.debug({ pod: name, node: pod?.nodeName, why }, "a pull Pod was deleted");
    if (pod?.uid === uid) measure(options, pod);
    gone(uid);
  } catch (error) {
    if (signal.aborted) return;
    if (isOther(error)) return gone(uid);
    log.warn({ pod: name, error }, "a pull Pod was not deleted");
    stuck();
  }
}

/** The one of that uid is gone, and another has its name. */
function isOther(error: unknown): boolean {
  return error instanceof KubeError && error.reason === "Conflict";
}

function measure({ measures, clock }: PodCallOptions, pod: PodFacts): void {
  const { outcomes } = readPod(pod);
  measures.pullEnded({
    seconds: Math.max(0, clock.now() - pod.createdAt) / 1_000,
    pulled: outcomes.filter(({ type }) => type === "pulled").length,
    failed: outcomes.flatMap((one) => (one.type === "failed" ? [one.failure.reason] : [])),
  });
}
