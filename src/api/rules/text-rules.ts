import { isShapedAsDuration, isZero, parseDuration } from "../duration.ts";
import { isShapedAsUrl, parseEndpointUrl } from "../endpoint-url.ts";
import { textsAt } from "../fields.ts";
import { parseDigest, parseImageName, parseTag } from "../image-reference.ts";
import { type Fault, faulty, type Parsed, parsed } from "../parsed.ts";
import { MAX_LENGTH } from "../pattern/cost.ts";
import { beginsWithLookAhead, isRe2, parsePattern } from "../pattern.ts";
import { type Home, type Problem, problemOf } from "../problem.ts";
import { remembering } from "../remembering.ts";
import type { Kind } from "../types.gen.ts";
import type { RuleId } from "./catalogue.ts";
import { parseRepository } from "./repository.ts";

/** A field that holds a text with a grammar of its own. */
interface TextField {
  readonly fields: string;
  readonly parse: (text: string) => Parsed<unknown>;
  /** The rule that an unparsable text breaks, and whether the API server checks it too. */
  readonly breaks: (text: string) => { readonly rule: RuleId; readonly home: Home };
  /** Reading it takes so long that there is a limit to all of an object's together. */
  readonly isPattern?: true;
}

const CARRIES_TAG = /(@|:[^/]*$)/;

const image = (fields: string): TextField => ({
  fields,
  parse: parseImageName,
  breaks: (text) =>
    CARRIES_TAG.test(text) ? { rule: "DROP1006", home: "cel" } : { rule: "DROP1010", home: "code" },
});

const tag = (fields: string): TextField => ({
  fields,
  parse: parseTag,
  breaks: () => ({ rule: "DROP1008", home: "cel" }),
});

const digest = (fields: string): TextField => ({
  fields,
  parse: parseDigest,
  breaks: () => ({ rule: "DROP1009", home: "cel" }),
});

const duration = (fields: string): TextField => ({
  fields,
  parse: parseDuration,
  breaks: (text) =>
    isShapedAsDuration(text)
      ? { rule: "DROP1005", home: "code" }
      : { rule: "DROP1016", home: "cel" },
});

/** A duration that is waited for. */
const wait = (fields: string): TextField => ({
  fields,
  parse: parseWait,
  breaks: (text) => {
    if (!parseDuration(text).ok) return duration(fields).breaks(text);
    return { rule: "DROP1018", home: /[1-9]/.test(text) ? "code" : "cel" };
  },
});

function parseWait(text: string): Parsed<unknown> {
  const result = parseDuration(text);
  if (!result.ok || !isZero(result.value)) return result;
  const what = "the duration is zero: a time to wait for is needed here";
  return faulty(what, 'write a longer one, for example "30s"');
}

const pattern = (fields: string, excludeField?: string): TextField => ({
  fields,
  isPattern: true,
  // The matcher itself is not kept: it takes far more room than the verdict.
  parse: remembering((text) => {
    const result = parsePattern(text, excludeField);
    return result.ok ? parsed(undefined) : result;
  }),
  breaks: (text) =>
    beginsWithLookAhead(text) || isRe2(text)
      ? { rule: "DROP1025", home: "code" }
      : { rule: "DROP1015", home: "cel" },
});

const url = (fields: string): TextField => ({
  fields,
  parse: parseEndpointUrl,
  breaks: (text) => ({ rule: "DROP1012", home: isShapedAsUrl(text) ? "code" : "cel" }),
});

const repository: TextField = {
  fields: "spec.sources.*.registry.repositories.*",
  parse: parseRepository,
  breaks: () => ({ rule: "DROP1010", home: "code" }),
};

const TEXT_FIELDS: Readonly<Record<Kind, readonly TextField[]>> = {
  CachedImage: [image("spec.image"), tag("spec.tag"), digest("spec.digest")],
  CachedImageSet: [
    image("spec.images.*.image"),
    tag("spec.images.*.tag"),
    digest("spec.images.*.digest"),
  ],
  DiscoveryPolicy: [
    pattern("spec.imageFilter", "excludeFilter"),
    pattern("spec.excludeFilter"),
    wait("spec.syncInterval"),
    wait("spec.interval"),
    url("spec.sources.*.prometheus.endpoint"),
    wait("spec.sources.*.prometheus.lookback"),
    wait("spec.sources.*.prometheus.step"),
    url("spec.sources.*.registry.url"),
    pattern("spec.sources.*.registry.tagFilter"),
    repository,
  ],
  PullPolicy: [
    duration("spec.minDelayBetweenPulls"),
    wait("spec.failureBackoff.initial"),
    wait("spec.failureBackoff.max"),
    duration("spec.repullInterval"),
    wait("spec.pullTimeout"),
  ],
};

/** Characters of all patterns in one policy: compiling is slow, and a webhook must not be kept busy. */
const MAX_PATTERNS_LENGTH = 8_192;

const TOO_MANY_PATTERNS: Fault = {
  what: `the patterns up to this one have more than ${MAX_PATTERNS_LENGTH} characters together`,
  fix: "shorten them, or divide the sources among several policies",
};

/** Texts that do not follow the grammar of their field, each with the exact words of its parser; the first `most`. */
export function textProblems(
  kind: Kind,
  object: unknown,
  most = Number.POSITIVE_INFINITY,
): readonly Problem[] {
  const problems: Problem[] = [];
  let patterns = 0;
  for (const { fields, parse, breaks, isPattern } of TEXT_FIELDS[kind]) {
    for (const field of textsAt(object, fields)) {
      const { value } = field;
      if (problems.length >= most) return problems;
      // One that is too long by itself is refused unread.
      if (isPattern && value.length <= 2 * MAX_LENGTH) patterns += value.length;
      if (isPattern && patterns > MAX_PATTERNS_LENGTH) {
        const facts = { rule: "DROP1025", home: "code", path: field.path, value } as const;
        problems.push(problemOf(TOO_MANY_PATTERNS, facts));
        continue;
      }
      const result = parse(value);
      if (result.ok) continue;
      problems.push(problemOf(result.fault, { ...breaks(value), path: field.path, value }));
    }
  }
  return problems;
}
