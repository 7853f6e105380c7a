import type { Failure } from "../model/failure.ts";

/**
 * Whether something wider than one image on one node is at fault: an image, a registry, a tool image. One node's word
 * is not enough, since the node itself may be what is broken: another one is asked at once, and only one at a time until
 * somebody gets an answer. Nodes are slots here, times milliseconds since 1970.
 */
export interface Suspicion {
  /** The latest failure that says so; undefined: nothing is suspected. */
  failure: Failure | undefined;
  since: number;
  /** Of the latest failed try. */
  at: number;
  /** Failed tries in a row. */
  attempts: number;
  /** The next try, for nodes that are not asked at once. */
  until: number;
  /** Where it failed since then. */
  readonly nodes: Set<number>;
  /** Where it failed while others got an answer: there the node is at fault, and its word counts no more. */
  readonly exempt: Set<number>;
}

export function createSuspicion(): Suspicion {
  return {
    ...{ failure: undefined, since: 0, at: 0, attempts: 0, until: 0 },
    ...{ nodes: new Set(), exempt: new Set() },
  };
}

/** A failure that speaks of the suspect. */
export interface Accusation {
  readonly failure: Failure;
  readonly slot: number;
  /** When the try began: what was under way while an earlier one failed is part of the same failure. */
  readonly startedAt: number;
  readonly now: number;
  /** How long to wait after so many failed tries, in milliseconds. */
  readonly waitMs: (attempts: number) => number;
}

/** Counts one failure. */
export function accuse(suspicion: Suspicion, accusation: Accusation): void {
  const { failure, slot, startedAt, now, waitMs } = accusation;
  if (suspicion.exempt.has(slot)) return;
  const isFirst = suspicion.failure === undefined;
  suspicion.failure = failure;
  suspicion.nodes.add(slot);
  if (!isFirst && startedAt < suspicion.at) return;
  if (isFirst) suspicion.since = now;
  suspicion.at = now;
  suspicion.attempts = isFirst ? 1 : suspicion.attempts + 1;
  suspicion.until = isForPeople(failure) ? Infinity : now + waitMs(suspicion.attempts);
}

/** Time mends no spelling. */
function isForPeople({ reason }: Failure): boolean {
  return reason === "InvalidReference";
}

/** Somebody got an answer at that time, though it may have been a no; says whether that ends a suspicion. */
export function clear(suspicion: Suspicion, slot: number, at: number): boolean {
  suspicion.exempt.delete(slot);
  if (suspicion.failure === undefined || at < suspicion.at) return false;
  for (const failed of suspicion.nodes) if (failed !== slot) suspicion.exempt.add(failed);
  forget(suspicion);
  return true;
}

/** Begins anew, knowing nothing but which nodes are at fault themselves. */
export function forget(suspicion: Suspicion): void {
  suspicion.failure = undefined;
  suspicion.attempts = 0;
  suspicion.nodes.clear();
}

/** The node is gone, or another one has its slot. */
export function forgetNode(suspicion: Suspicion, slot: number): void {
  suspicion.nodes.delete(slot);
  suspicion.exempt.delete(slot);
}

/** From when on a node may be the one that tries; 0: at once. */
export function tryAt(suspicion: Suspicion, slot: number): number {
  if (suspicion.failure === undefined) return 0;
  return suspicion.nodes.size < 2 && !suspicion.nodes.has(slot) ? 0 : suspicion.until;
}

/** Another node, or another try, failed as well, so that people are told. */
export function isConfirmed({ failure, nodes, attempts }: Suspicion): boolean {
  return failure !== undefined && (nodes.size > 1 || attempts > 1);
}
