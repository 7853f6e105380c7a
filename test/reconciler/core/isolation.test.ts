import assert from "node:assert/strict";
import { test } from "node:test";
import type { PolicyFacts } from "../../../src/reconciler/model/facts.ts";
import { type Cluster, createCluster, putImage, putNode, putPolicy } from "./cluster.ts";
import { aNode, anImage, aPolicy, aSpec, START } from "./facts.ts";
import { createLeader, runUntil } from "./leader.ts";

const NODES = 12;
const HEALTHY = 15;
const MINUTE = 60_000;

/** What breaks, given the cluster before its first look. */
type Fault = (cluster: Cluster) => void;

function broken(count: number, policyName: string): Fault {
  return (cluster) => {
    for (let n = 0; n < count; n++) {
      const spec = aSpec(`r.example/broken-${n}:1`, { policyName, priority: -1 });
      cluster.faults.missing.add(spec.reference);
      putImage(cluster, anImage(`broken-${n}`, spec));
    }
  };
}

const FAULTS: readonly [what: string, fault: Fault][] = [
  ["one image that does not exist", broken(1, "p")],
  ["five images that do not exist", broken(5, "p")],
  [
    "a registry that is down",
    (cluster) => {
      cluster.faults.registries.add("dead.example");
      for (let n = 0; n < 5; n++) {
        const spec = aSpec(`dead.example/image-${n}:1`, { policyName: "p", priority: -1 });
        putImage(cluster, anImage(`dead-${n}`, spec));
      }
    },
  ],
  ["a node whose kubelet does nothing", (cluster) => void cluster.faults.kubelets.add("node-3")],
  ["a node that reaches no registry", (cluster) => void cluster.faults.isolated.add("node-3")],
];

/** When the last healthy image was on the last healthy node, in milliseconds since the start. */
function lastArrival(policy: PolicyFacts, fault: Fault | undefined): number {
  const cluster = createCluster(7);
  putPolicy(cluster, policy);
  for (let n = 0; n < NODES; n++) putNode(cluster, aNode(`node-${n}`));
  for (let n = 0; n < HEALTHY; n++) {
    putImage(cluster, anImage(`image-${n}`, aSpec(`r.example/image-${n}:1`, { policyName: "p" })));
  }
  fault?.(cluster);
  const leader = createLeader(cluster);
  let last = 0;
  runUntil(leader, START + 60 * MINUTE);
  for (let node = 0; node < NODES; node++) {
    if (fault !== undefined && node === 3) continue;
    for (let image = 0; image < HEALTHY; image++) {
      const at = cluster.arrivals.get(`r.example/image-${image}:1 node-${node}`);
      assert.ok(at !== undefined, `image-${image} never came onto node-${node}`);
      last = Math.max(last, at - START);
    }
  }
  return last;
}

test("no broken image, registry or node delays the others by more than its own first tries", () => {
  for (const maxConcurrentNodes of [2, 4]) {
    const policy = aPolicy("p", { maxConcurrentNodes, minDelayMs: 1_000 });
    const without = lastArrival(policy, undefined);
    for (const [what, fault] of FAULTS) {
      const longer = lastArrival(policy, fault) - without;
      assert.ok(longer < 75_000, `${what}: ${longer} ms longer than ${without} ms`);
    }
  }
});

test("what is broken under one policy delays nothing under another", () => {
  const policy = aPolicy("p", { maxConcurrentNodes: 2, minDelayMs: 1_000 });
  const fault: Fault = (cluster) => {
    putPolicy(cluster, aPolicy("q", { maxConcurrentNodes: 1, minDelayMs: 1_000 }));
    broken(10, "q")(cluster);
  };
  const longer = lastArrival(policy, fault) - lastArrival(policy, undefined);
  assert.ok(longer < 10_000, `${longer} ms longer`);
});
