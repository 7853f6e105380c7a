import type { DiscoveryPolicy } from "./types.gen.ts";

/** How many discovered images a policy keeps: the deprecated alias `topX` is in force while it is set. */
export function effectiveMaxImages({ spec }: DiscoveryPolicy): number {
  return spec.topX ?? spec.maxImages;
}

/** How often a policy's sources are asked, as its author spelt it: the alias `interval` is in force while it is set. */
export function effectiveSyncInterval({ spec }: DiscoveryPolicy): string {
  return spec.interval ?? spec.syncInterval;
}
