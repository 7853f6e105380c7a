import type { Ledger } from "../ledger/ledger.ts";
import type { Action } from "../model/action.ts";
import type { ClusterFacts } from "../model/facts.ts";
import type { DecisionOptions } from "../model/options.ts";
import { deletionsAt } from "./deletions.ts";
import { createDesk } from "./desk.ts";
import { listsAwaited } from "./lists.ts";
import { startsAt } from "./rounds.ts";
import { seatsAt } from "./seat.ts";
import { workloadsOf } from "./workload.ts";

/** A pull Pod to be made or to be removed. */
export type PodAction = Extract<Action, { readonly type: "CreatePullPod" | "DeletePullPod" }>;

/** What to do with pull Pods now, and when time alone next changes the answer. */
export interface Decision {
  /** Deletions first, then creations in the order in which they are to be made. */
  readonly actions: readonly PodAction[];
  /** Milliseconds since 1970; undefined: only a change in the cluster gives more to do. */
  readonly requeueAt: number | undefined;
}

/** Decides from an absorbed ledger and the same facts; reads only. The same in, the same out, whatever the order. */
export function decide(
  ledger: Ledger,
  facts: ClusterFacts,
  options: DecisionOptions,
  now: number,
): Decision {
  const desk = createDesk({ ledger, facts, options, now });
  const deletions = deletionsAt(desk);
  const seats = seatsAt(desk, workloadsOf(desk));
  const creations = startsAt(desk, seats).map(
    (request): PodAction => ({ type: "CreatePullPod", request }),
  );
  listsAwaited(desk);
  return { actions: [...deletions, ...creations], requeueAt: desk.timer.at };
}
