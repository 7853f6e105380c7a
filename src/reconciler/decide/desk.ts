import type { Ledger } from "../ledger/ledger.ts";
import { nodeHeldUntil } from "../ledger/slots.ts";
import type { Suspicion } from "../ledger/suspicion.ts";
import type { ClusterFacts } from "../model/facts.ts";
import type { DecisionOptions } from "../model/options.ts";
import { probesUnderWay } from "./probes.ts";
import { type Timer, wakeAt } from "./timer.ts";

/** Everything that one decision looks at, and what it has decided so far. */
export interface Desk {
  readonly ledger: Ledger;
  readonly options: DecisionOptions;
  readonly now: number;
  readonly timer: Timer;
  /** The nodes that have a pull Pod, or get one by this decision, by name. */
  readonly occupied: Set<string>;
  /** Until when a probe is waited for before another one may ask the same. */
  readonly probes: Map<Suspicion, number>;
  /** How many Pods the pull namespace may be asked to take. */
  room: number;
}

export interface DeskInput {
  readonly ledger: Ledger;
  readonly facts: ClusterFacts;
  readonly options: DecisionOptions;
  readonly now: number;
}

export function createDesk(input: DeskInput): Desk {
  const { ledger, facts, options, now } = input;
  const pods = [...facts.pods.values(), ...ledger.pods.values()];
  const timer: Timer = { now, at: undefined };
  return {
    ...{ ledger, options, now, timer, room: roomIn(ledger, timer) },
    probes: probesUnderWay(ledger, now),
    occupied: new Set(pods.map(({ nodeName }) => nodeName)),
  };
}

/** Pods that the API server was asked for and the watch has not shown: more would only wait for its rate limit. */
const MOST_UNSEEN = 40;

/** A namespace that refused every Pod is tried with one, when its time has come. */
function roomIn({ namespace, pods }: Ledger, timer: Timer): number {
  const unseen = [...pods.values()].filter(({ facts }) => facts === undefined);
  if (namespace === undefined) return MOST_UNSEEN - unseen.length;
  wakeAt(timer, namespace.until);
  if (namespace.until > timer.now) return 0;
  const { at } = namespace;
  return unseen.some(({ startedAt }) => startedAt >= at) ? 0 : 1;
}

/** Whether a node may get a pull Pod now. */
export function isFree({ ledger: { slots }, occupied, timer, now }: Desk, slot: number): boolean {
  const node = slots.nodes[slot];
  if (node === undefined || occupied.has(node.name)) return false;
  const heldUntil = nodeHeldUntil(slots, slot);
  wakeAt(timer, heldUntil);
  return heldUntil <= now;
}
