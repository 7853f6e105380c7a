import { HttpError } from "../../runtime/http-error.ts";
import { SourceError } from "../source-error.ts";

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

/** All tags of a repository, and why these are not all. A server may name one twice in one answer. */
export interface TagList {
  readonly tags: readonly string[];
  readonly cut?: "tooMany" | BadLink;
}

/** A `Link` to another origin, or one that leads nowhere or in circles. */
type BadLink = "foreignLink" | "endlessLinks";

/** Pages one after the other that a server may link to although they hold no new tag. */
const MAX_BARREN_PAGES = 10;

/**
 * Reads all tags of a repository: in one answer where the server gives it, which takes distribution 3 as long as a
 * single page of a thousand tags near the end, and else page by page.
 */
export async function listTags(options: TagListOptions): Promise<TagList> {
  const whole = await wholeList(options);
  return whole ?? pagedList(options);
}

/** Lengths at which a server may have cut its answer without a word: defaults for pages are round, and none is larger. */
const PAGE_STEP = 10;
const LARGEST_PAGE = 10_000;

/** What a server answers when it is not told how much; undefined when that is not for certain everything. */
async function wholeList({
  first,
  maxTags,
  ...ports
}: TagListOptions): Promise<TagList | undefined> {
  const page = await ports.fetchPage(first).catch(unlessTooMuch);
  if (page === undefined || nextLink(page.link) !== undefined) return undefined;
  const { length } = page.tags;
  if (length > 0 && length <= LARGEST_PAGE && length % PAGE_STEP === 0) return undefined;
  const tags = length > maxTags ? page.tags.slice(0, maxTags) : page.tags;
  ports.onPage(1, tags.length);
  return length > maxTags ? { tags, cut: "tooMany" } : { tags };
}

const TOO_MUCH: ReadonlySet<string> = new Set(["AnswerTooLarge", "Timeout", "ServerError"]);

/** A list that is too long for one answer may still be had in pages. */
function unlessTooMuch(error: unknown): undefined {
  const isKnown = error instanceof SourceError || error instanceof HttpError;
  if (!isKnown || !TOO_MUCH.has(error.reason)) throw error;
}

/**
 * Reads every page, by `Link` where the server sends one and by `last` where full pages come without. A page longer
 * than asked for, or one without a new tag and without a `Link`, comes from a server that does not page (Debian's
 * docker-registry 2.8). Where links lead in circles nobody knows what is missing, so the list is cut.
 */
async function pagedList(options: TagListOptions): Promise<TagList> {
  const { first, pageSize, maxTags, fetchPage, onPage } = options;
  const tags = new Set<string>();
  let barren = 0;
  let url: URL | BadLink | undefined = withQuery(first, { n: String(pageSize) });
  for (let pages = 1; url !== undefined; pages++) {
    if (typeof url === "string") return { tags: [...tags], cut: url };
    if (barren >= MAX_BARREN_PAGES) return { tags: [...tags], cut: "endlessLinks" };
    const page: TagPage = await fetchPage(url);
    const before = tags.size;
    for (const tag of page.tags) {
      if (tags.size >= maxTags && !tags.has(tag)) return { tags: [...tags], cut: "tooMany" };
      tags.add(tag);
    }
    onPage(pages, tags.size);
    barren = tags.size === before ? barren + 1 : 0;
    url = nextPage({ url, isBarren: barren > 0 }, page, options);
  }
  return { tags: [...tags] };
}

function nextPage(
  { url, isBarren }: { readonly url: URL; readonly isBarren: boolean },
  { tags, link }: TagPage,
  { first, pageSize }: Pick<TagListOptions, "first" | "pageSize">,
): URL | BadLink | undefined {
  const target = nextLink(link);
  if (target !== undefined) return linked(target, url, first);
  const last = tags.at(-1);
  if (isBarren || tags.length !== pageSize || last === undefined) return undefined;
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

/** Artifactory leaves the prefix of its own path out of links, Nexus puts one in: only the query counts then. */
function linked(target: string, from: URL, first: URL): URL | BadLink {
  const url = URL.parse(target, from.href);
  if (url === null) return "endlessLinks";
  // Behind a proxy many servers do not know their own scheme and port, which here are those asked before.
  const isList = url.pathname.endsWith("/tags/list") && url.hostname === first.hostname;
  if (!isList) return url.origin === first.origin ? url : "foreignLink";
  const next = new URL(first);
  next.search = url.search;
  return next;
}

function withQuery(url: URL, query: Readonly<Record<string, string>>): URL {
  const next = new URL(url);
  next.search = new URLSearchParams(query).toString();
  return next;
}
