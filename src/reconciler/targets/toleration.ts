import type { Toleration } from "../../api/types.gen.ts";
import type { Taint } from "../model/facts.ts";

/** Whether one of the tolerations covers the taint; decided as `ToleratesTaint` of k8s.io/api/core/v1 does. */
export function isTolerated(taint: Taint, tolerations: readonly Toleration[]): boolean {
  return tolerations.some((toleration) => covers(toleration, taint));
}

function covers(
  { key = "", operator, value = "", effect = "" }: Toleration,
  taint: Taint,
): boolean {
  if (effect !== "" && effect !== taint.effect) return false;
  if (key !== "" && key !== taint.key) return false;
  return operator === "Exists" || value === taint.value;
}
