import { failureOf } from "../failure/scope.ts";
import type { Failure } from "../model/failure.ts";
import type { Ending } from "../pull-pod/unfinished.ts";
import type { Ledger } from "./ledger.ts";
import type { PodRecord } from "./pods.ts";
import { slotOf } from "./slots.ts";
import { exclusionAt, TARGET } from "./targets.ts";

/** Why a Pod has to go although it is not finished, and what that says about what it has not pulled. */
export interface Condemnation {
  readonly ending: Ending;
  /** For the log. */
  readonly why: string;
  /** What its images without an outcome failed of; undefined: as the ending says. */
  readonly failure?: Failure;
}

/** Kubelet takes a Pod up within this time, or is not at work. */
const TAKE_UP_MS = 60_000;

/** When the Pod's time is up: until kubelet takes it up, and then for its pulls, each of which has its time. */
export function deadlineOf({ work, startedAt, takenUpAt, timeoutMs }: PodRecord): number {
  if (takenUpAt === undefined) return startedAt + TAKE_UP_MS;
  return takenUpAt + timeoutMs * (work?.items.length ?? 1);
}

/** Whether and why an unfinished Pod has to go now. */
export function condemnation(
  ledger: Ledger,
  record: PodRecord,
  now: number,
): Condemnation | undefined {
  const { work, nodeName, takenUpAt } = record;
  if (work === undefined) return { ending: "Untargeted", why: "what it is for cannot be read" };
  const slot = slotOf(ledger.slots, { name: nodeName, uid: work.nodeUid });
  if (slot === undefined) return { ending: "Untargeted", why: "its node is gone" };
  const untargeted = untargetedBecause(ledger, record, slot);
  if (untargeted !== undefined) return untargeted;
  if (now < deadlineOf(record)) return undefined;
  return takenUpAt === undefined
    ? { ending: "NotStarted", why: "kubelet did not take it up in time" }
    : { ending: "PullTimeout", why: "its pulls took too long" };
}

/** Its node is a target of nothing that it still pulls. */
function untargetedBecause(
  { evidence, images }: Ledger,
  { work, ends }: PodRecord,
  slot: number,
): Condemnation | undefined {
  const exclusions = new Set<string>();
  for (const [index, { reference }] of (work?.items ?? []).entries()) {
    if (ends[index] !== undefined) continue;
    const wanting = [...(evidence.get(reference)?.sources ?? [])].flatMap((one) => [...one.images]);
    for (const name of wanting) {
      const record = images.get(name);
      if (record === undefined) continue;
      if (record.exclusions[slot] === TARGET) return undefined;
      exclusions.add(exclusionAt(record, slot) ?? "");
    }
  }
  const failure = troubleIn(exclusions);
  return {
    ...{ ending: "Untargeted", why: "its node is no longer a target" },
    ...(failure !== undefined && { failure }),
  };
}

/** A node that got into trouble meanwhile is left alone for a while, lest it get into it again and again. */
function troubleIn(exclusions: ReadonlySet<string>): Failure | undefined {
  if (exclusions.has("DiskPressure")) {
    return failureOf("DiskPressure", "the node ran short of disk during the pull");
  }
  if (exclusions.has("NotReady")) {
    return failureOf("NodeRejected", "the node became NotReady during the pull");
  }
  return undefined;
}
