/**
 * The digests of normalised names with a tag, where the list has several digests of the repository. Each entry is the
 * names of one image; one with two digests of a repository, such as an index's and a platform's, tells nothing.
 */
export function digestsIn(entries: readonly (readonly string[])[]): ReadonlyMap<string, string> {
  const pinned = entries.map(pinnedIn);
  const counts = new Map<string, number>();
  for (const [repository, digests] of pinned.flatMap((one) => [...one])) {
    counts.set(repository, (counts.get(repository) ?? 0) + digests.length);
  }
  const found = new Map<string, string>();
  for (const [index, names] of entries.entries()) {
    for (const name of names) {
      const repository = repositoryOfTag(name);
      const [digest, ...others] = pinned[index]?.get(repository) ?? [];
      const isOneOfSeveral = others.length === 0 && (counts.get(repository) ?? 0) > 1;
      if (digest !== undefined && isOneOfSeveral) found.set(name, digest);
    }
  }
  return found;
}

/** The digests that the names of one entry have, by repository. */
function pinnedIn(names: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const digests = new Map<string, string[]>();
  for (const name of names) {
    const at = name.indexOf("@");
    if (at < 0) continue;
    const known = digests.get(name.slice(0, at));
    if (known === undefined) digests.set(name.slice(0, at), [name.slice(at + 1)]);
    else known.push(name.slice(at + 1));
  }
  return digests;
}

/** Empty for a name without a tag, which no repository's is. */
function repositoryOfTag(name: string): string {
  return name.includes("@") ? "" : name.slice(0, Math.max(0, name.lastIndexOf(":")));
}
