import type { PolicyFacts } from "../model/facts.ts";
import type { Failure } from "../model/failure.ts";
import type { PullMethod } from "../model/pod.ts";
import type { Admission } from "./admission.ts";
import { type Evidence, forgetEvidence, growEvidence, grown, type Source } from "./evidence.ts";
import type { ImageRecord } from "./images.ts";
import { createNameIndex, type NameIndex } from "./names.ts";
import type { PodRecord } from "./pods.ts";
import { createSlots, type Slots } from "./slots.ts";
import { forgetTurn, type PolicyStarts, type Turn } from "./starts.ts";
import { createSuspicion, forgetNode, type Suspicion } from "./suspicion.ts";
import { NO_NODE } from "./targets.ts";

/**
 * What Drop knows beyond what the API server tells right now: which node holds what, what failed where, what is held
 * and why. Mutable and compact; only the functions of this folder write to it.
 */
export interface Ledger {
  /** The time of the last `absorb`, 0 before the first. */
  absorbedAt: number;
  /** The policies as of then, by name. */
  policies: ReadonlyMap<string, PolicyFacts>;
  readonly slots: Slots;
  /** By reference. */
  readonly evidence: Map<string, Evidence>;
  readonly names: NameIndex;
  /** By their own keys. */
  readonly sources: Map<string, Source>;
  /** By name. */
  readonly images: Map<string, ImageRecord>;
  /** By name, those included that the API server took and the watch has not shown yet. */
  readonly pods: Map<string, PodRecord>;
  /** By registry host. */
  readonly registries: Map<string, Suspicion>;
  /** Whether the tool image of a method can be had. */
  readonly methods: Map<PullMethod, Suspicion>;
  /** What the API server refuses, by the key of the policy. */
  readonly admissions: Map<string, Admission>;
  /** By the key of the policy. */
  readonly starts: Map<string, PolicyStarts>;
  /** The last turn of each node, by slot. */
  readonly turns: Map<number, Turn>;
  /** Why the pull namespace takes no Pod. */
  namespace: NamespaceHold | undefined;
  /** Collects what `absorb` gives back. */
  touched: Set<string>;
}

/** Every Pod is refused, whatever it is for. */
export interface NamespaceHold {
  readonly failure: Failure;
  readonly since: number;
  readonly at: number;
  readonly attempts: number;
  readonly until: number;
}

export function createLedger(): Ledger {
  return {
    ...{ absorbedAt: 0, policies: new Map(), slots: createSlots(), names: createNameIndex() },
    ...{ evidence: new Map(), sources: new Map(), images: new Map(), pods: new Map() },
    ...{ registries: new Map(), methods: new Map(), admissions: new Map() },
    ...{ starts: new Map(), turns: new Map(), namespace: undefined, touched: new Set() },
  };
}

/** What is suspected of a key, nothing at first. */
export function suspicionIn<K>(suspicions: Map<K, Suspicion>, key: K): Suspicion {
  const known = suspicions.get(key);
  if (known !== undefined) return known;
  const created = createSuspicion();
  suspicions.set(key, created);
  return created;
}

/** The summaries of these CachedImages may have changed. */
export function touch(ledger: Ledger, images: Iterable<string>): void {
  for (const name of images) ledger.touched.add(name);
}

/** The summaries of all CachedImages may have changed. */
export function touchAll({ images, touched }: Ledger): void {
  for (const name of images.keys()) touched.add(name);
}

/** The summaries of all CachedImages of a reference may have changed. */
export function touchReference(ledger: Ledger, evidence: Evidence): void {
  for (const source of evidence.sources) touch(ledger, source.images);
}

/** Makes room in all arrays for the slots that are in use. */
export function makeRoom(ledger: Ledger): void {
  const { slots } = ledger;
  if (slots.end <= slots.capacity) return;
  while (slots.capacity < slots.end) slots.capacity *= 2;
  slots.complete = grown(slots.complete, new Uint8Array(slots.capacity));
  for (const evidence of ledger.evidence.values()) growEvidence(evidence, slots.capacity);
  for (const image of ledger.images.values()) {
    image.exclusions = grown(image.exclusions, new Uint8Array(slots.capacity));
  }
}

/** Forgets all that was known of the node of a slot. */
export function forgetSlot(ledger: Ledger, slot: number): void {
  const { slots } = ledger;
  slots.complete[slot] = 0;
  slots.failing.delete(slot);
  slots.evicting.delete(slot);
  forgetTurn(ledger, slot);
  for (const evidence of ledger.evidence.values()) forgetEvidence(evidence, slot);
  for (const image of ledger.images.values()) image.exclusions[slot] = NO_NODE;
  for (const source of ledger.sources.values()) {
    source.failures.delete(slot);
    forgetNode(source.suspicion, slot);
  }
  for (const suspicion of ledger.registries.values()) forgetNode(suspicion, slot);
  for (const suspicion of ledger.methods.values()) forgetNode(suspicion, slot);
}
