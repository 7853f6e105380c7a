import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pushTags } from "../test/support/push.ts";
import type { Registry } from "../test/support/registry.ts";

/** Tags as repositories have them: half of them versions, the others variants, commits and pull requests. */
export function* manyTags(count: number): Generator<string> {
  for (let index = 0; index < count; index++) {
    const numbers = `${index % 7}.${(index * 31) % 97}.${(index * 17) % 1_000}`;
    const kind = index % 10;
    if (kind < 5) yield `v${numbers}-build.${index}`;
    else if (kind < 7) yield `${numbers}-alpine${index}`;
    else if (kind < 9) yield `sha-${Math.imul(index, 2_654_435_761) >>> 0}-${index}`;
    else yield `pr-${index}`;
  }
}

/**
 * Puts an image under this many tags: one through the registry's own API, the others as the links that its file system
 * driver would write for them, since pushing takes it 2 ms each.
 */
export async function fillRepository(
  registry: Registry,
  repository: string,
  count: number,
): Promise<void> {
  const digest = await pushTags(registry, repository, ["pushed"]);
  const manifests = `docker/registry/v2/repositories/${repository}/_manifests`;
  const tags = join(registry.storage, manifests, "tags");
  for (const tag of manyTags(count - 1)) {
    const current = join(tags, tag, "current");
    mkdirSync(current, { recursive: true });
    writeFileSync(join(current, "link"), digest);
  }
}
