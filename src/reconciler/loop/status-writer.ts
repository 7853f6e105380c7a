import type { KubeClient } from "../../kube/client.ts";
import type { EventRecorder } from "../../kube/events.ts";
import { createWorkQueue } from "../../kube/work-queue.ts";
import { work } from "../../kube/workers.ts";
import type { Clock } from "../../runtime/http-clock.ts";
import type { Logger } from "../../runtime/logger.ts";
import type { ClusterFacts, ImageFacts, SetFacts } from "../model/facts.ts";
import type { ImageSummary } from "../model/summary.ts";
import { createApplied } from "./applied.ts";
import { writeImage } from "./image-writer.ts";
import type { Measures } from "./measures.ts";
import { type AppliedStatuses, writeSet } from "./set-writer.ts";

/** Keeps the status of CachedImages and CachedImageSets true. */
export interface StatusWriter {
  /** The status of these CachedImages may not be true any more. */
  touch(images: Iterable<string>): void;
  imageChanged(now: ImageFacts | undefined, before: ImageFacts | undefined): void;
  setChanged(now: SetFacts | undefined, before: SetFacts | undefined): void;
  /** Until the signal is aborted. */
  run(signal: AbortSignal): Promise<void>;
}

/** What a status is made from, and where it goes. */
export interface StatusSurroundings {
  readonly facts: ClusterFacts;
  /** How a CachedImage stands; undefined for one that the core does not know. */
  readonly summaryOf: (image: string, now: number) => ImageSummary | undefined;
  readonly client: Pick<KubeClient, "applyStatus">;
  readonly events: Pick<EventRecorder, "emit">;
  readonly measures: Pick<Measures, "image" | "imageGone">;
  readonly clock: Pick<Clock, "now">;
  /** For waiting: it never jumps. */
  readonly steadyClock: Clock;
  readonly log: Logger;
}

/** Writes at once; the client's share for status is what paces them. */
const WORKERS = 8;

const IMAGE = "CachedImage/";
const SET = "CachedImageSet/";

/** However often an object is touched, its status is written when it is due, and one write at a time. */
export function createStatusWriter(surroundings: StatusSurroundings): StatusWriter {
  const { facts, measures, steadyClock, log } = surroundings;
  const queue = createWorkQueue(steadyClock);
  const applied: AppliedStatuses = { images: createApplied(), sets: createApplied() };
  function touchSet(name: string | undefined): void {
    if (name !== undefined && facts.sets.has(name)) queue.add(`${SET}${name}`);
  }
  function handle(key: string, signal: AbortSignal): Promise<number | undefined> {
    if (key.startsWith(SET)) {
      return writeSet(surroundings, applied, { name: key.slice(SET.length), signal });
    }
    return writeImage(surroundings, applied.images, { name: key.slice(IMAGE.length), signal });
  }
  return {
    touch(images) {
      for (const name of images) queue.add(`${IMAGE}${name}`);
    },
    imageChanged(now, before) {
      if (now !== undefined) queue.add(`${IMAGE}${now.name}`);
      for (const set of new Set([now?.setName, before?.setName])) touchSet(set);
      if (before === undefined || before.uid === now?.uid) return;
      applied.images.forget(before.uid);
      if (now === undefined) measures.imageGone(before.name);
    },
    setChanged(now, before) {
      touchSet(now?.name);
      if (before !== undefined && before.uid !== now?.uid) applied.sets.forget(before.uid);
    },
    async run(signal) {
      const onFault = (key: string, error: unknown) =>
        log.warn({ object: key, error }, "a status was not written");
      await work(queue, { count: WORKERS, handle, onFault }, signal);
    },
  };
}
