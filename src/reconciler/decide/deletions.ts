import { deadlineOf } from "../ledger/deadlines.ts";
import { type PodRecord, UNSEEN_MS } from "../ledger/pods.ts";
import type { PodAction } from "./decide.ts";
import type { Desk } from "./desk.ts";
import { wakeAt } from "./timer.ts";

/** A Pod that is still there so long after the API server took its deletion is deleted again, in milliseconds. */
const DELETED_MS = 30_000;

/** The Pods that are finished or have to go. Deadlines of the others set the timer. */
export function deletionsAt(desk: Desk): readonly PodAction[] {
  const records = [...desk.ledger.pods.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  return records.flatMap((record) => deletionOf(desk, record) ?? []);
}

function deletionOf({ now, timer }: Desk, record: PodRecord): PodAction | undefined {
  const { facts, name, condemned, isFinished, deletedAt, startedAt } = record;
  if (facts === undefined) {
    wakeAt(timer, startedAt + UNSEEN_MS);
    return undefined;
  }
  if (condemned === undefined && !isFinished) {
    wakeAt(timer, deadlineOf(record));
    return undefined;
  }
  if (deletedAt !== undefined && now < deletedAt + DELETED_MS) {
    wakeAt(timer, deletedAt + DELETED_MS);
    return undefined;
  }
  return { type: "DeletePullPod", name, uid: facts.uid, why: condemned ?? "it is finished" };
}
