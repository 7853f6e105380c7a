import type { ImageSpecFacts } from "../model/facts.ts";
import { createEvidence, createSource, type Evidence, type Source } from "./evidence.ts";
import type { ImageRecord } from "./images.ts";
import { type Ledger, touch } from "./ledger.ts";
import { trustListed } from "./lists.ts";
import { repositoryOf } from "./names.ts";
import { forget } from "./suspicion.ts";
import { retarget } from "./targets.ts";

/** Puts an image where its spec says, out of where it was. */
export function moveToSource(ledger: Ledger, record: ImageRecord, now: number): void {
  const before = record.source;
  record.source = record.spec === undefined ? undefined : sourceFor(ledger, record.spec);
  record.source?.images.add(record.name);
  if (before !== undefined && before !== record.source) leave(ledger, before, record.name);
  if (record.source !== undefined) weighLists(ledger, record.source.evidence, now);
}

/** The image is gone. */
export function leaveSource(ledger: Ledger, { source, name }: ImageRecord, now: number): void {
  if (source === undefined) return;
  leave(ledger, source, name);
  weighLists(ledger, source.evidence, now);
}

function sourceFor(ledger: Ledger, spec: ImageSpecFacts): Source {
  const { reference, registryHost } = spec;
  const secretsKey = spec.imagePullSecrets.join(" ");
  const way = spec.imagePullPolicy === "Never" ? "look" : "pull";
  const key = `${way} ${reference} ${secretsKey}`;
  const known = ledger.sources.get(key);
  if (known !== undefined) return known;
  const evidence = evidenceFor(ledger, reference);
  const source = createSource({ key, reference, registryHost, secretsKey, evidence });
  evidence.sources.add(source);
  ledger.sources.set(key, source);
  return source;
}

function evidenceFor(ledger: Ledger, reference: string): Evidence {
  const known = ledger.evidence.get(reference);
  if (known !== undefined) return known;
  const repository = repositoryOf(ledger.names, reference);
  const evidence = createEvidence(reference, repository, ledger.slots.capacity);
  ledger.evidence.set(reference, evidence);
  ledger.names.isStale = true;
  return evidence;
}

function leave(ledger: Ledger, source: Source, name: string): void {
  source.images.delete(name);
  if (source.images.size > 0) return;
  ledger.sources.delete(source.key);
  for (const admission of ledger.admissions.values()) admission.bySource.delete(source.key);
  const { evidence } = source;
  evidence.sources.delete(source);
  if (evidence.sources.size > 0) return;
  ledger.evidence.delete(evidence.reference);
  ledger.names.isStale = true;
}

/** One image that wants the registry asked is enough for lists to prove nothing. */
function weighLists(ledger: Ledger, evidence: Evidence, now: number): void {
  const { images, slots } = ledger;
  const wanting = [...evidence.sources].flatMap((source) => [...source.images]);
  evidence.trustsLists = wanting.every((name) => {
    const spec = images.get(name)?.spec;
    return spec === undefined || spec.isPinned || spec.imagePullPolicy !== "Always";
  });
  for (const slot of slots.inNameOrder) trustListed(ledger, evidence, { slot, now });
}

/** What failed and what is held for an image begins anew, also for those that want it in the same way. */
export function forgetTroubles(ledger: Ledger, { source }: ImageRecord): void {
  if (source === undefined) return;
  const hadGaps = source.platforms.size > 0;
  source.failures.clear();
  source.platforms.clear();
  source.suspicion.exempt.clear();
  forget(source.suspicion);
  for (const admission of ledger.admissions.values()) admission.bySource.delete(source.key);
  touch(ledger, source.images);
  if (hadGaps) retargetAll(ledger, source, ledger.slots.inNameOrder);
}

/** Finds out again which of these slots are targets of the images of a source. */
export function retargetAll(ledger: Ledger, source: Source, slots: readonly number[]): void {
  for (const name of source.images) {
    const record = ledger.images.get(name);
    if (record !== undefined) retarget(ledger, record, slots);
  }
}
