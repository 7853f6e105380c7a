import { Counter, Gauge, Histogram, type Registry } from "prom-client";
import type { Judgement } from "./review.ts";

/** What is counted of the webhook's work. */
export interface Measures {
  started(): void;
  ended(): void;
  /** `verdict` is the judgement's, or why there was none. */
  judged(judgement: Judgement | "failed" | "refused-body", seconds: number): void;
}

/** Seconds; a verdict takes about a millisecond, and the API server waits for 5 s. */
const BUCKETS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 3];

/** Adds the webhook's metrics to a registry. `expiresAt` gives milliseconds since 1970, undefined without certificate. */
export function createMeasures(register: Registry, expiresAt: () => number | undefined): Measures {
  const registers = [register];
  const duration = new Histogram({
    name: "drop_webhook_request_duration_seconds",
    help: "From the request's headers to its answer.",
    labelNames: ["kind", "operation", "verdict"],
    buckets: BUCKETS,
    registers,
  });
  const refusals = new Counter({
    name: "drop_webhook_refusals_total",
    help: "Objects refused, by the id of each rule that they break.",
    labelNames: ["rule"],
    registers,
  });
  const inFlight = new Gauge({
    name: "drop_webhook_requests_in_flight",
    help: "Requests that are being answered.",
    registers,
  });
  new Gauge({
    name: "drop_webhook_certificate_expiry_timestamp_seconds",
    help: "When the serving certificate ends, in seconds since 1970.",
    registers,
    collect() {
      const end = expiresAt();
      if (end !== undefined) this.set(end / 1_000);
    },
  });
  return {
    started: () => inFlight.inc(),
    ended: () => inFlight.dec(),
    judged(judgement, seconds) {
      if (typeof judgement === "string") {
        duration.observe({ kind: "", operation: "", verdict: judgement }, seconds);
        return;
      }
      const { kind, operation, verdict, refusedBy } = judgement;
      duration.observe({ kind, operation, verdict }, seconds);
      for (const rule of refusedBy) refusals.inc({ rule });
    },
  };
}
