import type { Evidence, Repository } from "./evidence.ts";

/** What a name in a node's list of images means to Drop. */
export interface NameMeaning {
  /** The wanted reference that it is. */
  readonly evidence: Evidence | undefined;
  /** The repository of wanted references that it names a digest in. */
  readonly repository: Repository | undefined;
  readonly digest: string;
}

/** Names that were looked up before, since thousands of nodes report the same ones. */
export interface NameIndex {
  /** How many lists were read so far. */
  readings: number;
  /** Other references are wanted than the meanings know of. */
  isStale: boolean;
  readonly meanings: Map<string, NameMeaning>;
  readonly repositories: Map<string, Repository>;
}

const MAX_MEANINGS = 50_000;
const NOTHING: NameMeaning = { evidence: undefined, repository: undefined, digest: "" };

export function createNameIndex(): NameIndex {
  return { readings: 0, isStale: false, meanings: new Map(), repositories: new Map() };
}

/** The repository of a reference, the same object for all its references. */
export function repositoryOf({ repositories }: NameIndex, reference: string): Repository {
  const name = repositoryName(reference);
  const known = repositories.get(name);
  if (known !== undefined) return known;
  const created = { reading: 0, digest: "", digestCount: 0 };
  repositories.set(name, created);
  return created;
}

/** The wanted references are others than before. */
export function forgetMeanings(index: NameIndex, wanted: Iterable<string>): void {
  index.isStale = false;
  index.meanings.clear();
  const names = new Set([...wanted].map(repositoryName));
  for (const name of index.repositories.keys()) {
    if (!names.has(name)) index.repositories.delete(name);
  }
}

/** What a name means, given what is wanted, by reference. */
export function meaningOf(
  { meanings, repositories }: NameIndex,
  wanted: ReadonlyMap<string, Evidence>,
  name: string,
): NameMeaning {
  const known = meanings.get(name);
  if (known !== undefined) return known;
  if (meanings.size >= MAX_MEANINGS) meanings.clear();
  const evidence = wanted.get(name);
  const at = name.indexOf("@");
  const repository = at < 0 ? undefined : repositories.get(name.slice(0, at));
  const means = evidence !== undefined || repository !== undefined;
  const meaning = means ? { evidence, repository, digest: name.slice(at + 1) } : NOTHING;
  meanings.set(name, meaning);
  return meaning;
}

/** Without tag and digest: a colon before the last slash is a port's. */
function repositoryName(reference: string): string {
  const at = reference.indexOf("@");
  const name = at < 0 ? reference : reference.slice(0, at);
  const colon = name.lastIndexOf(":");
  return colon > name.lastIndexOf("/") ? name.slice(0, colon) : name;
}
