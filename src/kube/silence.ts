import type { Clock } from "../runtime/http-clock.ts";
import { KubeError } from "./kube-error.ts";

/** Ends a stream whose other end has gone without a word. */
export interface SilenceGuard {
  /** Aborted with the outer signal, after a silence, or when all of it took too long. */
  readonly signal: AbortSignal;
  /** Something was heard. */
  heard(): void;
  /** No more guarding; the signal is aborted as well, since nobody listens. */
  end(): void;
}

export interface SilenceLimits {
  readonly clock: Clock;
  readonly silenceMs: number;
  /** However much is heard. */
  readonly totalMs: number;
  /** Of the call, in words. */
  readonly what: string;
  readonly signal: AbortSignal;
}

export function guardSilence(limits: SilenceLimits): SilenceGuard {
  const { clock, silenceMs, totalMs, what, signal } = limits;
  const guard = new AbortController();
  const endsAt = clock.now() + totalMs;
  let lastHeardAt = clock.now();
  const stop = () => guard.abort(signal.reason);
  signal.addEventListener("abort", stop, { once: true });
  if (signal.aborted) stop();

  async function watchdog(): Promise<void> {
    for (;;) {
      const leftMs = Math.min(lastHeardAt + silenceMs, endsAt) - clock.now();
      if (leftMs <= 0) break;
      await clock.sleep(leftMs, guard.signal);
    }
    guard.abort(gone(what));
  }
  // It ends in no other way than by the guard's own signal.
  watchdog().catch(() => undefined);

  return {
    signal: guard.signal,
    heard() {
      lastHeardAt = clock.now();
    },
    end() {
      signal.removeEventListener("abort", stop);
      guard.abort();
    },
  };
}

function gone(what: string): KubeError {
  const message = `${what} failed: nothing has come for too long`;
  return new KubeError("Timeout", { message, fix: "check the network to the API server" });
}
