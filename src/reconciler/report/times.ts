import { kubernetesTime } from "../../discovery/status.ts";

/** Times of a report, by field, without those that are not known. */
export function timesOf<K extends string>(
  times: { readonly [F in K]?: number | undefined },
): { readonly [F in K]?: string } {
  const known: { [F in K]?: string } = {};
  for (const field in times) {
    const at = times[field];
    if (at !== undefined) known[field] = kubernetesTime(at);
  }
  return known;
}
