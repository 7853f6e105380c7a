import type { Clock } from "../runtime/http-clock.ts";
import { type Backoff, jittered } from "./backoff.ts";
import type { KubeClient } from "./client.ts";
import { KubeError } from "./kube-error.ts";
import { createMirror, type Mirror, type Relist } from "./mirror.ts";
import type { ObjectStoreOptions } from "./object-store.ts";
import type { Selection } from "./request.ts";

export type { Change } from "./object-store.ts";

/** What kept a collection from being followed, and when it goes on. */
export interface ReflectorFault {
  readonly error: KubeError;
  readonly retryInMs: number;
  readonly next: "list" | "watch";
}

export interface ReflectorOptions<T> extends ObjectStoreOptions<T> {
  readonly client: Pick<KubeClient, "list" | "watch">;
  readonly clock: Clock;
  readonly of: Selection;
  readonly onFault?: (fault: ReflectorFault) => void;
  readonly onRelist?: (relist: Relist) => void;
  /** Objects in one page of a list; the default is kubectl's. */
  readonly pageSize?: number;
}

/** A collection of the API server, kept up to date here. */
export interface Reflector<T> {
  /** By name, or `namespace/name`. It changes with the next event: copy what is needed over an `await`. */
  snapshot(): ReadonlyMap<string, T>;
  /** The first whole list has been taken; rejects when the reflector ends before. */
  readonly synced: Promise<void>;
  /** When the server was last heard, by the clock. */
  lastContactAt(): number | undefined;
  /** Until the signal is aborted, and then resolves; rejects only with what a callback threw. */
  run(signal: AbortSignal): Promise<void>;
}

const BACKOFF: Backoff = { firstMs: 1_000, maxMs: 30_000 };

/** A watch that lives so long has worked, however it ended. */
const HEALTHY_MS = 10_000;

/** Lists once, then watches, and lists again only where watching cannot go on, or to check. */
export function createReflector<T>(options: ReflectorOptions<T>): Reflector<T> {
  const { onChange } = options;
  const { promise: synced, resolve, reject } = Promise.withResolvers<void>();
  // Whoever does not wait for it need not hear that it never came.
  synced.catch(() => undefined);
  const mirror = createMirror(options, () => {
    onChange({ type: "synced" });
    resolve();
  });
  return {
    snapshot: () => mirror.objects,
    synced,
    lastContactAt: () => mirror.heardAt(),
    async run(signal) {
      try {
        await follow(mirror, options, signal);
      } catch (error) {
        reject(error);
        if (!signal.aborted) throw error;
      }
    },
  };
}

/** Step after step; a step that fails is followed by a pause, longer each time until a watch has held. */
async function follow<T>(
  mirror: Mirror<T>,
  { clock, onFault }: Pick<ReflectorOptions<T>, "clock" | "onFault">,
  signal: AbortSignal,
): Promise<never> {
  for (let failures = 0; ; ) {
    signal.throwIfAborted();
    const step = mirror.nextStep();
    const startedAt = clock.now();
    const failed = await failureOf(mirror.take(step, signal));
    signal.throwIfAborted();
    const hasHeld = step === "watch" && clock.now() - startedAt >= HEALTHY_MS;
    if (hasHeld) failures = 0;
    const error = step === "watch" && !hasHeld ? (failed ?? endedAtOnce()) : failed;
    if (error === undefined) continue;
    failures++;
    mirror.recover(step, error);
    const retryInMs = jittered(BACKOFF, failures, clock.random());
    onFault?.({ error, retryInMs, next: mirror.nextStep() === "watch" ? "watch" : "list" });
    await clock.sleep(retryInMs, signal);
  }
}

/** A bug, or the signal's reason, is thrown on. */
async function failureOf(step: Promise<void>): Promise<KubeError | undefined> {
  try {
    await step;
    return undefined;
  } catch (error) {
    if (error instanceof KubeError) return error;
    throw error;
  }
}

function endedAtOnce(): KubeError {
  const message = "watching failed: the API server ended it at once";
  const fix = "look at the API server; it may be starting or stopping";
  return new KubeError("Unreachable", { message, fix });
}
