import type { NodeFacts, NodeImages } from "../model/facts.ts";
import type { DecisionOptions } from "../model/options.ts";
import { EVICTIONS_THAT_HOLD_A_NODE, evict, evictingHold } from "./evictions.ts";
import { type Evidence, noteDigest } from "./evidence.ts";
import { type Ledger, touchReference } from "./ledger.ts";
import { meaningOf } from "./names.ts";

/** With what a node's list is read. */
export interface ListReading {
  readonly ledger: Ledger;
  readonly options: DecisionOptions;
  readonly now: number;
}

/**
 * Reads a node's list of images: what it names is there, where lists are trusted; what a complete one lacks is not, once
 * it had the time to appear.
 */
export function readList(reading: ListReading, slot: number): void {
  const { ledger, options } = reading;
  const node = ledger.slots.nodes[slot];
  if (node === undefined) return;
  ledger.slots.complete[slot] = isComplete(node, options) ? 1 : 0;
  const number = ++ledger.names.readings;
  markNames(ledger, node, number);
  const lost: Evidence[] = [];
  for (const evidence of ledger.evidence.values()) {
    const isListed = evidence.reading === number;
    if (evidence.listed[slot] !== (isListed ? 1 : 0)) {
      evidence.listed[slot] = isListed ? 1 : 0;
      touchReference(ledger, evidence);
    }
    if (isListed) noteListed(reading, evidence, { slot, images: node.images });
    else if (isLost(reading, evidence, slot)) lost.push(evidence);
  }
  remove(reading, lost, slot);
}

function isComplete({ images }: NodeFacts, { nodeStatusMaxImages }: DecisionOptions): boolean {
  const { entryCount, hasFullEntry } = images;
  const limit = nodeStatusMaxImages < 0 ? Infinity : nodeStatusMaxImages;
  return entryCount > 0 && entryCount < limit && !hasFullEntry;
}

/** A digest counts where the list has one alone of a repository, or where the entry of the name tells which it is. */
function markNames({ names, evidence: wanted }: Ledger, node: NodeFacts, number: number): void {
  for (const name of node.images.names) {
    const { evidence, repository, digest } = meaningOf(names, wanted, name);
    if (evidence !== undefined) evidence.reading = number;
    if (repository === undefined) continue;
    repository.digestCount = repository.reading === number ? repository.digestCount + 1 : 1;
    repository.reading = number;
    repository.digest = digest;
  }
}

interface Listed {
  readonly slot: number;
  readonly images: NodeImages;
}

function noteListed(
  { ledger, now }: ListReading,
  evidence: Evidence,
  { slot, images }: Listed,
): void {
  evidence.unconfirmed.delete(slot);
  trustListed(ledger, evidence, { slot, now });
  const { repository, reference, reading } = evidence;
  const isOnly = repository.reading === reading && repository.digestCount === 1;
  const digest = images.digests?.get(reference) ?? (isOnly ? repository.digest : undefined);
  if (digest !== undefined && noteDigest(evidence, slot, digest)) touchReference(ledger, evidence);
}

/** A node's list is as good as a pull, unless somebody wants the registry asked. */
export function trustListed(
  ledger: Ledger,
  evidence: Evidence,
  { slot, now }: { readonly slot: number; readonly now: number },
): void {
  if (!evidence.trustsLists || evidence.listed[slot] !== 1 || evidence.since[slot] !== 0) return;
  evidence.since[slot] = now;
  for (const source of evidence.sources) source.failures.delete(slot);
  touchReference(ledger, evidence);
}

function isLost({ ledger, now }: ListReading, evidence: Evidence, slot: number): boolean {
  if (evidence.since[slot] === 0 || ledger.slots.complete[slot] !== 1) return false;
  return Math.max(evidence.claimedUntil, evidence.unconfirmed.get(slot) ?? 0) <= now;
}

function remove({ ledger, options, now }: ListReading, lost: Evidence[], slot: number): void {
  const pace = { now, evictionBackoffMs: options.evictionBackoffMs };
  for (const evidence of lost) {
    evict(evidence, slot, pace);
    touchReference(ledger, evidence);
  }
  if (lost.length < EVICTIONS_THAT_HOLD_A_NODE) return;
  ledger.slots.evicting.set(slot, evictingHold(lost.length, pace));
  for (const evidence of ledger.evidence.values()) touchReference(ledger, evidence);
}

/** Looks again at what was pulled and has not appeared in time. */
export function readOverdue(reading: ListReading): void {
  const { ledger } = reading;
  const lost = new Map<number, Evidence[]>();
  for (const evidence of ledger.evidence.values()) {
    for (const slot of overdueIn(reading, evidence)) {
      if (evidence.listed[slot] === 1 || !isLost(reading, evidence, slot)) continue;
      lost.set(slot, [...(lost.get(slot) ?? []), evidence]);
    }
  }
  for (const [slot, ofNode] of lost) remove(reading, ofNode, slot);
}

/** The slots whose time has come: one by one after pulls, all of them after a change of leader. */
function overdueIn({ ledger, now }: ListReading, evidence: Evidence): readonly number[] {
  const { unconfirmed, claimedUntil } = evidence;
  const due = [...unconfirmed].filter(([, dueAt]) => dueAt <= now).map(([slot]) => slot);
  for (const slot of due) unconfirmed.delete(slot);
  // What a list does not show by now is unverified from here on, or lost.
  if (due.length > 0) touchReference(ledger, evidence);
  if (claimedUntil === 0 || claimedUntil > now) return due;
  evidence.claimedUntil = 0;
  return ledger.slots.inNameOrder;
}
