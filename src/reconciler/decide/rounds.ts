import { isContinued } from "../ledger/starts.ts";
import { suspicionsOf } from "../ledger/suspects.ts";
import type { PodRequest } from "../model/pod.ts";
import { type Batch, batchOf } from "./batch.ts";
import type { Purpose } from "./cells.ts";
import { type Desk, isFree } from "./desk.ts";
import { noteProbes } from "./probes.ts";
import { requestOf } from "./request.ts";
import { hasBudget, type Seat, turnAt } from "./seat.ts";
import { wakeAt } from "./timer.ts";
import { REFRESH, RETRY } from "./workload.ts";

/** The Pods to create now, in the order of their creation. */
export function startsAt(desk: Desk, seats: readonly Seat[]): readonly PodRequest[] {
  const requests: PodRequest[] = [];
  // Whoever had a node last lets the others go first there; what they leave is for all.
  for (const isPolite of [true, false]) {
    for (const seat of seats) {
      if (desk.room <= 0) return requests;
      const table: Table = { desk, seats, seat, isPolite, requests };
      continueTurns(table);
      beginTurns(table);
    }
  }
  return requests;
}

interface Table {
  readonly desk: Desk;
  readonly seats: readonly Seat[];
  readonly seat: Seat;
  readonly isPolite: boolean;
  readonly requests: PodRequest[];
}

/** A node gets all its images one Pod after the other, and none of them waits for the delay. */
function continueTurns(table: Table): void {
  const { desk, seat } = table;
  for (const slot of seat.kept) {
    if (!hasBudget(seat)) return;
    if (!hasWork(seat, slot) || !isFree(desk, slot) || isYielded(table, slot)) continue;
    if (fresh(seat, slot) > 0 && start(table, slot, "fresh")) continue;
    continueSpare(table, slot);
  }
}

/** While nodes wait that lack something new, what failed is tried once a turn, and nothing is asked for again. */
function continueSpare(table: Table, slot: number): void {
  const { desk, seat } = table;
  const spare = seat.load.spare[slot] ?? 0;
  if (spare === 0) return;
  const isAwaited = desk.ledger.slots.newestFirst.some(
    (other) => fresh(seat, other) > 0 && isFree(desk, other),
  );
  const mayRetry = !isAwaited || desk.ledger.turns.get(slot)?.wasRetry !== true;
  if ((spare & RETRY) > 0 && mayRetry && start(table, slot, "retry")) return;
  if ((spare & REFRESH) > 0 && !isAwaited) start(table, slot, "refresh");
}

/** New images first, newest nodes first; what failed and what is asked for again take turns with the rest. */
function beginTurns(table: Table): void {
  const { desk, seat } = table;
  const { newestFirst, inNameOrder } = desk.ledger.slots;
  const { fresh: counts, spare } = seat.load;
  beginWhere(table, "fresh", newestFirst, (slot) => (counts[slot] ?? 0) > 0);
  const retry = () =>
    beginWhere(table, "retry", newestFirst, (slot) => ((spare[slot] ?? 0) & RETRY) > 0);
  const refresh = () =>
    beginWhere(table, "refresh", inNameOrder, (slot) => ((spare[slot] ?? 0) & REFRESH) > 0);
  const hadRetry = desk.ledger.starts.get(seat.load.policyKey)?.spare === "retry";
  for (const begin of hadRetry ? [refresh, retry] : [retry, refresh]) begin();
}

function beginWhere(
  table: Table,
  purpose: Purpose,
  slots: readonly number[],
  isCandidate: (slot: number) => boolean,
): void {
  const { desk, seat } = table;
  for (const slot of slots) {
    if (!isCandidate(slot)) continue;
    if (!hasBudget(seat) || desk.room <= 0) return;
    if (!isFree(desk, slot) || isYielded(table, slot) || !mayBegin(desk, seat, slot)) continue;
    start(table, slot, purpose);
  }
}

/** Whether the delay has passed; otherwise the timer is set to its end, where that is known. */
function mayBegin(desk: Desk, seat: Seat, slot: number): boolean {
  if (seat.isAwaiting) return false;
  const node = desk.ledger.slots.nodes[slot]?.name ?? "";
  const at = turnAt(desk, seat, node);
  wakeAt(desk.timer, at);
  return at <= desk.now;
}

/** Another policy could begin there now, and is nearer to its turn on that node. */
function isYielded({ desk, seats, seat, isPolite }: Table, slot: number): boolean {
  const last = desk.ledger.turns.get(slot)?.policyKey;
  if (!isPolite || seats.length < 2 || last === undefined) return false;
  const own = distance(seat, last);
  return seats.some((other) => {
    if (other === seat || distance(other, last) > own || !hasWork(other, slot)) return false;
    return hasBudget(other) && mayBegin(desk, other, slot);
  });
}

/** Keys that come after the last one are next, in their order; then those before it, then itself. */
function distance({ load: { policyKey } }: Seat, last: string): string {
  if (policyKey === last) return "2";
  return policyKey > last ? `0${policyKey}` : `1${policyKey}`;
}

function hasWork(seat: Seat, slot: number): boolean {
  return fresh(seat, slot) > 0 || (seat.load.spare[slot] ?? 0) > 0;
}

function fresh({ load }: Seat, slot: number): number {
  return load.fresh[slot] ?? 0;
}

/** Takes the Pod into the decision; says whether there is one to make. */
function start({ desk, seat, requests }: Table, slot: number, purpose: Purpose): boolean {
  const { load, active, ended } = seat;
  const batch = desk.room <= 0 ? undefined : batchOf(desk, { load, slot, purpose });
  if (batch === undefined) return false;
  const { name } = batch.node;
  requests.push(requestOf(load, batch));
  desk.room -= 1;
  desk.occupied.add(name);
  active.add(name);
  const { ledger, now } = desk;
  if (isContinued(ledger, { slot, policyKey: load.policyKey, now })) ended.delete(name);
  else ended.set(name, now);
  noteProbes(desk, suspicionsIn(desk, batch));
  return true;
}

function* suspicionsIn({ ledger }: Desk, { method, items }: Batch) {
  const tool = ledger.methods.get(method);
  if (tool?.failure !== undefined) yield tool;
  for (const { source } of items.values()) yield* suspicionsOf(ledger, source);
}
