import { printable } from "../api/printable.ts";
import { own } from "../api/record.ts";
import type { RegistrySource } from "../api/types.gen.ts";
import { addressText, type HttpAnswer, parseJson } from "../runtime/http-answer.ts";
import { mapBounded } from "./bounded.ts";
import type { SourceFailure, SourcePart } from "./outcome.ts";
import { createRegistrySession, type RegistrySession } from "./registry/auth.ts";
import { type TagCandidates, tagRanker } from "./registry/candidates.ts";
import { listTags, type TagList, type TagPage } from "./registry/pages.ts";
import { type RegistryAddress, registryAddress, tagListUrl } from "./registry/url.ts";
import type { SourceAnswer, SourceContext } from "./source-context.ts";
import { failureOf, SourceError, statusError } from "./source-error.ts";

/** Tags asked for at once; ECR and distribution 3 refuse more. */
const PAGE_SIZE = 1000;

/** Tags of one repository beyond which its list is partial. */
const MAX_TAGS = 1_000_000;

const REPOSITORIES_AT_ONCE = 4;

/** Lists the tags of each repository of an OCI registry, newest version first; each repository fails on its own. */
export async function askRegistry(
  source: RegistrySource,
  context: SourceContext,
  maxTags = MAX_TAGS,
): Promise<SourceAnswer> {
  const address = registryAddress(source.url);
  const session = createRegistrySession({ ...context, registry: address.api });
  const rankTags = tagRanker(source, address.host);
  const repositories = [...new Set(source.repositories)];
  const answers = await mapBounded(repositories, REPOSITORIES_AT_ONCE, async (repository) => {
    try {
      const list = await readTags({ repository, address, session, context, maxTags });
      const ranked = rankTags(repository, list.tags);
      return { part: toPart(repository, list, ranked), unusable: ranked.unusable };
    } catch (error) {
      return { part: failedPart(repository, failureOf(error, context)), unusable: 0 };
    }
  });
  const unusable = answers.reduce((sum, answer) => sum + answer.unusable, 0);
  const notes = unusable === 0 ? [] : [`${tagCount(unusable)} made no image reference`];
  return { parts: answers.map(({ part }) => part), notes };
}

interface Reading {
  readonly repository: string;
  readonly address: RegistryAddress;
  readonly session: RegistrySession;
  readonly context: SourceContext;
  readonly maxTags: number;
}

function readTags({ repository, address, session, context, maxTags }: Reading): Promise<TagList> {
  return listTags({
    first: tagListUrl(address, repository),
    pageSize: PAGE_SIZE,
    maxTags,
    fetchPage: async (url) => readPage(await session.get(url, repository), repository),
    onPage: (pages, tags) => context.onProgress({ part: repository, pages, tags }),
  });
}

function readPage(answer: HttpAnswer, repository: string): TagPage {
  if (answer.status !== 200) throw pageError(answer, repository);
  const tags = own(parseJson(answer), "tags");
  const link = answer.headers.get("link") ?? "";
  // Go writes an empty list as null.
  if (tags === null) return { tags: [], link };
  if (isTextList(tags)) return { tags, link };
  if (Array.isArray(tags)) return { tags: tags.filter(isText), link };
  throw new SourceError({
    reason: "InvalidAnswer",
    message: `${addressText(answer.url)} answered without a list of tags`,
    fix: "check that the url is a registry's",
  });
}

function pageError(answer: HttpAnswer, repository: string): SourceError {
  const { message, reason } = statusError(answer);
  const name = printable(repository);
  if (answer.status === 404) {
    const text = `the registry has no repository ${name}`;
    return new SourceError({ reason, message: text, fix: "check its spelling and the url" });
  }
  if (answer.status !== 401 && answer.status !== 403) return statusError(answer);
  const fix =
    "give secretRef a login that may pull it, and check its spelling: many registries hide missing repositories like this";
  return new SourceError({ reason, message, fix });
}

function toPart(name: string, { cut, tags }: TagList, { candidates }: TagCandidates): SourcePart {
  if (cut === undefined) return { state: "complete", name, candidates };
  return { state: "partial", name, candidates, failure: cutFailure(cut, tagCount(tags.length)) };
}

function cutFailure(cut: NonNullable<TagList["cut"]>, count: string): SourceFailure {
  if (cut === "tooMany") {
    const message = `the repository has more than ${count}; the rest was not read`;
    const fix = "split the repository, or remove old tags from it";
    return { reason: "Truncated", message, fix };
  }
  const where =
    cut === "foreignLink"
      ? "the registry names a next page at another host, which is not asked"
      : "the registry's links to further pages lead nowhere";
  const fix =
    cut === "foreignLink"
      ? "correct the public address in the registry's own settings"
      : "look into the registry's own logs, and whether a newer version of it lists all tags";
  return { reason: "InvalidAnswer", message: `after ${count} ${where}`, fix };
}

function failedPart(name: string, failure: SourceFailure): SourcePart {
  return { state: "failed", name, candidates: [], failure };
}

function tagCount(count: number): string {
  return count === 1 ? "1 tag" : `${count} tags`;
}

function isTextList(value: unknown): value is string[] {
  return Array.isArray(value) && value.every(isText);
}

function isText(value: unknown): value is string {
  return typeof value === "string";
}
