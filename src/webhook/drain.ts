import type { Server } from "node:https";
import type { Clock } from "../runtime/http-clock.ts";

/** How long no request may come before serving ends, and how long it goes on at most. */
const QUIET_MS = 15_000;
const MOST_MS = 25_000;

/** When a server was last at work. */
export interface Activity {
  /** Milliseconds since 1970; now, while a request is being answered. */
  lastAt(): number;
}

/** Watches a server's requests. */
export function watchActivity(server: Pick<Server, "on">, clock: Pick<Clock, "now">): Activity {
  let lastAt = clock.now();
  let inFlight = 0;
  server.on("request", (_request, response) => {
    inFlight++;
    response.once("close", () => {
      inFlight--;
      lastAt = clock.now();
    });
  });
  return { lastAt: () => (inFlight > 0 ? clock.now() : lastAt) };
}

/**
 * Resolves once 15 s have passed without a request, after 25 s in any case: it takes the cluster some seconds to send
 * requests elsewhere after readiness has failed.
 */
export async function drained(activity: Activity, clock: Clock): Promise<void> {
  const since = clock.now();
  const never = new AbortController().signal;
  for (;;) {
    const now = clock.now();
    const quietAt = Math.max(activity.lastAt(), since) + QUIET_MS;
    const leftMs = Math.min(quietAt, since + MOST_MS) - now;
    if (leftMs <= 0) return;
    await clock.sleep(leftMs, never);
  }
}
