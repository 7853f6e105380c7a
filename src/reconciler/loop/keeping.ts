import type { PodAction } from "../decide/decide.ts";
import { DEFAULT_POLICY } from "../facts/policy.ts";
import type { Ledger } from "../ledger/ledger.ts";
import { lastStarts, policyKeyOf } from "../ledger/starts.ts";
import type { ClusterFacts } from "../model/facts.ts";
import { isRecorded, type Starts } from "./starts.ts";

/** What tells whether a finished Pod is still needed as the record of its own start. */
export interface Records {
  readonly facts: Pick<ClusterFacts, "pods" | "policies">;
  readonly ledger: Ledger;
  /** The last starts that the Lease tells of. */
  readonly recorded: Starts;
  readonly now: number;
}

/** Actions that may be taken, and when those that have to wait for the Lease may be though it never tells. */
export interface Kept {
  readonly free: readonly PodAction[];
  /** Undefined: none waits. */
  readonly until: number | undefined;
}

/** Keeps Pods that would take the knowledge of their policy's last start with them, should this process end now. */
export function keepRecords(actions: readonly PodAction[], records: Records): Kept {
  const free: PodAction[] = [];
  let until: number | undefined;
  for (const action of actions) {
    const keptUntil = action.type === "CreatePullPod" ? undefined : keepUntil(action.name, records);
    if (keptUntil === undefined) free.push(action);
    else until = Math.min(until ?? keptUntil, keptUntil);
  }
  return { free, until };
}

/** Undefined: it may go. */
function keepUntil(podName: string, { facts, ledger, recorded, now }: Records): number | undefined {
  const pod = facts.pods.get(podName);
  if (pod?.work === undefined) return undefined;
  const { policyName } = pod.work;
  const policy = policyName === undefined ? DEFAULT_POLICY : facts.policies.get(policyName);
  if (policy === undefined || policy.minDelayMs === 0) return undefined;
  const key = policyKeyOf(policyName);
  const start = {
    ...{ createdAt: pod.createdAt, minDelayMs: policy.minDelayMs, now },
    ...{ last: lastStarts(ledger)[key] ?? 0, recorded: recorded[key] ?? 0 },
  };
  return isRecorded(start) ? undefined : start.last + start.minDelayMs;
}
