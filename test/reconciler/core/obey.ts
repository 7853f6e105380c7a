import type {
  ImageSpecFacts,
  NodeFacts,
  PolicyFacts,
} from "../../../src/reconciler/model/facts.ts";
import { type Cluster, deletePod, putImage, putNode, putPolicy, reportImages } from "./cluster.ts";
import { IMAGE_CHANGES, type ImageChange, NODE_CHANGES, POLICIES } from "./edits.ts";
import { aNode, anImage, aPolicy, aSpec } from "./facts.ts";
import type { Command } from "./history.ts";
import type { Faults } from "./kubelet.ts";
import { wholeSecond } from "./kubelet.ts";
import { type Leader, restart, runUntil } from "./leader.ts";

const HOSTS = ["a.example", "b.example", "c.example"] as const;
const NODE_COUNT = 7;
const IMAGE_COUNT = 9;
const DELAYS = [20_000, 0, 5_000] as const;

/** Seven nodes, nine images of three registries under three policies. */
export function populate(cluster: Cluster): void {
  for (const n of POLICIES.keys()) putPolicy(cluster, policyAt(n));
  for (let n = 0; n < NODE_COUNT; n++) {
    const architecture = n % 3 === 0 ? "arm64" : "amd64";
    putNode(cluster, aNode(`node-${n}`, { architecture }));
    if (n === 5) cluster.cutLists.add("node-5");
  }
  for (let n = 0; n < IMAGE_COUNT; n++) putImage(cluster, imageAt(n));
}

function policyAt(n: number): PolicyFacts {
  const name = POLICIES[n] ?? "";
  return aPolicy(name, {
    ...{ minDelayMs: DELAYS[n] ?? 0, maxConcurrentNodes: name === "wide" ? 3 : 1 },
    ...{ repullIntervalMs: name === "wide" ? 3_600_000 : undefined, pullTimeoutMs: 120_000 },
  });
}

function imageAt(n: number) {
  const policyName = POLICIES[n % 3];
  // Two of them want the same.
  const reference = n === 8 ? `${HOSTS[0]}/image-0:1` : `${HOSTS[n % 2]}/image-${n}:1`;
  const imagePullPolicy = n === 4 ? ("IfNotPresent" as const) : ("Always" as const);
  return anImage(`image-${n}`, aSpec(reference, { policyName, imagePullPolicy }));
}

/** Lets a command happen. */
export function obey(leader: Leader, command: Command): void {
  const { cluster } = leader;
  const { nodes, images, policies } = cluster.facts;
  switch (command.do) {
    case "wait":
      runUntil(leader, cluster.now + command.ms);
      return;
    case "restart":
      restart(leader);
      return;
    case "join":
      join(cluster, `node-${command.n % (NODE_COUNT + 3)}`);
      return;
    case "leave":
      leave(cluster, pick(nodes, command.n)?.name);
      return;
    case "replace":
      replace(cluster, pick(nodes, command.n)?.name);
      return;
    case "delete pod": {
      const pod = pick(cluster.pods, command.n);
      if (pod !== undefined) deletePod(cluster, pod.name, pod.uid);
      return;
    }
    case "evict":
      evictFrom(cluster, pick(nodes, command.n));
      return;
    case "node": {
      const node = pick(nodes, command.n);
      if (node !== undefined) putNode(cluster, NODE_CHANGES[command.change](node));
      return;
    }
    case "image":
      editImage(cluster, command.n, command.change);
      return;
    case "drop image": {
      const name = `image-${command.n % IMAGE_COUNT}`;
      if (images.delete(name)) cluster.isChanged = true;
      else
        putImage(cluster, { ...imageAt(command.n % IMAGE_COUNT), uid: `uid-${++cluster.serial}` });
      return;
    }
    case "drop policy":
      policies.delete(POLICIES[command.n % 3] ?? "");
      cluster.isChanged = true;
      return;
    case "policy": {
      const name = POLICIES[command.n % 3] ?? "";
      const before = policies.get(name) ?? policyAt(command.n % 3);
      // One node at a time and its delay stay as they are: any two starts are judged by them.
      const isWide = name === "wide";
      const nodesAtOnce = isWide ? command.nodes : 1;
      const delayMs = DELAYS[isWide ? command.delay : command.n % 3] ?? 0;
      const minDelayMs = isWide ? Math.max(before.minDelayMs, delayMs) : before.minDelayMs;
      const backoffMaxMs = before.backoffMaxMs + delayMs;
      putPolicy(cluster, { ...before, maxConcurrentNodes: nodesAtOnce, minDelayMs, backoffMaxMs });
      return;
    }
    case "fault":
      toggleFault(cluster, command.fault, command.n);
  }
}

function pick<V>(map: ReadonlyMap<string, V>, n: number): V | undefined {
  const keys = [...map.keys()].sort();
  const key = keys[n % Math.max(1, keys.length)];
  return key === undefined ? undefined : map.get(key);
}

function join(cluster: Cluster, name: string): void {
  if (cluster.facts.nodes.has(name)) return;
  const uid = `uid-${++cluster.serial}`;
  putNode(cluster, aNode(name, { uid, createdAt: wholeSecond(cluster.now) }));
}

function leave(cluster: Cluster, name: string | undefined): void {
  if (name === undefined || cluster.facts.nodes.size < 3) return;
  cluster.facts.nodes.delete(name);
  cluster.isChanged = true;
}

function replace(cluster: Cluster, name: string | undefined): void {
  if (name === undefined) return;
  cluster.facts.nodes.delete(name);
  join(cluster, name);
}

function evictFrom(cluster: Cluster, node: NodeFacts | undefined): void {
  if (node === undefined) return;
  const disk = cluster.disks.get(node.uid) ?? new Set();
  for (const reference of [...disk].slice(0, 1 + (cluster.serial % 4))) disk.delete(reference);
  reportImages(cluster, node.uid);
}

function editImage(cluster: Cluster, n: number, change: ImageChange): void {
  const image = pick(cluster.facts.images, n);
  if (image === undefined || typeof image.spec === "string") return;
  const spec: ImageSpecFacts = IMAGE_CHANGES[change](image.spec);
  putImage(cluster, { ...image, generation: image.generation + 1, spec });
}

function toggleFault(cluster: Cluster, fault: keyof Faults, n: number): void {
  const set = cluster.faults[fault];
  const subject = subjectOf(cluster, fault, n);
  if (subject === undefined) return;
  if (!set.delete(subject)) set.add(subject);
}

function subjectOf(cluster: Cluster, fault: keyof Faults, n: number): string | undefined {
  const image = pick(cluster.facts.images, n)?.spec;
  const reference = image === undefined || typeof image === "string" ? undefined : image.reference;
  switch (fault) {
    case "registries":
      return HOSTS[n % HOSTS.length];
    case "kubelets":
    case "isolated":
      return pick(cluster.facts.nodes, n)?.name;
    case "tools":
      return n % 2 === 0 ? "image-volume" : "helper";
    case "refused":
      return ["quota", "image-volume", "helper", reference][n % 4];
    default:
      return reference;
  }
}

/** Everything works again, and everybody may pull; nothing is pulled again without need. */
export function heal(cluster: Cluster): void {
  for (const fault of Object.values(cluster.faults)) fault.clear();
  for (const [n, name] of POLICIES.entries()) {
    const policy = cluster.facts.policies.get(name) ?? policyAt(n);
    putPolicy(cluster, { ...policy, repullIntervalMs: undefined });
  }
  for (const image of [...cluster.facts.images.values()]) {
    if (typeof image.spec === "string") continue;
    // A new generation, since nothing else says that an architecture exists by now.
    const spec = { ...image.spec, isSuspended: false };
    putImage(cluster, { ...image, generation: image.generation + 1, spec });
  }
}
