import type { Condition } from "../../api/types.gen.ts";
import { kubernetesTime } from "../../discovery/status.ts";

/** The condition types that the reconciler writes; those of other field managers are never among them. */
export const CONDITION_TYPES = ["Ready", "PullProgress", "Reconciling", "Stalled"] as const;

/** What a condition says; its time and generation come with the writing. */
export interface Verdict {
  readonly type: (typeof CONDITION_TYPES)[number];
  readonly holds: boolean;
  /** One word. */
  readonly reason: string;
  /** A sentence or several, at most `MAX_MESSAGE` characters. */
  readonly message: string;
}

/** What turns verdicts into conditions: the earlier ones, the generation that was looked at, and the time. */
export interface Writing {
  readonly before: readonly Condition[] | undefined;
  readonly generation: number;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** The verdicts as Kubernetes writes them; the time of a transition stays while the status does. */
export function conditionsOf(
  verdicts: readonly Verdict[],
  { before, generation, now }: Writing,
): readonly Condition[] {
  return verdicts.map(({ type, holds, reason, message }) => {
    const status = holds ? "True" : "False";
    const earlier = conditionOf(before, type);
    const since = earlier?.status === status ? earlier.lastTransitionTime : undefined;
    const lastTransitionTime = since ?? kubernetesTime(now);
    return { type, status, reason, message, lastTransitionTime, observedGeneration: generation };
  });
}

/** The condition of a type, where there is one. */
export function conditionOf(
  conditions: readonly Condition[] | undefined,
  type: Verdict["type"],
): Condition | undefined {
  return conditions?.find((condition) => condition.type === type);
}

/** Whether the condition Ready is there and true. */
export function isReady({ conditions }: { readonly conditions?: readonly Condition[] }): boolean {
  return conditionOf(conditions, "Ready")?.status === "True";
}
