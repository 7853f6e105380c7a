import type { PodWork } from "../model/pod.ts";
import type { Source } from "./evidence.ts";
import { type Ledger, suspicionIn, touch } from "./ledger.ts";
import { clear, type Suspicion } from "./suspicion.ts";

/** A registry answered a node at that time. */
export function clearRegistry(
  ledger: Ledger,
  host: string,
  { slot, at }: { readonly slot: number; readonly at: number },
): void {
  if (clear(suspicionIn(ledger.registries, host), slot, at)) touchRegistry(ledger, host);
}

/** The summaries of all images from there may have changed. */
export function touchRegistry(ledger: Ledger, host: string): void {
  for (const { registryHost, images } of ledger.sources.values()) {
    if (registryHost === host) touch(ledger, images);
  }
}

/** What is suspected of an image and of its registry. */
export function suspicionsOf({ registries }: Ledger, source: Source): readonly Suspicion[] {
  const host = registries.get(source.registryHost);
  const isImage = source.suspicion.failure !== undefined;
  if (host?.failure === undefined) return isImage ? [source.suspicion] : NONE;
  return isImage ? [host, source.suspicion] : [host];
}

const NONE: readonly Suspicion[] = [];

/** Whether a Pod tries again what failed, there or elsewhere. */
export function isRetry(ledger: Ledger, { items }: PodWork): boolean {
  return items.some(({ attempt, images }) => {
    const sources = images.map((name) => ledger.images.get(name)?.source);
    return (
      attempt > 1 || sources.some((source) => source && suspicionsOf(ledger, source).length > 0)
    );
  });
}
