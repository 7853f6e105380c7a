import { effectiveMaxImages } from "../api/effective.ts";
import type { DiscoveryPolicy } from "../api/types.gen.ts";
import type { RememberedImage, SourceOutcome } from "../discovery/outcome.ts";
import { type RankedSource, type Ranking, rank } from "../discovery/rank.ts";
import type { Finding } from "./finding.ts";
import { lockedPolicy } from "./lock/lock.ts";
import { desiredChildren } from "./manifest/desired.ts";
import type { SetResult } from "./plan/tree.ts";
import type { Target } from "./resolve.ts";

/** A set rendered from what its sources answered and what is remembered. */
export interface RenderedSet {
  readonly name: string;
  readonly result: SetResult;
  /** Images of the set that are no references. */
  readonly mistakes: readonly Finding[];
  /** What discovery found; absent for a set without a DiscoveryPolicy. */
  readonly ranking?: Ranking;
}

export interface RenderSetInput {
  readonly target: Target;
  /** What the target's policy answered; empty without a policy. */
  readonly outcomes: readonly SourceOutcome[];
  readonly remembered: readonly RememberedImage[];
  /** As `rank` takes it. */
  readonly churnMargin?: number;
}

/** Ranks what was discovered and turns it, with the set's own images, into the children that the set should have. */
export function renderSet({ target, ...input }: RenderSetInput): RenderedSet {
  const { name, set, policy } = target;
  if (policy === undefined) {
    const { children, mistakes } = desiredChildren(set, []);
    return {
      name,
      mistakes,
      result: { type: "rendered", set: name, children, memory: { images: [] } },
    };
  }
  const ranking = rank({ policy, ...input });
  const { children, mistakes } = desiredChildren(set, ranking.images);
  // Writing the static images alone would take away discovered ones that nobody said are gone.
  if (!ranking.answered && !ranking.usedMemory) {
    return { name, mistakes, ranking, result: { type: "unanswered", set: name } };
  }
  const memory = { policy: lockedPolicy(policy), images: ranking.images };
  const discovery = factsOf(policy, ranking);
  const result = { type: "rendered", set: name, children, memory, discovery } as const;
  return { name, mistakes, ranking, result };
}

/** The sources of a set that gave no full answer, one finding each. Suspended ones are told apart: they were not asked to. */
export function silentFindings({ name, ranking }: RenderedSet): {
  readonly failed: readonly Finding[];
  readonly suspended: readonly Finding[];
} {
  const failed: Finding[] = [];
  const suspended: Finding[] = [];
  for (const source of ranking?.sources ?? []) {
    const [first, ...others] = source.failures;
    if (first === undefined) continue;
    const part = first.part === "" ? "" : `${first.part}: `;
    const more = others.length === 0 ? "" : ` (and ${others.length} more of its repositories)`;
    const what = `${part}${first.message}${more}`;
    const finding = { subject: `CachedImageSet/${name}: ${source.name}`, what, fix: first.fix };
    (first.reason === "Suspended" ? suspended : failed).push(finding);
  }
  return { failed, suspended };
}

/** Whether something that the set needs did not answer and nothing is remembered of it. */
export function lacksAnswer({ result, ranking }: RenderedSet): boolean {
  return result.type === "unanswered" || ranking?.missing === true;
}

function factsOf(policy: DiscoveryPolicy, { images, sources, left }: Ranking) {
  const silent = sources.flatMap((source): [string, string][] => {
    const why = silence(source);
    return why === undefined ? [] : [[source.name, why]];
  });
  return {
    policy: policy.metadata.name ?? "",
    count: images.length,
    limit: effectiveMaxImages(policy),
    silent: new Map(silent),
    left,
  };
}

/** Completes the sentence that begins with the source's name. */
function silence({ failures }: RankedSource): string | undefined {
  const [failure] = failures;
  if (failure === undefined) return undefined;
  if (failure.reason === "Suspended") return "was not asked, its policy is suspended";
  if (failure.reason === "Offline") return "was not asked";
  return failure.state === "partial" ? "answered only in part" : "did not answer";
}
