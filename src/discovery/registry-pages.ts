/** One page of a tag list as it came. */
export interface TagPage {
  readonly tags: readonly string[];
  /** The value of its `Link` header, "" without one. */
  readonly link: string;
}

/** How a list is read. */
export interface TagListOptions {
  /** The first page, without a query. */
  readonly first: URL;
  readonly pageSize: number;
  readonly maxTags: number;
  readonly fetchPage: (url: URL) => Promise<TagPage>;
  readonly onPage: (pages: number, tags: number) => void;
}

/** All tags of a repository, each once, and why these are not all. */
export interface TagList {
  readonly tags: ReadonlySet<string>;
  readonly cut?: "tooMany" | "foreignLink";
}

/**
 * Reads every page, by `Link` where the server sends one and by `last` where full pages come without. A page longer
 * than asked for, or one without a new tag, comes from a server that does not page (Debian's docker-registry 2.8).
 */
export async function listTags(options: TagListOptions): Promise<TagList> {
  const { first, pageSize, maxTags, fetchPage, onPage } = options;
  const tags = new Set<string>();
  let url: URL | "foreign" | undefined = withQuery(first, { n: String(pageSize) });
  for (let pages = 1; url !== undefined; pages++) {
    if (url === "foreign") return { tags, cut: "foreignLink" };
    const page: TagPage = await fetchPage(url);
    const before = tags.size;
    for (const tag of page.tags) {
      if (tags.size >= maxTags && !tags.has(tag)) return { tags, cut: "tooMany" };
      tags.add(tag);
    }
    onPage(pages, tags.size);
    const isWhole = tags.size === before || page.tags.length > pageSize;
    url = isWhole ? undefined : nextPage(url, page, options);
  }
  return { tags };
}

function nextPage(
  url: URL,
  { tags, link }: TagPage,
  { first, pageSize }: Pick<TagListOptions, "first" | "pageSize">,
): URL | "foreign" | undefined {
  const target = nextLink(link);
  if (target !== undefined) return linked(target, url, first);
  const last = tags.at(-1);
  if (tags.length < pageSize || last === undefined) return undefined;
  return withQuery(first, { n: String(pageSize), last });
}

const LINK = /<([^<>]*)>([^<]*)/g;
const NEXT = /;\s*rel\s*=\s*(?:"(?:[^"]*\s)?next(?:\s[^"]*)?"|next(?=[\s;,]|$))/i;

/** The target of `rel="next"` in a `Link` header (RFC 8288), undefined without one. */
export function nextLink(header: string): string | undefined {
  for (const [, target, parameters = ""] of header.matchAll(LINK)) {
    if (NEXT.test(parameters)) return target;
  }
  return undefined;
}

/** Artifactory leaves the prefix of its own path out of links: where both list tags, only the query counts. */
function linked(target: string, from: URL, first: URL): URL | "foreign" | undefined {
  const url = URL.parse(target, from.href);
  if (url === null) return undefined;
  if (url.origin !== first.origin) return "foreign";
  if (!url.pathname.endsWith("/tags/list")) return url;
  const next = new URL(first);
  next.search = url.search;
  return next;
}

function withQuery(url: URL, query: Readonly<Record<string, string>>): URL {
  const next = new URL(url);
  next.search = new URLSearchParams(query).toString();
  return next;
}
