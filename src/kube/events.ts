import type { Clock } from "../runtime/http-clock.ts";
import type { CallOptions } from "./call.ts";
import type { KubeClient } from "./client.ts";
import {
  type EventText,
  eventName,
  eventObject,
  namespaceOf,
  type Reporter,
  seriesPatch,
} from "./event-object.ts";
import { KubeError } from "./kube-error.ts";
import { EVENTS } from "./resource.ts";
import { createTokenBucket, type TokenBucket } from "./token-bucket.ts";

export type { EventText } from "./event-object.ts";

export interface EventRecorderOptions extends Reporter {
  readonly client: Pick<KubeClient, "create" | "mergePatch">;
  readonly clock: Clock;
  /** Nothing is written after it is aborted. */
  readonly signal: AbortSignal;
  /** An Event could not be written, or was left out; nobody is to suffer from that. */
  readonly onFault?: (fault: { readonly event: EventText; readonly error: unknown }) => void;
}

/** Tells people of what happened, through Events. */
export interface EventRecorder {
  /** Never throws and never waits. */
  emit(event: EventText): void;
  /** Everything emitted so far has been written or given up. */
  settled(): Promise<void>;
}

/** Begins to write Events in the order in which they come. */
export function createEventRecorder(options: EventRecorderOptions): EventRecorder {
  return new QueueingRecorder(options);
}

/** Of one Event told again and again, only every so often is it written how often. */
const SERIES_EVERY_MS = 60_000;

/** What is told again after so long is told anew. */
const SERIES_ENDS_MS = 600_000;

/** Different Events about one object: so many at once, and one more every five minutes. */
const PER_OBJECT = { size: 25, perSecond: 1 / 300 };

const MAX_WAITING = 1_000;
const MAX_REMEMBERED = 4_096;
const CALL_MS = 10_000;

interface Series {
  readonly event: EventText;
  name: string | undefined;
  count: number;
  seenAt: number;
  writtenAt: number;
}

class QueueingRecorder implements EventRecorder {
  readonly #options: EventRecorderOptions;
  readonly #series = new Map<string, Series>();
  readonly #buckets = new Map<string, TokenBucket>();
  readonly #waiting = new Set<Series>();
  #writing: Promise<void> | undefined;

  constructor(options: EventRecorderOptions) {
    this.#options = options;
  }

  emit(event: EventText): void {
    const { clock, signal } = this.#options;
    if (signal.aborted) return;
    const { regarding, type, reason, action, note } = event;
    const key = JSON.stringify([regarding.uid, type, reason, action, note]);
    const now = clock.now();
    const known = this.#series.get(key);
    if (known !== undefined && now - known.seenAt < SERIES_ENDS_MS) {
      known.count++;
      known.seenAt = now;
      if (now - known.writtenAt >= SERIES_EVERY_MS) this.#enqueue(known);
      return;
    }
    if (!this.#isAllowed(regarding.uid)) {
      this.#leftOut(event, "there are too many Events about this object");
      return;
    }
    const series = { event, name: undefined, count: 1, seenAt: now, writtenAt: now };
    remember(this.#series, key, series);
    this.#enqueue(series);
  }

  async settled(): Promise<void> {
    while (this.#writing !== undefined) await this.#writing;
  }

  #isAllowed(uid: string): boolean {
    const known = this.#buckets.get(uid);
    const bucket = known ?? createTokenBucket({ clock: this.#options.clock, ...PER_OBJECT });
    remember(this.#buckets, uid, bucket);
    if (bucket.waitMs() > 0) return false;
    bucket.take();
    return true;
  }

  #enqueue(series: Series): void {
    if (this.#waiting.size >= MAX_WAITING) {
      this.#leftOut(series.event, "too many Events wait to be written");
      return;
    }
    this.#waiting.add(series);
    this.#writing ??= this.#writeAll();
  }

  async #writeAll(): Promise<void> {
    // Whoever emits goes on first.
    await Promise.resolve();
    const { signal, clock, onFault } = this.#options;
    for (const series of this.#waiting) {
      this.#waiting.delete(series);
      if (signal.aborted) continue;
      series.writtenAt = clock.now();
      try {
        await this.#write(series);
      } catch (error) {
        if (!signal.aborted) onFault?.({ event: series.event, error });
      }
    }
    this.#writing = undefined;
  }

  async #write(series: Series): Promise<void> {
    const { client, clock } = this.#options;
    const { event, name, count } = series;
    const within = { resource: EVENTS, namespace: namespaceOf(event) };
    if (name === undefined) return this.#create(series);
    try {
      await client.mergePatch({ ...within, name }, seriesPatch(count, clock.now()), this.#how());
    } catch (error) {
      // Events are kept for an hour or so.
      if (!(error instanceof KubeError && error.reason === "NotFound")) throw error;
      await this.#create(series);
    }
  }

  async #create(series: Series): Promise<void> {
    const { client, clock } = this.#options;
    const nowMs = clock.now();
    const chance = Math.floor(clock.random() * 0x1_0000).toString(16);
    const name = eventName(series.event, `${Math.floor(nowMs * 1_000).toString(16)}${chance}`);
    const within = { resource: EVENTS, namespace: namespaceOf(series.event) };
    await client.create(
      eventObject(series.event, this.#options, { name, nowMs }),
      within,
      this.#how(),
    );
    series.name = name;
  }

  #how(): CallOptions {
    return { signal: this.#options.signal, priority: "status", timeoutMs: CALL_MS };
  }

  #leftOut(event: EventText, message: string): void {
    this.#options.onFault?.({ event, error: new Error(message) });
  }
}

/** Puts the newest last, and forgets the oldest of too many. */
function remember<V>(map: Map<string, V>, key: string, value: V): void {
  map.delete(key);
  map.set(key, value);
  const [oldest] = map.keys();
  if (map.size > MAX_REMEMBERED && oldest !== undefined) map.delete(oldest);
}
