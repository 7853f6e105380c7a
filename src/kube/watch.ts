import type { Clock } from "../runtime/http-clock.ts";
import type { KubeClient } from "./client.ts";
import type { KubeError, KubeFailureReason } from "./kube-error.ts";
import type { Selection } from "./request.ts";
import { nameOf } from "./resource.ts";
import { guardSilence } from "./silence.ts";
import { type WatchEvent, watchEvent } from "./watch-event.ts";
import { watchLines } from "./watch-lines.ts";

export interface WatchOptions {
  readonly client: Pick<KubeClient, "watch">;
  readonly clock: Clock;
  readonly of: Selection;
  readonly resourceVersion: string;
  /** Called in order; what it throws ends the watch, and is thrown on. */
  readonly onEvent: (event: WatchEvent) => void;
  /** Bytes came, were it only a part of an event. */
  readonly onHeard: () => void;
}

/** A server sends a bookmark every minute: two and a half without a byte, and it is gone. */
const SILENCE_MS = 150_000;

/** A server ends a watch by itself; one that does not is left after this much more. */
const GRACE_MS = 60_000;

const SHORTEST_MS = 300_000;
const LONGEST_MS = 600_000;

/** Watches until the server ends it; a `KubeError` when it broke, the signal's reason when aborted. */
export async function watchOnce(options: WatchOptions, signal: AbortSignal): Promise<void> {
  const { client, clock, of, resourceVersion, onEvent, onHeard } = options;
  const what = `watching ${nameOf(of)}`;
  // Not all clients come back at the same moment.
  const lengthMs = SHORTEST_MS + clock.random() * (LONGEST_MS - SHORTEST_MS);
  const limits = { clock, silenceMs: SILENCE_MS, totalMs: lengthMs + GRACE_MS, what, signal };
  const guard = guardSilence(limits);
  async function* heard(body: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
    for await (const chunk of body) {
      guard.heard();
      onHeard();
      yield chunk;
    }
  }
  try {
    const timeoutSeconds = Math.round(lengthMs / 1_000);
    const query = { ...of, resourceVersion, timeoutSeconds };
    const body = await client.watch(query, { signal: guard.signal, priority: "read" });
    for await (const line of watchLines(heard(body))) onEvent(watchEvent(line, what));
  } finally {
    guard.end();
  }
}

/** Whether going on from the same version cannot help: it is forgotten, or its events cannot be read. */
export function needsList({ reason }: KubeError): boolean {
  return HOPELESS.has(reason);
}

const HOPELESS: ReadonlySet<KubeFailureReason> = new Set<KubeFailureReason>([
  "Gone",
  "Refused",
  "InvalidAnswer",
  "AnswerTooLarge",
]);
