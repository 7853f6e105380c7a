import type { WorkQueue } from "./work-queue.ts";

export interface Workers {
  /** How many keys are worked on at once. */
  readonly count: number;
  /** Works on a key; the milliseconds after which it is to come again, undefined when it need not. */
  readonly handle: (key: string, signal: AbortSignal) => Promise<number | undefined>;
  /** What `handle` rejected with; the key comes again after its backoff. */
  readonly onFault: (key: string, error: unknown) => void;
}

/** Works on the keys of a queue until it is shut down or the signal is aborted, and every key taken is done. */
export async function work(queue: WorkQueue, workers: Workers, signal: AbortSignal): Promise<void> {
  const loops = Array.from({ length: workers.count }, () => workOn(queue, workers, signal));
  await Promise.all(loops);
}

async function workOn(queue: WorkQueue, workers: Workers, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const key = await queue.take(signal).catch((error: unknown) => {
      if (signal.aborted) return undefined;
      throw error;
    });
    if (key === undefined) return;
    await workOnKey(queue, { ...workers, key }, signal);
  }
}

async function workOnKey(
  queue: WorkQueue,
  { key, handle, onFault }: Workers & { readonly key: string },
  signal: AbortSignal,
): Promise<void> {
  try {
    const againMs = await handle(key, signal);
    queue.forget(key);
    if (againMs !== undefined) queue.addAfter(key, againMs);
  } catch (error) {
    if (signal.aborted) return;
    onFault(key, error);
    queue.retry(key);
  } finally {
    queue.done(key);
  }
}
