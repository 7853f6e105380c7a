import type { ImageSpecFacts, NodeFacts } from "../../../src/reconciler/model/facts.ts";
import { aSpec } from "./facts.ts";

export const POLICIES = ["one", "two", "wide"] as const;

export type NodeChange = keyof typeof NODE_CHANGES;
export type ImageChange = keyof typeof IMAGE_CHANGES;

/** What may change of a node. */
export const NODE_CHANGES = {
  cordon: (node: NodeFacts) => ({ ...node, isUnschedulable: !node.isUnschedulable }),
  ready: (node: NodeFacts) => ({ ...node, isReady: !node.isReady }),
  disk: (node: NodeFacts) => ({ ...node, hasDiskPressure: !node.hasDiskPressure }),
  label: (node: NodeFacts) => ({ ...node, labels: node.labels["pool"] ? {} : { pool: "x" } }),
  old: (node: NodeFacts) => ({ ...node, kubeletVersion: "v1.30.0" }),
} as const;

/** What may change of an image's spec. */
export const IMAGE_CHANGES = {
  reference: (spec: ImageSpecFacts) => aSpec(bumped(spec.reference), rest(spec)),
  priority: (spec: ImageSpecFacts) => ({ ...spec, priority: spec.priority - 1 }),
  suspend: (spec: ImageSpecFacts) => ({ ...spec, isSuspended: !spec.isSuspended }),
  policy: (spec: ImageSpecFacts) => ({ ...spec, policyName: next(spec.policyName) }),
  pull: (spec: ImageSpecFacts) => ({
    ...spec,
    imagePullPolicy:
      spec.imagePullPolicy === "Always" ? ("IfNotPresent" as const) : ("Always" as const),
  }),
  pool: (spec: ImageSpecFacts) => ({
    ...spec,
    nodeSelector: spec.nodeSelector["pool"] ? {} : { pool: "x" },
  }),
  secrets: (spec: ImageSpecFacts) => ({
    ...spec,
    imagePullSecrets: spec.imagePullSecrets.length > 0 ? [] : ["login"],
  }),
} as const;

function bumped(reference: string): string {
  const [name = "", tag = "0"] = reference.split(":");
  return `${name}:${Number(tag) + 1}`;
}

function rest(spec: ImageSpecFacts): Partial<ImageSpecFacts> {
  const { reference: _old, registryHost: _host, isPinned: _pinned, ...others } = spec;
  return others;
}

function next(policyName: string | undefined): string {
  const at = POLICIES.findIndex((name) => policyName?.startsWith(name));
  return POLICIES[(at + 1) % POLICIES.length] ?? "one";
}
