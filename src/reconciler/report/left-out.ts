import { policyFor } from "../facts/policy.ts";
import type { Exclusion } from "../model/cell.ts";
import type { ClusterFacts, ImageFacts, NodeFacts } from "../model/facts.ts";
import { exclusionOf } from "../targets/exclusion.ts";
import type { LeftOutReport } from "./model.ts";

/** Names that a report tells of each reason. */
const NAMES_TOLD = 10;

/** The nodes that some image would go to but for the node's own state, by the reason. */
export function leftOut(facts: ClusterFacts): readonly LeftOutReport[] {
  const byReason = new Map<Exclusion, Set<string>>();
  const choices = distinctChoices(facts);
  for (const node of facts.nodes.values()) {
    for (const reason of reasonsOf(node, choices, facts)) {
      byReason.set(reason, (byReason.get(reason) ?? new Set()).add(node.name));
    }
  }
  return [...byReason]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([reason, names]) => {
      const nodes = [...names].sort();
      return { reason, count: nodes.length, nodes: nodes.slice(0, NAMES_TOLD) };
    });
}

/** One image for each way of choosing nodes: most images share one with many others. */
function distinctChoices(facts: ClusterFacts): readonly ImageFacts[] {
  const choices = new Map<string, ImageFacts>();
  for (const image of facts.images.values()) {
    const { spec } = image;
    if (typeof spec === "string" || policyFor(image, facts) === undefined) continue;
    const { nodeSelector, tolerations, policyName } = spec;
    const key = JSON.stringify([policyName, Object.entries(nodeSelector).sort(), tolerations]);
    if (!choices.has(key)) choices.set(key, image);
  }
  return [...choices.values()];
}

function reasonsOf(
  node: NodeFacts,
  choices: readonly ImageFacts[],
  facts: ClusterFacts,
): ReadonlySet<Exclusion> {
  const reasons = new Set<Exclusion>();
  for (const image of choices) {
    if (typeof image.spec === "string") continue;
    const reason = exclusionOf(node, image.spec, policyFor(image, facts));
    // That one is the image's choice.
    if (reason !== undefined && reason !== "SelectorMismatch") reasons.add(reason);
  }
  return reasons;
}
