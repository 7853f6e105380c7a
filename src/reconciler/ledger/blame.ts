import type { PolicyFacts } from "../model/facts.ts";
import type { Failure } from "../model/failure.ts";
import type { WorkItem } from "../model/pod.ts";
import { backoffMs } from "./backoff.ts";
import type { Source } from "./evidence.ts";
import { type Ledger, suspicionIn, touchAll } from "./ledger.ts";
import type { PodRecord } from "./pods.ts";
import { retargetAll } from "./sources.ts";
import { clearRegistry, touchRegistry } from "./suspects.ts";
import { accuse, type Suspicion } from "./suspicion.ts";

/** One failed item of a pull Pod. */
export interface FailedItem {
  readonly record: PodRecord;
  readonly item: WorkItem;
  readonly source: Source;
  readonly slot: number;
  readonly failure: Failure;
  /** Whose backoff holds. */
  readonly policy: PolicyFacts;
  readonly now: number;
}

/** Puts a failure where it belongs: to the image on this node always, unless the tool failed, and to what is wider. */
export function blame(ledger: Ledger, failed: FailedItem): void {
  const { source, slot, failure, record } = failed;
  if (failure.scope === "installation") {
    accuseTool(ledger, failed);
    return;
  }
  noteAttempt(ledger, failed);
  const { registryHost: host } = source;
  const isAnswer = failure.scope === "image" || failure.scope === "platform";
  if (isAnswer) clearRegistry(ledger, host, { slot, at: record.startedAt });
  if (failure.scope === "registry") {
    suspect(suspicionIn(ledger.registries, host), host, failed);
    touchRegistry(ledger, host);
  }
  if (failure.scope === "image") suspect(source.suspicion, source.key, failed);
  if (failure.scope === "platform") noteGap(ledger, failed);
  if (failure.scope === "node") holdNode(ledger, failed);
  else releaseNode(ledger, slot);
}

function noteAttempt(ledger: Ledger, failed: FailedItem): void {
  const { item, source, slot, failure, now } = failed;
  const attempts = item.attempt;
  const nextAt = now + waitMs(failed, source.key, attempts);
  source.failures.set(slot, { failure, attempts, at: now, nextAt });
  for (const name of source.images) {
    const image = ledger.images.get(name);
    if (image !== undefined) {
      image.consecutiveFailures = Math.max(image.consecutiveFailures, attempts);
    }
  }
}

function waitMs({ policy, record }: FailedItem, subject: string, attempts: number): number {
  return backoffMs(policy, attempts, `${subject} ${record.work?.nodeUid ?? ""}`);
}

function suspect(suspicion: Suspicion, subject: string, failed: FailedItem): void {
  const { failure, slot, record, now } = failed;
  accuse(suspicion, {
    ...{ failure, slot, now, startedAt: record.startedAt },
    waitMs: (attempts) => waitMs(failed, subject, attempts),
  });
}

/** Where others get the tool the node is at fault. */
function accuseTool(ledger: Ledger, failed: FailedItem): void {
  const { record, slot } = failed;
  if (record.work === undefined) return;
  const suspicion = suspicionIn(ledger.methods, record.work.method);
  touchAll(ledger);
  if (suspicion.exempt.has(slot)) holdNode(ledger, failed);
  else suspect(suspicion, record.work.method, failed);
}

/** No image for the node's architecture: none of these nodes is a target any more. */
function noteGap(ledger: Ledger, { source, slot }: FailedItem): void {
  const node = ledger.slots.nodes[slot];
  const attempt = source.failures.get(slot);
  if (node === undefined || attempt === undefined) return;
  source.platforms.set(node.architecture, { node: node.name, attempt });
  retargetAll(ledger, source, ledger.slots.inNameOrder);
}

/** The images of one Pod fail together, and count once. */
function holdNode(ledger: Ledger, failed: FailedItem): void {
  const { slots } = ledger;
  const { slot, failure, record, now } = failed;
  const before = slots.failing.get(slot);
  if (before !== undefined && record.startedAt < before.at) return;
  const attempts = (before?.attempts ?? 0) + 1;
  const until = now + waitMs(failed, "", attempts);
  slots.failing.set(slot, { failure, attempts, at: now, since: before?.since ?? now, until });
  touchAll(ledger);
}

/** The node is at work: something else than itself decided how a pull ended. */
export function releaseNode(ledger: Ledger, slot: number): void {
  if (ledger.slots.failing.delete(slot)) touchAll(ledger);
}
