import { policyFor } from "../facts/policy.ts";
import { cellOf, exclusionIn } from "../ledger/cell.ts";
import { holdsOf } from "../ledger/holds.ts";
import type { Ledger } from "../ledger/ledger.ts";
import { lastStarts } from "../ledger/starts.ts";
import type { ClusterFacts, ImageFacts } from "../model/facts.ts";
import { imageStatus } from "../status/image-status.ts";
import { childrenBySet, setStatus } from "../status/set-status.ts";
import { summaryOf } from "../summary/summary.ts";
import type { View } from "./view.ts";

/** What the leader knows. It reads the ledger as it is when asked, and is good until that changes. */
export function ledgerView(ledger: Ledger, facts: ClusterFacts, now: number): View {
  let children: ReturnType<typeof childrenBySet> | undefined;
  const summary = once(({ name }) => {
    const counted = summaryOf(ledger, facts, name, now);
    // No report lists the holders of every image, and they would be kept as long as the view.
    return counted && { ...counted, cachedNodes: [] };
  });
  const statusOf = once((image) => {
    const counted = summary(image);
    if (counted === undefined) return image.status;
    return imageStatus({ image, summary: counted, policy: policyFor(image, facts), now });
  });
  return {
    ...{
      source: "reconciler",
      unknown: [],
      knowsPolicies: true,
      now,
      facts,
      statusOf,
      summaryOf: summary,
    },
    setStatusOf(set) {
      children ??= childrenBySet(facts.images.values());
      const own = (children.get(set.name) ?? []).map((image) => ({
        ...image,
        status: statusOf(image),
      }));
      return setStatus({ set, children: own, now });
    },
    pauseOf: (image) => pauseFor(image, facts),
    cellOf: (reference, node) => cellOf(ledger, reference, node),
    exclusionOf: (image, node) => exclusionIn(ledger, image.name, node.name),
    holds: () => holdsOf(ledger),
    lastStarts: () => lastStarts(ledger),
  };
}

/** By what the image and its policy say. */
export function pauseFor(
  image: ImageFacts,
  facts: Pick<ClusterFacts, "policies">,
): ReturnType<View["pauseOf"]> {
  if (typeof image.spec === "string") return undefined;
  const policy = policyFor(image, facts);
  if (policy === undefined) return "PolicyNotFound";
  return image.spec.isSuspended || policy.isSuspended ? "Suspended" : undefined;
}

/** Counting over all nodes is costly, and several parts of a report ask for the same. */
function once<T>(compute: (image: ImageFacts) => T): (image: ImageFacts) => T {
  const known = new Map<ImageFacts, { readonly value: T }>();
  return (image) => {
    const entry = known.get(image) ?? { value: compute(image) };
    known.set(image, entry);
    return entry.value;
  };
}
