import type { DiscoverySource } from "../api/types.gen.ts";

/** Characters of a derived name; the CRD allows 512, the rest is room for a number. */
const MAX_DERIVED_LENGTH = 500;

/**
 * What each source of a policy is called, in the order of `sources`: its own name, else `<type>/<host>`, numbered
 * (`…-2`) where that is taken. Every name is unique as long as the authored ones are.
 */
export function sourceNames(sources: readonly DiscoverySource[]): readonly string[] {
  const taken = new Set(sources.flatMap(({ name }) => (name === undefined ? [] : [name])));
  return sources.map((source) => {
    if (source.name !== undefined) return source.name;
    const name = firstFree(derivedName(source), taken);
    taken.add(name);
    return name;
  });
}

/** The address that a source is asked at, empty when its block is missing. */
export function sourceUrl(source: DiscoverySource): string {
  return (source.type === "prometheus" ? source.prometheus?.endpoint : source.registry?.url) ?? "";
}

/** The parts that a source answers in: one query (named ""), or each repository once, in the order of the policy. */
export function partNames(source: DiscoverySource): readonly string[] {
  if (source.type === "prometheus") return [""];
  return [...new Set(source.registry?.repositories)];
}

function derivedName(source: DiscoverySource): string {
  const host = /^[a-z]+:\/\/([^/]+)/i.exec(sourceUrl(source))?.[1]?.toLowerCase();
  if (host === undefined) return source.type;
  return `${source.type}/${host}`.slice(0, MAX_DERIVED_LENGTH);
}

function firstFree(base: string, taken: ReadonlySet<string>): string {
  let name = base;
  for (let number = 2; taken.has(name); number++) name = `${base}-${number}`;
  return name;
}
