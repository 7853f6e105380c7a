import { isContinued, lastStartElsewhere } from "../ledger/starts.ts";
import type { Desk } from "./desk.ts";
import type { Workload } from "./workload.ts";

/** A policy at the desk: its work, and what its pacing allows. */
export interface Seat {
  readonly load: Workload;
  /** The nodes that have a Pod of this policy, or get one by this decision, by name. */
  readonly active: Set<string>;
  /** Nodes whose turn under this policy goes on, by slot, in the order of nodes. */
  readonly kept: readonly number[];
  /** When the last Pods of turns that are over were started, and those that begin by this decision, by the nodes' names. */
  readonly ended: Map<string, number>;
  /** A Pod was asked for and may be made at any moment: the delay has not begun yet. */
  isAwaiting: boolean;
  /** When its last Pod was started. */
  lastAt: number;
}

/** One for each policy that has work, those first that waited longest, so that all get their part of what there is room for. */
export function seatsAt({ ledger, now }: Desk, loads: readonly Workload[]): readonly Seat[] {
  const seats = loads.map((load): Seat & { readonly kept: number[] } => ({
    ...{ load, active: new Set(), kept: [], ended: new Map() },
    isAwaiting: false,
    lastAt: ledger.starts.get(load.policyKey)?.at ?? 0,
  }));
  const byKey = new Map(seats.map((seat) => [seat.load.policyKey, seat]));
  for (const { policyKey, nodeName, startedAt, isAsked } of ledger.pods.values()) {
    const seat = byKey.get(policyKey);
    if (seat === undefined) continue;
    seat.active.add(nodeName);
    seat.lastAt = Math.max(seat.lastAt, startedAt);
    if (isAsked && seat.load.policy.minDelayMs > 0) seat.isAwaiting = true;
  }
  for (const slot of ledger.slots.newestFirst) {
    const turn = ledger.turns.get(slot);
    const seat = turn && byKey.get(turn.policyKey);
    const node = ledger.slots.nodes[slot];
    if (turn?.endedAt === undefined || seat === undefined || node === undefined) continue;
    // Older ones delay nothing.
    if (turn.startedAt + seat.load.policy.minDelayMs > now) {
      seat.ended.set(node.name, turn.startedAt);
    }
    if (isContinued(ledger, { slot, policyKey: turn.policyKey, now })) seat.kept.push(slot);
  }
  // The sort is stable: equals stay in the order of their keys.
  return seats.sort((a, b) => a.lastAt - b.lastAt);
}

/** Whether the policy may have a Pod on one more node. */
export function hasBudget({ load, active }: Seat): boolean {
  return active.size < load.policy.maxConcurrentNodes;
}

/** From when on a node may begin its turn: the delay after the last start on any other node has passed. */
export function turnAt({ ledger }: Desk, { load, ended }: Seat, node: string): number {
  let last = lastStartElsewhere(ledger, load.policyKey, node);
  for (const [name, startedAt] of ended) {
    if (name !== node && startedAt > last) last = startedAt;
  }
  return last === 0 ? 0 : last + load.policy.minDelayMs;
}
