import { MANAGED_BY_DROP, MANAGED_BY_LABEL, SET_LABEL } from "../../api/labels.ts";
import { own } from "../../api/record.ts";
import { API_VERSION } from "../../api/types.gen.ts";
import { itemsIn, textIn } from "./fields.ts";

const [GROUP = ""] = API_VERSION.split("/");

/** The set that a CachedImage belongs to: its owner's name, else what Drop's labels say; labels of others do not count. */
export function setNameOf(raw: unknown): string | undefined {
  const owner = itemsIn(raw, "metadata", "ownerReferences").find(isSet);
  if (owner !== undefined) return textIn(owner, "name") || undefined;
  const label = (key: string) => textIn(raw, "metadata", "labels", key);
  if (label(MANAGED_BY_LABEL) !== MANAGED_BY_DROP) return undefined;
  return label(SET_LABEL) || undefined;
}

function isSet(owner: unknown): boolean {
  const [group] = textIn(owner, "apiVersion").split("/");
  return group === GROUP && own(owner, "kind") === "CachedImageSet";
}
