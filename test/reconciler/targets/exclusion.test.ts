import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Toleration } from "../../../src/api/types.gen.ts";
import type { Exclusion } from "../../../src/reconciler/model/cell.ts";
import type { NodeFacts, Taint } from "../../../src/reconciler/model/facts.ts";
import { exclusionOf } from "../../../src/reconciler/targets/exclusion.ts";
import { aNode, aPolicy, aSpec } from "../core/facts.ts";

const EVERYTHING: readonly Toleration[] = [{ operator: "Exists" }];
const SPEC = aSpec("r.example/web:1");

function taint(key: string, effect = "NoSchedule", value = ""): Taint {
  return { key, value, effect };
}

function tainted(...taints: readonly Taint[]): Partial<NodeFacts> {
  return { taints };
}

/** The same whatever is tolerated. */
const NEVER: readonly [node: Partial<NodeFacts>, exclusion: Exclusion][] = [
  [{ operatingSystem: "windows" }, "Windows"],
  [{ labels: { type: "virtual-kubelet" } }, "VirtualKubelet"],
  [{ kubeletVersion: "v1.25.0-vk-azure-aci-1.6.2" }, "VirtualKubelet"],
  [{ labels: { "eks.amazonaws.com/compute-type": "fargate" } }, "VirtualKubelet"],
  [tainted(taint("virtual-kubelet.io/provider", "NoSchedule", "azure")), "VirtualKubelet"],
  [{ containerRuntime: "" }, "NoContainerRuntime"],
  [{ hasDiskPressure: true }, "DiskPressure"],
  [tainted(taint("node.kubernetes.io/disk-pressure")), "DiskPressure"],
  [{ isDeleting: true }, "Deleting"],
  [tainted(taint("karpenter.sh/disrupted")), "Disrupted"],
  [tainted(taint("ToBeDeletedByClusterAutoscaler", "NoSchedule", "1790000000")), "ScaleDown"],
];

test("some nodes are never used, even where everything is tolerated", () => {
  for (const [over, exclusion] of NEVER) {
    const spec = { ...SPEC, tolerations: EVERYTHING };
    assert.equal(exclusionOf(aNode("a", over), spec, undefined), exclusion, JSON.stringify(over));
  }
});

const UNLESS_TOLERATED: readonly [node: Partial<NodeFacts>, exclusion: Exclusion, key: string][] = [
  [{ isReady: false }, "NotReady", "node.kubernetes.io/not-ready"],
  [
    { isReady: false, ...tainted(taint("node.kubernetes.io/unreachable")) },
    "NotReady",
    "node.kubernetes.io/unreachable",
  ],
  [tainted(taint("node.kubernetes.io/not-ready")), "NotReady", "node.kubernetes.io/not-ready"],
  [{ isUnschedulable: true }, "Cordoned", "node.kubernetes.io/unschedulable"],
  [
    tainted(taint("node.kubernetes.io/unschedulable")),
    "Cordoned",
    "node.kubernetes.io/unschedulable",
  ],
  [tainted(taint("dedicated", "NoSchedule", "builds")), "Tainted", "dedicated"],
  [tainted(taint("dedicated", "NoExecute", "builds")), "Tainted", "dedicated"],
];

test("others are used where the image or its policy tolerates what is the matter with them", () => {
  for (const [over, exclusion, key] of UNLESS_TOLERATED) {
    const node = aNode("a", over);
    const tolerations: readonly Toleration[] = [{ key, operator: "Exists" }];
    assert.equal(exclusionOf(node, SPEC, undefined), exclusion, JSON.stringify(over));
    assert.equal(exclusionOf(node, { ...SPEC, tolerations }, undefined), undefined, key);
    assert.equal(exclusionOf(node, SPEC, aPolicy("p", { tolerations })), undefined, key);
  }
});

test("the tolerations of image and policy add up", () => {
  const node = aNode("a", tainted(taint("one"), taint("two")));
  const one: readonly Toleration[] = [{ key: "one", operator: "Exists" }];
  const two: readonly Toleration[] = [{ key: "two", operator: "Exists" }];
  assert.equal(exclusionOf(node, { ...SPEC, tolerations: one }, undefined), "Tainted");
  const policy = aPolicy("p", { tolerations: two });
  assert.equal(exclusionOf(node, { ...SPEC, tolerations: one }, policy), undefined);
});

test("a taint that only asks to stay away keeps nothing away", () => {
  assert.equal(
    exclusionOf(aNode("a", tainted(taint("x", "PreferNoSchedule"))), SPEC, undefined),
    undefined,
  );
});

const SELECTED: readonly [
  image: Record<string, string>,
  policy: Record<string, string>,
  target: boolean,
][] = [
  [{}, {}, true],
  [{ pool: "a" }, {}, true],
  [{}, { pool: "a" }, true],
  [{ pool: "a" }, { zone: "1" }, true],
  [{ pool: "a" }, { pool: "b" }, false],
  [{ pool: "" }, {}, false],
  [{ missing: "" }, {}, false],
  [{ constructor: "x" }, {}, false],
];

test("a node must carry the labels that the image asks for and those that its policy asks for", () => {
  const node = aNode("a", { labels: { pool: "a", zone: "1" } });
  for (const [nodeSelector, ofPolicy, target] of SELECTED) {
    const policy = aPolicy("p", { nodeSelector: ofPolicy });
    const exclusion = exclusionOf(node, { ...SPEC, nodeSelector }, policy);
    assert.equal(exclusion, target ? undefined : "SelectorMismatch", JSON.stringify(nodeSelector));
  }
});

test("with more tolerations no node is lost", () => {
  const keys = fc.constantFrom("a", "b", "node.kubernetes.io/not-ready");
  const effects = fc.constantFrom("NoSchedule", "NoExecute", "PreferNoSchedule");
  const taints = fc.array(
    fc.record({ key: keys, value: fc.constantFrom("", "x"), effect: effects }),
  );
  const tolerations = fc.array(
    fc.record({ key: keys, operator: fc.constantFrom("Exists" as const, "Equal" as const) }),
  );
  fc.assert(
    fc.property(taints, fc.boolean(), tolerations, tolerations, (own, isReady, few, more) => {
      const node = aNode("a", { taints: own, isReady });
      if (exclusionOf(node, { ...SPEC, tolerations: few }, undefined) !== undefined) return;
      const all = { ...SPEC, tolerations: [...more, ...few] };
      assert.equal(exclusionOf(node, all, undefined), undefined);
    }),
  );
});
