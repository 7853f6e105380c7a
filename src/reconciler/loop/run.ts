import { createKubeClient } from "../../kube/client.ts";
import type { KubeServer } from "../../kube/connection.ts";
import { steadyClock } from "../../kube/steady-clock.ts";
import type { Clock } from "../../runtime/http-clock.ts";
import type { Logger } from "../../runtime/logger.ts";
import { createRegistry } from "../../runtime/metrics.ts";
import type { DecisionOptions, PodOptions } from "../model/options.ts";
import { serveHealth } from "./health.ts";
import { leadWheneverElected, type Standing } from "./leading.ts";
import { createMeasures } from "./measures.ts";
import { watchCluster } from "./watches.ts";

/** What a reconciler is started with. */
export interface ReconcilerOptions {
  /** Closed by the caller. */
  readonly connection: KubeServer;
  /** Drop's own. */
  readonly version: string;
  readonly log: Logger;
  /** As the API server's and the nodes' clocks. */
  readonly clock: Clock;
  /** Requests a second on average, and at once. */
  readonly limits: { readonly qps: number; readonly burst: number };
  readonly lease: {
    readonly namespace: string;
    readonly name: string;
    /** Of this process alone: the name of its Pod. */
    readonly identity: string;
  };
  /** Port 0 for any free one. */
  readonly health: { readonly host: string | undefined; readonly port: number };
  readonly decisions: DecisionOptions;
  readonly pods: PodOptions;
}

/** Follows the cluster, and works whenever it holds the Lease, until the signal is aborted. */
export async function runReconciler(options: ReconcilerOptions, stop: AbortSignal): Promise<void> {
  const { connection, version, log, limits, pods, lease } = options;
  const register = createRegistry();
  const measures = createMeasures(register);
  const client = createKubeClient({
    ...{ connection, version, clock: steadyClock, part: "reconciler", ...limits },
    onRequest: measures.requested,
  });
  const pullNamespace = pods.namespace;
  const watches = watchCluster({ client, clock: steadyClock, log, measures, pullNamespace });
  const standing: Standing = { term: undefined, leader: undefined };
  const health = await serveHealth({ ...options, watches, standing, register });
  log.info({ healthPort: health.port, identity: lease.identity }, "following");
  // Where one of the two ends, as by a bug, so does the other.
  const ending = new AbortController();
  const signal = AbortSignal.any([stop, ending.signal]);
  try {
    const led = leadWheneverElected({ ...options, client, watches, measures, standing }, signal);
    const both = [watches.run(signal), led];
    await Promise.all(both.map((part) => part.finally(() => ending.abort())));
  } finally {
    await health.close();
  }
}
