import type {
  Condition,
  DiscoveredImage,
  DiscoveryPolicy,
  DiscoveryPolicyStatus,
  SourceStatus,
} from "../api/types.gen.ts";
import type { RankedSource, Ranking } from "./rank.ts";

/** What a status is written from; `nowMs` counts from 1970 and is cut to the second, as Kubernetes writes times. */
export interface StatusInput {
  readonly policy: DiscoveryPolicy;
  readonly ranking: Ranking;
  readonly nowMs: number;
}

/** The CRD's limits on what a source's status may hold, in characters. */
const MAX_REASON = 64;
const MAX_MESSAGE = 1024;

/** The largest floating-point number that an int64 can hold, and the smallest one's negative. */
const MAX_INT64 = 2 ** 63 - 1024;

/** A policy whose status says what was discovered. Times of the earlier status stay where nothing changed. */
export function withDiscoveryStatus({ policy, ranking, nowMs }: StatusInput): DiscoveryPolicy {
  const now = kubernetesTime(nowMs);
  const before = policy.status;
  const generation = policy.metadata.generation;
  const lastSyncTime = ranking.sources.every(isHealthy) ? now : before?.lastSyncTime;
  const status: DiscoveryPolicyStatus = {
    ...(generation !== undefined && { observedGeneration: generation }),
    ...(lastSyncTime !== undefined && { lastSyncTime }),
    discoveredImages: ranking.images.map(discoveredImage),
    imageCount: ranking.images.length,
    sourceCount: policy.spec.sources.length,
    sources: ranking.sources.map((source) => sourceStatus(source, before, now)),
    conditions: [readyVerdict(policy, ranking), healthVerdict(ranking.sources)].map((verdict) =>
      toCondition(verdict, { before, now, generation }),
    ),
  };
  return { ...policy, status };
}

/** A score as status stores it: rounded half up, and no larger than what an int64 holds. */
export function storedScore(score: number): number {
  // Adding zero turns -0 into 0, which is how JSON would write it.
  return Math.round(Math.min(Math.max(score, -MAX_INT64), MAX_INT64)) + 0;
}

/** A time as Kubernetes writes it, `2026-01-02T03:04:05Z`. */
export function kubernetesTime(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace(/\.\d+Z$/, "Z");
}

function discoveredImage({ image, score, source }: Ranking["images"][number]): DiscoveredImage {
  return { image, score: storedScore(score), source };
}

function sourceStatus(
  source: RankedSource,
  before: DiscoveryPolicyStatus | undefined,
  now: string,
): SourceStatus {
  const { name, healthy, offered, failures } = source;
  const earlier = before?.sources?.find((known) => known.name === name)?.lastSuccessTime;
  const lastSuccessTime = healthy ? now : earlier;
  const [first] = failures;
  return {
    name,
    healthy,
    ...(lastSuccessTime !== undefined && { lastSuccessTime }),
    imageCount: offered,
    ...(first !== undefined && {
      reason: cut(first.reason, MAX_REASON),
      message: cut(failureText(source), MAX_MESSAGE),
    }),
  };
}

/** Every failure of a source in one text; a repository that failed is named. */
function failureText({ failures }: RankedSource): string {
  const texts = failures.map(({ part, message, fix }) => {
    const where = part === "" ? "" : `${part}: `;
    return `${where}${message}; ${fix}`;
  });
  return texts.join(" | ");
}

/** The text, with "…" at its end where it is longer than so many characters. */
export function cut(text: string, max: number): string {
  if (text.length <= max) return text;
  // Half a surrogate pair is no character, and the API server refuses it.
  return `${text
    .slice(0, max - 1)
    .toWellFormed()
    .replace(/\uFFFD$/, "")}…`;
}

interface Verdict {
  readonly type: "Ready" | "SourceHealthy";
  readonly holds: boolean;
  readonly reason: string;
  readonly message: string;
}

function readyVerdict({ spec }: DiscoveryPolicy, ranking: Ranking): Verdict {
  const count = ranking.images.length === 1 ? "1 image" : `${ranking.images.length} images`;
  if (spec.suspend === true) {
    const message = `${count} from before; no source is asked while spec.suspend is true`;
    return { type: "Ready", holds: ranking.images.length > 0, reason: "Suspended", message };
  }
  if (ranking.usedMemory) {
    const message = `${count}, some of them remembered because a source gave no full answer`;
    return { type: "Ready", holds: true, reason: "RememberedResults", message };
  }
  if (!ranking.answered) {
    const message = "no source answered and nothing is remembered";
    return { type: "Ready", holds: false, reason: "NoResults", message };
  }
  return { type: "Ready", holds: true, reason: "Discovered", message: count };
}

function healthVerdict(sources: readonly RankedSource[]): Verdict {
  const failing = sources.filter((source) => !isHealthy(source)).map(({ name }) => name);
  if (failing.length === 0) {
    const message = "every source answered in full";
    return { type: "SourceHealthy", holds: true, reason: "AllSourcesHealthy", message };
  }
  const message = `no full answer from ${failing.join(", ")}; see status.sources`;
  return { type: "SourceHealthy", holds: false, reason: "SourceError", message };
}

interface ConditionContext {
  readonly before: DiscoveryPolicyStatus | undefined;
  readonly now: string;
  readonly generation: number | undefined;
}

function toCondition(verdict: Verdict, { before, now, generation }: ConditionContext): Condition {
  const status = verdict.holds ? "True" : "False";
  const earlier = before?.conditions?.find(({ type }) => type === verdict.type);
  const unchanged = earlier?.status === status ? earlier.lastTransitionTime : undefined;
  return {
    type: verdict.type,
    status,
    reason: verdict.reason,
    message: verdict.message,
    lastTransitionTime: unchanged ?? now,
    ...(generation !== undefined && { observedGeneration: generation }),
  };
}

function isHealthy({ healthy }: RankedSource): boolean {
  return healthy;
}
