import { type Passage, passageOf } from "../ledger/admission.ts";
import type { Source } from "../ledger/evidence.ts";
import type { ImageRecord } from "../ledger/images.ts";
import type { NodeFacts } from "../model/facts.ts";
import type { PullMethod } from "../model/pod.ts";
import { pullMethodOf } from "../pull-pod/method.ts";
import { isAlone, isFor, type Purpose, startAt } from "./cells.ts";
import type { Desk } from "./desk.ts";
import { methodAt } from "./probes.ts";
import { wakeAt } from "./timer.ts";
import type { Workload } from "./workload.ts";

/** The images of one pull Pod, each with the CachedImages that want it. */
export interface Batch {
  readonly slot: number;
  readonly node: NodeFacts;
  readonly purpose: Purpose;
  readonly method: PullMethod;
  /** By reference, in order. */
  readonly items: ReadonlyMap<string, BatchItem>;
}

export interface BatchItem {
  readonly source: Source;
  readonly images: ImageRecord[];
}

/** What a node's next Pod would be for, and where. */
export interface Slip {
  readonly load: Workload;
  readonly slot: number;
  readonly purpose: Purpose;
}

/**
 * The first image that may go now, and those after it that may share its Pod: the same pull secrets, the same method,
 * at most as many as a Pod may hold. Undefined where none may.
 */
export function batchOf(desk: Desk, slip: Slip): Batch | undefined {
  const { slots } = desk.ledger;
  const node = slots.nodes[slip.slot];
  if (node === undefined) return undefined;
  const methods = methodsOf(node, desk.options.pullMethod);
  let draft: Draft | undefined;
  for (const record of slip.load.images) {
    if (!isFor(desk, record, slip.slot, slip.purpose)) continue;
    const ticket = ticketOf(desk, record, { slip, methods });
    if (ticket === undefined) continue;
    draft ??= { ticket, items: new Map() };
    addTo(draft, ticket, { record, limit: desk.options.maxImagesPerPod });
  }
  if (draft === undefined) return undefined;
  const { slot, purpose } = slip;
  return { slot, node, purpose, method: draft.ticket.method, items: draft.items };
}

/** The ways to make a node pull, the preferred one first. */
function methodsOf(node: NodeFacts, override: PullMethod | undefined): readonly PullMethod[] {
  const method = pullMethodOf(node, override);
  return override === undefined && method === "image-volume" ? [method, "helper"] : [method];
}

/** How one image may go. */
interface Ticket {
  readonly source: Source;
  readonly method: PullMethod;
  readonly isAlone: boolean;
}

interface Draft {
  /** Of the first image: all others must be able to go the same way. */
  readonly ticket: Ticket;
  readonly items: Map<string, BatchItem>;
}

interface Journey {
  readonly slip: Slip;
  readonly methods: readonly PullMethod[];
}

/** Undefined where the image may not go yet. */
function ticketOf(desk: Desk, record: ImageRecord, { slip, methods }: Journey): Ticket | undefined {
  const { source } = record;
  const { slot, load } = slip;
  if (source === undefined || startAt(desk, record, slot) > desk.now) return undefined;
  const admission = desk.ledger.admissions.get(load.policyKey);
  const passage = passageOf(admission, source, { methods, now: desk.now });
  const at = passage.type === "held" ? passage.until : methodAt(desk, passage.method, slot);
  wakeAt(desk.timer, at);
  if (passage.type === "held" || at > desk.now) return undefined;
  return { source, method: passage.method, isAlone: goesAlone(desk, record, { slot, passage }) };
}

function goesAlone(
  desk: Desk,
  record: ImageRecord,
  { slot, passage }: { readonly slot: number; readonly passage: Passage },
): boolean {
  return passage.type === "alone" || isAlone(desk, record, slot);
}

interface Candidate {
  readonly record: ImageRecord;
  readonly limit: number;
}

function addTo({ ticket, items }: Draft, other: Ticket, { record, limit }: Candidate): void {
  const { source } = other;
  const same = items.get(source.reference);
  if (same !== undefined) {
    if (same.source === source) same.images.push(record);
    return;
  }
  const isFirst = items.size === 0;
  const fits =
    !ticket.isAlone &&
    !other.isAlone &&
    items.size < limit &&
    other.method === ticket.method &&
    source.secretsKey === ticket.source.secretsKey;
  if (isFirst || fits) items.set(source.reference, { source, images: [record] });
}
