import type { Clock } from "../runtime/http-clock.ts";
import { createCaller } from "./call.ts";
import type { KubeServer } from "./connection.ts";
import { createRateLimiter } from "./rate-limit.ts";
import { PODS, pathOf } from "./resource.ts";
import { kubeTransport } from "./transport.ts";

/** A page that a Pod serves over plain HTTP. */
export interface PodPage {
  readonly namespace: string;
  readonly pod: string;
  readonly port: number;
  /** Begins with a slash; with its query. */
  readonly path: string;
}

/** Reads the JSON of pages, through the API server's `pods/proxy`. Failures are `KubeError`s. */
export type PodPageReader = (page: PodPage, signal: AbortSignal) => Promise<unknown>;

export interface PodPageOptions {
  readonly connection: Pick<KubeServer, "config" | "authorize">;
  readonly clock: Clock;
  /** Names the client. */
  readonly userAgent: string;
}

/** The API server itself gives a Pod that does not answer half a minute. */
const TIMEOUT_MS = 10_000;

/** One question at a time: nothing is to be paced. */
const LIMITS = { qps: 20, burst: 20 } as const;

export function podPageReader({ connection, clock, userAgent }: PodPageOptions): PodPageReader {
  const transport = kubeTransport(connection, { userAgent, now: clock.now });
  const limiter = createRateLimiter({ clock, ...LIMITS });
  const caller = createCaller({ transport, limiter, clock });
  return ({ namespace, pod, port, path }, signal) => {
    const call = {
      ...({ verb: "get", method: "GET", isRepeatable: true } as const),
      resource: "pods/proxy",
      what: `asking the Pod ${pod} in ${namespace}`,
      path: `${pathOf({ resource: PODS, namespace, name: `${pod}:${port}` })}/proxy${path}`,
    };
    return caller.ask(call, { signal, attempts: 1, timeoutMs: TIMEOUT_MS });
  };
}
