import type { Registry } from "prom-client";
import { type HealthServer, startHealthServer } from "../../runtime/health.ts";
import { eventLoopCheck } from "../../runtime/health-lag.ts";
import { expositionOf } from "../../runtime/metrics.ts";
import { ledgerView } from "../report/ledger-view.ts";
import { reportPages } from "../report/pages.ts";
import type { Standing } from "./leading.ts";
import type { ReconcilerOptions } from "./run.ts";
import type { Watches } from "./watches.ts";

export interface HealthParts extends Pick<ReconcilerOptions, "health" | "clock"> {
  readonly watches: Watches;
  readonly standing: Standing;
  readonly register: Registry;
}

/** Serves checks, metrics, and what the leader knows, to kubelet, Prometheus and `drop status`. */
export function serveHealth(parts: HealthParts): Promise<HealthServer> {
  const { health, clock, watches, standing, register } = parts;
  return startHealthServer({
    ...health,
    alive: { "event-loop": eventLoopCheck() },
    ready: {
      watches() {
        const missing = watches.missing();
        return missing.length === 0 ? undefined : `${missing.join(", ")} not listed yet`;
      },
    },
    metrics: expositionOf(register),
    pages: reportPages(() => {
      const { term } = standing;
      return term?.hasLooked() === true
        ? ledgerView(term.ledger, watches.facts, clock.now())
        : undefined;
    }),
  });
}
