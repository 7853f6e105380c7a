import { valueAt } from "../../api/record.ts";
import type { SetFacts } from "../model/facts.ts";
import { countIn, isDeleting, itemsIn, textIn } from "./fields.ts";
import { entryReference } from "./reference.ts";
import { setStatusOf } from "./status.ts";

/**
 * What Drop reads of a CachedImageSet; undefined for what has no name or uid. An image that is no reference stands as
 * it was written: no CachedImage will ever have it, and so the set is rightly not Ready.
 */
export function setFacts(raw: unknown): SetFacts | undefined {
  const name = textIn(raw, "metadata", "name");
  const uid = textIn(raw, "metadata", "uid");
  if (name === "" || uid === "") return undefined;
  return {
    name,
    uid,
    generation: countIn(raw, "metadata", "generation") ?? 0,
    isDeleting: isDeleting(raw),
    staticReferences: [...new Set(itemsIn(raw, "spec", "images").map(referenceText))].sort(),
    hasDiscovery: textIn(raw, "spec", "discoveryPolicyRef", "name") !== "",
    isSuspended: valueAt(raw, ["spec", "suspend"]) === true,
    status: setStatusOf(raw),
  };
}

function referenceText(entry: unknown): string {
  const found = entryReference(entry);
  return typeof found === "string" ? found : found.reference;
}
