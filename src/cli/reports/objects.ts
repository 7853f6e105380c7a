import type { KubeClient } from "../../kube/client.ts";
import { KubeError } from "../../kube/kube-error.ts";
import { listPages } from "../../kube/list-pages.ts";
import type { Selection } from "../../kube/request.ts";
import { dropResource, NODES, PODS } from "../../kube/resource.ts";
import { imageFacts } from "../../reconciler/facts/image.ts";
import { createNamePool } from "../../reconciler/facts/name-pool.ts";
import { nodeFacts } from "../../reconciler/facts/node.ts";
import { podFacts } from "../../reconciler/facts/pod.ts";
import { policyFacts } from "../../reconciler/facts/policy.ts";
import { setFacts } from "../../reconciler/facts/set.ts";
import type { ClusterFacts } from "../../reconciler/model/facts.ts";
import { PULL_POD_SELECTOR } from "../../reconciler/pull-pod/labels.ts";
import type { ReportFlags } from "./flags.ts";

/** What the cluster's objects tell, and in sentences what could not be read of them. */
export interface ReadObjects {
  readonly facts: ClusterFacts;
  readonly unknown: readonly string[];
  readonly knowsPolicies: boolean;
}

/** Objects in one page, as kubectl asks for them. */
const PAGE_SIZE = 500;

/** Reads CachedImages, sets, policies, Nodes and pull Pods; only the CachedImages are a must. */
export async function readObjects(
  client: Pick<KubeClient, "list">,
  { pullNamespace: namespace }: Pick<ReportFlags, "pullNamespace">,
  signal: AbortSignal,
): Promise<ReadObjects> {
  const pool = createNamePool();
  const unknown: string[] = [];
  const read = async <T>(of: Selection, project: (raw: unknown) => T | undefined, lost: string) => {
    try {
      return await listAll(client, { of, project }, signal);
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof KubeError) || !isRefusal(error)) throw error;
      unknown.push(lost);
      return [];
    }
  };
  const pods = { resource: PODS, namespace, labelSelector: PULL_POD_SELECTOR };
  const images = await listImages(client, signal);
  const facts = {
    images: byName(images),
    sets: byName(await read(dropList("CachedImageSet"), setFacts, NO_SETS)),
    policies: byName(await read(dropList("PullPolicy"), policyFacts, NO_POLICIES)),
    nodes: byName(await read({ resource: NODES }, (raw) => nodeFacts(raw, pool), NO_NODES)),
    pods: byName(await read(pods, podFacts, noPods(namespace))),
  };
  return { facts, unknown, knowsPolicies: !unknown.includes(NO_POLICIES) };
}

const NO_SETS = "how CachedImageSets stand: this user may not list them";
const NO_POLICIES = "what PullPolicies allow: this user may not list them";
const NO_NODES = "what each node holds, and which are left out: this user may not list Nodes";

function noPods(namespace: string): string {
  return `which nodes pull right now: this user may not list Pods in ${namespace}`;
}

function dropList(kind: "CachedImage" | "CachedImageSet" | "PullPolicy"): Selection {
  return { resource: dropResource(kind) };
}

async function listImages(client: Pick<KubeClient, "list">, signal: AbortSignal) {
  try {
    const of = dropList("CachedImage");
    return await listAll(client, { of, project: imageFacts }, signal);
  } catch (error) {
    if (!(error instanceof KubeError) || error.reason !== "NotFound") throw error;
    const message = "the cluster does not know CachedImages";
    const fix = "install Drop's CRDs there, with kubectl apply -k crds";
    throw new KubeError("NotFound", { message, fix, cause: error });
  }
}

interface Wanted<T> {
  readonly of: Selection;
  readonly project: (raw: unknown) => T | undefined;
}

async function listAll<T>(
  client: Pick<KubeClient, "list">,
  { of, project }: Wanted<T>,
  signal: AbortSignal,
): Promise<readonly T[]> {
  const found: T[] = [];
  await listPages(
    {
      ...{ client, of, pageSize: PAGE_SIZE },
      onItem(item) {
        const one = project(item);
        if (one !== undefined) found.push(one);
      },
    },
    signal,
  );
  return found;
}

/** A right that is missing, or a namespace or CRD that is not there. */
function isRefusal({ reason }: KubeError): boolean {
  return reason === "Forbidden" || reason === "NotFound";
}

/** A policy without a name is the default one, which no object is. */
function byName<T extends { readonly name: string | undefined }>(
  objects: readonly T[],
): ReadonlyMap<string, T> {
  return new Map(objects.map((object) => [object.name ?? "", object]));
}
