/** The signal of one attempt: ends with the caller's, or at a deadline. It leaves nothing behind on either. */
export interface Attempt {
  readonly signal: AbortSignal;
  /** From here on only the caller's signal counts. */
  unlimit(): void;
  end(): void;
}

export function beginAttempt(signal: AbortSignal, deadline: AbortSignal): Attempt {
  const attempt = new AbortController();
  const stop = () => attempt.abort(signal.reason);
  const expire = () => attempt.abort(deadline.reason);
  signal.addEventListener("abort", stop, { once: true });
  deadline.addEventListener("abort", expire, { once: true });
  if (signal.aborted) stop();
  if (deadline.aborted) expire();
  const unlimit = () => deadline.removeEventListener("abort", expire);
  return {
    signal: attempt.signal,
    unlimit,
    end() {
      unlimit();
      signal.removeEventListener("abort", stop);
    },
  };
}
