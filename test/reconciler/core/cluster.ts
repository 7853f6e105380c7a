import type {
  ClusterFacts,
  ImageFacts,
  NodeFacts,
  PolicyFacts,
  SetFacts,
} from "../../../src/reconciler/model/facts.ts";
import type { Failure } from "../../../src/reconciler/model/failure.ts";
import type { PodFacts, PodRequest } from "../../../src/reconciler/model/pod.ts";
import { pullPodName } from "../../../src/reconciler/pull-pod/name.ts";
import { randomOf } from "../../support/random.ts";
import { aCutList, aList, START } from "./facts.ts";
import {
  type Faults,
  newPod,
  noFaults,
  pullEnd,
  wholeSecond,
  withEnd,
  withoutTool,
} from "./kubelet.ts";

/** A cluster without a reconciler: an API server, and kubelets that pull one image after the other. */
export interface Cluster {
  now: number;
  /** As the watches show it. */
  readonly facts: ClusterFacts & {
    readonly nodes: Map<string, NodeFacts>;
    readonly images: Map<string, ImageFacts>;
    readonly policies: Map<string, PolicyFacts>;
    readonly sets: Map<string, SetFacts>;
    readonly pods: Map<string, PodFacts>;
  };
  /** As the API server has them. */
  readonly pods: Map<string, PodFacts>;
  readonly faults: Faults;
  /** What is on each node's disk, by the node's uid. */
  readonly disks: Map<string, Set<string>>;
  /** Nodes whose lists of images are cut. */
  readonly cutLists: Set<string>;
  /** When each reference first came onto each node, by `reference node`. */
  readonly arrivals: Map<string, number>;
  readonly events: ClusterEvent[];
  /** Something changed that the reconciler sees. */
  isChanged: boolean;
  random: () => number;
  serial: number;
}

interface ClusterEvent {
  readonly at: number;
  readonly serial: number;
  readonly happen: () => void;
}

export function createCluster(seed = 1): Cluster {
  return {
    now: START,
    facts: {
      ...{ nodes: new Map(), images: new Map(), policies: new Map() },
      ...{ sets: new Map(), pods: new Map() },
    },
    ...{ pods: new Map(), faults: noFaults(), disks: new Map(), cutLists: new Set() },
    ...{ arrivals: new Map(), events: [], isChanged: true, random: randomOf(seed), serial: 0 },
  };
}

export function later(cluster: Cluster, afterMs: number, happen: () => void): void {
  const at = cluster.now + Math.max(1, Math.round(afterMs));
  cluster.events.push({ at, serial: ++cluster.serial, happen });
  cluster.events.sort((a, b) => b.at - a.at || b.serial - a.serial);
}

/** Lets everything happen that is due by now. */
export function happen(cluster: Cluster): void {
  for (;;) {
    const next = cluster.events.at(-1);
    if (next === undefined || next.at > cluster.now) return;
    cluster.events.pop();
    next.happen();
  }
}

export function putNode(cluster: Cluster, node: NodeFacts): void {
  cluster.facts.nodes.set(node.name, node);
  if (!cluster.disks.has(node.uid)) cluster.disks.set(node.uid, new Set());
  cluster.isChanged = true;
}

export function putImage(cluster: Cluster, image: ImageFacts): void {
  cluster.facts.images.set(image.name, image);
  cluster.isChanged = true;
}

export function putPolicy(cluster: Cluster, policy: PolicyFacts): void {
  cluster.facts.policies.set(policy.name ?? "", policy);
  cluster.isChanged = true;
}

/** Kubelet reports its images; a report that says nothing new wakes nobody. */
export function reportImages(cluster: Cluster, uid: string): void {
  const node = [...cluster.facts.nodes.values()].find((each) => each.uid === uid);
  const held = [...(cluster.disks.get(uid) ?? [])];
  if (node === undefined) return;
  const images = cluster.cutLists.has(node.name) ? aCutList(...held) : aList(...held, "other/x:1");
  if (JSON.stringify(images) !== JSON.stringify(node.images)) putNode(cluster, { ...node, images });
}

/** What the API server answers to the creation of a pull Pod; undefined: it took it. */
export function createPod(
  cluster: Cluster,
  { work }: PodRequest,
): Failure | "AlreadyExists" | undefined {
  const name = pullPodName(work.nodeUid);
  const { refused } = cluster.faults;
  if (refused.has("quota")) {
    return { reason: "QuotaExceeded", scope: "namespace", message: "exceeded quota" };
  }
  const isRefused =
    refused.has(work.method) || work.items.some((one) => refused.has(one.reference));
  if (isRefused) return { reason: "PodRejected", scope: "pod", message: "denied by a webhook" };
  if (cluster.pods.has(name)) return "AlreadyExists";
  const uid = `pod-${++cluster.serial}`;
  const createdAt = wholeSecond(cluster.now);
  show(cluster, newPod({ name, uid, nodeName: work.nodeName, createdAt, work }));
  later(cluster, 200 + cluster.random() * 400, () => takeUp(cluster, name, uid));
  return undefined;
}

export function deletePod(cluster: Cluster, name: string, uid: string): void {
  if (cluster.pods.get(name)?.uid !== uid) return;
  cluster.pods.delete(name);
  const watched = () => {
    if (cluster.facts.pods.get(name)?.uid === uid) cluster.facts.pods.delete(name);
    cluster.isChanged = true;
  };
  later(cluster, 5 + cluster.random() * 40, watched);
}

/** The watch is a little late, and never shows an old state after a new one. */
function show(cluster: Cluster, pod: PodFacts): void {
  cluster.pods.set(pod.name, pod);
  later(cluster, 5 + cluster.random() * 40, () => {
    const current = cluster.pods.get(pod.name);
    if (current?.uid !== pod.uid) return;
    cluster.facts.pods.set(pod.name, current);
    cluster.isChanged = true;
  });
}

/** The node of a Pod, while both are there and its kubelet works. */
function siteOf(cluster: Cluster, name: string, uid: string) {
  const pod = cluster.pods.get(name);
  const node = pod?.uid === uid ? cluster.facts.nodes.get(pod.nodeName) : undefined;
  if (pod?.work === undefined || node?.uid !== pod.work.nodeUid) return undefined;
  return cluster.faults.kubelets.has(node.name) ? undefined : { pod, node, work: pod.work };
}

function takeUp(cluster: Cluster, name: string, uid: string): void {
  const site = siteOf(cluster, name, uid);
  if (site === undefined) return;
  const pod = { ...site.pod, startedAt: wholeSecond(cluster.now) };
  if (cluster.faults.tools.has(site.work.method)) show(cluster, withoutTool(pod));
  else {
    show(cluster, pod);
    pull(cluster, { name, uid, index: 0 });
  }
}

interface PullStep {
  readonly name: string;
  readonly uid: string;
  readonly index: number;
}

function pull(cluster: Cluster, step: PullStep): void {
  const { name, uid, index } = step;
  const site = siteOf(cluster, name, uid);
  const item = site?.work.items[index];
  if (site === undefined || item === undefined) return;
  const { node } = site;
  const disk = cluster.disks.get(node.uid) ?? new Set();
  const { faults } = cluster;
  const isHeld = (reference: string) => disk.has(reference);
  const end = pullEnd(item, {
    ...{ node: node.name, architecture: node.architecture },
    faults,
    isHeld,
  });
  if (end === undefined) return;
  later(cluster, end.afterMs * (0.8 + cluster.random() * 0.4), () => {
    const now = siteOf(cluster, name, uid);
    if (now === undefined) return;
    show(cluster, withEnd(now.pod, item, end, cluster.now));
    if (end.state.exitCode === 0) arrive(cluster, node, item.reference);
    pull(cluster, { ...step, index: index + 1 });
  });
}

function arrive(cluster: Cluster, { uid, name }: NodeFacts, reference: string): void {
  cluster.disks.get(uid)?.add(reference);
  const key = `${reference} ${name}`;
  if (!cluster.arrivals.has(key)) cluster.arrivals.set(key, cluster.now);
  later(cluster, 1_000 + cluster.random() * 35_000, () => reportImages(cluster, uid));
}
