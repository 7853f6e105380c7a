/** Run by itself: the pure core over 5,000 nodes and 200 images; prints what a pass takes, and the memory. */
import { parseArgs } from "node:util";
import { decide, type PodAction } from "../src/reconciler/decide/decide.ts";
import { absorb } from "../src/reconciler/ledger/absorb.ts";
import { assume } from "../src/reconciler/ledger/assume.ts";
import { createLedger, type Ledger } from "../src/reconciler/ledger/ledger.ts";
import type { ClusterFacts, NodeFacts } from "../src/reconciler/model/facts.ts";
import type { DecisionOptions } from "../src/reconciler/model/options.ts";
import { summaryOf } from "../src/reconciler/summary/summary.ts";
import { type BigCluster, bigCluster, endPods } from "./reconciler-cluster.ts";

const { values } = parseArgs({
  options: {
    nodes: { type: "string", default: "5000" },
    images: { type: "string", default: "200" },
  },
});

const OPTIONS: DecisionOptions = {
  ...{ maxImagesPerPod: 10, pullMethod: undefined, nodeStatusMaxImages: 50 },
  evictionBackoffMs: 21_600_000,
};

const WORKING_PASSES = 100;

const lines: string[] = [];
let now = Date.UTC(2026, 0, 1);

/** Time of the processor tells more than the clock where other programs run. */
function timed<T>(what: string, work: () => T): T {
  const began = performance.now();
  const cpuBefore = process.cpuUsage();
  const result = work();
  const { user, system } = process.cpuUsage(cpuBefore);
  const [clockMs, cpuMs] = [performance.now() - began, (user + system) / 1_000].map(shown);
  lines.push(`${what.padEnd(58)} ${clockMs} ms, processor ${cpuMs} ms`);
  return result;
}

function shown(milliseconds: number): string {
  return milliseconds.toFixed(1).padStart(9);
}

function pass(ledger: Ledger, facts: ClusterFacts) {
  const touched = absorb(ledger, facts, OPTIONS, now);
  return { touched, decision: decide(ledger, facts, OPTIONS, now) };
}

function summaries(ledger: Ledger, facts: ClusterFacts, names: Iterable<string>): number {
  let cells = 0;
  for (const name of names) cells += summaryOf(ledger, facts, name, now)?.targeted ?? 0;
  return cells;
}

function memoryLine(what: string): string {
  globalThis.gc?.();
  const { heapUsed, arrayBuffers, rss } = process.memoryUsage();
  const [heap, buffers, all] = [heapUsed, arrayBuffers, rss].map((bytes) =>
    Math.round(bytes / 2 ** 20),
  );
  return `${what.padEnd(40)} heap ${heap} MiB, buffers ${buffers} MiB, resident ${all} MiB`;
}

const memory = [memoryLine("before")];
const cluster: BigCluster = bigCluster({
  nodes: Number(values.nodes),
  images: Number(values.images),
  now,
});
const { facts } = cluster;
memory.push(memoryLine("with the facts"));

const ledger = createLedger();
timed("nothing pulled: first absorb", () => absorb(ledger, facts, OPTIONS, now));
const first = timed("nothing pulled: first decision", () => decide(ledger, facts, OPTIONS, now));
timed("nothing pulled: every summary", () => summaries(ledger, facts, facts.images.keys()));
memory.push(memoryLine("with an empty ledger"));
carryOut(first.actions);
timed(`${WORKING_PASSES} passes at work`, () => {
  for (let times = 0; times < WORKING_PASSES; times++) {
    now += 500;
    carryOut(pass(ledger, facts).decision.actions);
  }
});
timed("a pass with nothing changed", () => pass(ledger, facts));
timed("a pass with every node changed", () => {
  for (const [name, node] of facts.nodes) facts.nodes.set(name, { ...node, images: listOf(node) });
  pass(ledger, facts);
});

const names = [...facts.nodes.keys()].sort();
facts.pods.clear();
for (const [name, image] of facts.images) {
  const { spec } = image;
  if (typeof spec === "string") continue;
  facts.images.set(name, { ...image, status: leftBy(spec.reference, names) });
}
const full = createLedger();
timed("everything pulled: a new leader's first absorb", () => absorb(full, facts, OPTIONS, now));
timed("everything pulled: first decision", () => decide(full, facts, OPTIONS, now));
timed("everything pulled: every summary", () => summaries(full, facts, facts.images.keys()));
timed("everything pulled: a pass with nothing changed", () => pass(full, facts));
timed("everything pulled: a pass with 100 nodes' lists changed", () => {
  for (const name of names.slice(0, 100)) {
    const node = facts.nodes.get(name);
    if (node !== undefined) facts.nodes.set(name, { ...node, images: listOf(node) });
  }
  pass(full, facts);
});
timed("everything pulled: a pass with every status written", () => {
  for (const [name, image] of facts.images) facts.images.set(name, { ...image });
  pass(full, facts);
});
memory.push(memoryLine("with two ledgers, one of them full"));

/** Every new Pod has pulled everything half a second later. */
function carryOut(actions: readonly PodAction[]): void {
  for (const action of actions) {
    if (action.type === "CreatePullPod") assume(ledger, action.request, now);
  }
  endPods(cluster, actions, now);
}

function leftBy(reference: string, cachedNodes: readonly string[]) {
  const at = new Date(now).toISOString();
  const times = { workStartedAt: at, lastPulledAt: at, lastAttemptedAt: at };
  return { observedGeneration: 1, reference, cachedNodes, ...times };
}

process.stdout.write(`${[...lines, ...memory].join("\n")}\n`);

function listOf({ images }: NodeFacts): NodeFacts["images"] {
  return { ...images };
}
