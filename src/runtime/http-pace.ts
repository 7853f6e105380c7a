import type { Clock } from "./http-clock.ts";

/** Lets a few requests at once go to each host, none while the host has asked for a pause. */
export interface HostPace {
  /** Runs one attempt when the host has a place for it. */
  run<T>(host: string, signal: AbortSignal, attempt: () => Promise<T>): Promise<T>;
  /** Holds back everything that has not started yet; a pause already longer stays. */
  pause(host: string, milliseconds: number): void;
}

interface HostState {
  active: number;
  pausedUntil: number;
  readonly waiting: Set<() => void>;
}

export function createHostPace(clock: Clock, maxPerHost: number): HostPace {
  const hosts = new Map<string, HostState>();

  function stateOf(host: string): HostState {
    const known = hosts.get(host);
    if (known !== undefined) return known;
    const state: HostState = { active: 0, pausedUntil: 0, waiting: new Set() };
    hosts.set(host, state);
    return state;
  }

  async function enter(state: HostState, signal: AbortSignal): Promise<void> {
    for (;;) {
      signal.throwIfAborted();
      const pauseMs = state.pausedUntil - clock.now();
      if (pauseMs > 0) await clock.sleep(pauseMs, signal);
      else if (state.active < maxPerHost) break;
      else await freed(state, signal);
    }
    state.active++;
  }

  function leave(host: string, state: HostState): void {
    state.active--;
    const [next] = state.waiting;
    next?.();
    const isIdle = state.active === 0 && state.waiting.size === 0;
    if (isIdle && state.pausedUntil <= clock.now()) hosts.delete(host);
  }

  return {
    async run(host, signal, attempt) {
      const state = stateOf(host);
      await enter(state, signal);
      try {
        return await attempt();
      } finally {
        leave(host, state);
      }
    },
    pause(host, milliseconds) {
      const state = stateOf(host);
      state.pausedUntil = Math.max(state.pausedUntil, clock.now() + milliseconds);
    },
  };
}

/** Resolves when a request of the host has ended, first come, first served. */
function freed(state: HostState, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    function wake(): void {
      signal.removeEventListener("abort", giveUp);
      state.waiting.delete(wake);
      resolve();
    }
    function giveUp(): void {
      state.waiting.delete(wake);
      reject(signal.reason);
    }
    state.waiting.add(wake);
    signal.addEventListener("abort", giveUp, { once: true });
  });
}
