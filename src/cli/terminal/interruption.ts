import type { Readable } from "node:stream";
import { addAbortSignal } from "node:stream";

/** How long an interrupted command may take to finish the file that it is writing. */
const GRACE_MS = 2_000;

/** Signals whose command ends by itself, however long that takes. */
const patient = new WeakSet<AbortSignal>();

/** Has an interruption by this signal wait for its command, which drains and then ends: a server's last answers. */
export function endsByItself(signal: AbortSignal): void {
  patient.add(signal);
}

/** The outcome of a command, or the interruption where the command does not heed it within a grace of 2 s. */
export async function orInterruption<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const grace: { timer?: NodeJS.Timeout } = {};
  const interrupted = new Promise<never>((_, reject) => {
    const start = () => {
      if (patient.has(signal)) return;
      grace.timer = setTimeout(() => reject(signal.reason), GRACE_MS);
    };
    if (signal.aborted) start();
    else signal.addEventListener("abort", start, { once: true });
  });
  try {
    return await Promise.race([work, interrupted]);
  } finally {
    clearTimeout(grace.timer);
  }
}

/** A stream that whoever reads it stops waiting for once interrupted. */
export function untilInterrupted<S extends Readable>(stream: S, signal: AbortSignal): S {
  // Whoever reads is told by the reading itself; where nobody does, the error is of no interest.
  stream.on("error", () => undefined);
  return addAbortSignal(signal, stream);
}
