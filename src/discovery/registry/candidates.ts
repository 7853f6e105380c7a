import {
  canonicalReference,
  formatReference,
  parseImageReference,
} from "../../api/image-reference.ts";
import { parseTemplate, type Template } from "../../api/template.ts";
import type { RegistrySource } from "../../api/types.gen.ts";
import { newestTagsFirst } from "../../api/version-order.ts";
import type { Candidate } from "../outcome.ts";
import { validPattern } from "../ranking/filters.ts";

/** Without `imageTemplate`. */
const PLAIN_TEMPLATE = "{{ .Registry }}/{{ .Repository }}:{{ .Tag }}";

/** The score of the newest tag of every repository; each older one has one less, but at least 1. */
const NEWEST_SCORE = 1000;

/** The images that a repository's tags make, and how many tags made none. */
export interface TagCandidates {
  readonly candidates: readonly Candidate[];
  readonly unusable: number;
}

/** Filters, orders, cuts and names the tags of each repository of one source. */
export function tagRanker(source: RegistrySource, registry: string) {
  const filter = validPattern(source.tagFilter);
  const template = validTemplate(source.imageTemplate ?? PLAIN_TEMPLATE);
  return (repository: string, tags: readonly string[]): TagCandidates => {
    const newest = newestTagsFirst(tags, source.topX, filter?.matches);
    const scores = new Map<string, number>();
    let unusable = 0;
    for (const [rank, tag] of newest.entries()) {
      const image = imageFrom(template, { registry, repository, tag });
      if (image === undefined) unusable++;
      // A template may make one image of several tags; the newest comes first.
      else if (!scores.has(image)) scores.set(image, Math.max(1, NEWEST_SCORE - rank));
    }
    return { candidates: Array.from(scores, ([image, score]) => ({ image, score })), unusable };
  };
}

function imageFrom(
  template: Template,
  variables: Parameters<Template["render"]>[0],
): string | undefined {
  const text = template.render(variables);
  if (!text.ok) return undefined;
  const reference = parseImageReference(text.value.trim());
  return reference.ok ? formatReference(canonicalReference(reference.value)) : undefined;
}

/** The template of a validated policy; a faulty one is a bug of the caller. */
function validTemplate(source: string): Template {
  const template = parseTemplate(source);
  if (template.ok) return template.value;
  throw new Error(`a policy reached discovery unvalidated: ${template.fault.what}`);
}
