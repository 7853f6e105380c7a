import type { SecureVersion } from "node:tls";
import { type HealthServer, startHealthServer } from "../runtime/health.ts";
import { eventLoopCheck } from "../runtime/health-lag.ts";
import { letYoungGenerationGrow } from "../runtime/heap.ts";
import type { Clock } from "../runtime/http-clock.ts";
import type { Logger } from "../runtime/logger.ts";
import { createRegistry, expositionOf } from "../runtime/metrics.ts";
import { type CertificateSource, validityFault } from "./certificate.ts";
import { createMeasures } from "./measures.ts";
import { judge } from "./review.ts";
import { createRoutes } from "./routes.ts";
import { startServer, type WebhookServer } from "./server.ts";
import { warmUp } from "./warm-up.ts";

/** What a webhook is started with. */
export interface WebhookOptions {
  readonly host: string | undefined;
  /** Both 0 for any free one. */
  readonly port: number;
  readonly healthPort: number;
  readonly minVersion: SecureVersion;
  readonly log: Logger;
  readonly clock: Clock;
  /** Where the certificate comes from; closed in the end. */
  readonly certificates: CertificateSource;
  /** Aborted to drain and end. */
  readonly signal: AbortSignal;
}

/** Serves the webhook until the signal is aborted and what follows is drained. */
export async function runWebhook(options: WebhookOptions): Promise<void> {
  const { certificates, log, signal } = options;
  const state = new WebhookState();
  const health = await serveHealth(options, state);
  try {
    const server = await orAborted(listen(options, state), signal);
    if (server === undefined) return;
    log.info({ port: server.port, healthPort: health.port }, "serving");
    await aborted(signal);
    state.isDraining = true;
    log.info({}, "draining");
    await server.drain();
    log.info({}, "drained");
  } finally {
    certificates.close();
    await health.close();
  }
}

/** What readiness goes by. */
class WebhookState {
  isListening = false;
  isWarm = false;
  isDraining = false;
  register = createRegistry();
}

function serveHealth(
  { host, healthPort: port, certificates, clock }: WebhookOptions,
  state: WebhookState,
): Promise<HealthServer> {
  return startHealthServer({
    host,
    port,
    alive: { "event-loop": eventLoopCheck() },
    ready: {
      listener: () => (state.isListening ? undefined : "not listening yet"),
      certificate: () => validityFault(certificates.current(), clock.now()),
      schemas: () => (state.isWarm ? undefined : "not compiled yet"),
      serving: () => (state.isDraining ? "draining" : undefined),
    },
    metrics: expositionOf(state.register),
  });
}

async function listen(options: WebhookOptions, state: WebhookState): Promise<WebhookServer> {
  const { certificates, clock, log } = options;
  warmUp();
  letYoungGenerationGrow();
  state.isWarm = true;
  const measures = createMeasures(state.register, () => certificates.current()?.notAfter);
  const isDraining = () => state.isDraining;
  const routes = createRoutes({ judge, measures, log, clock, isDraining });
  const server = await startServer({ ...options, routes });
  state.isListening = true;
  return server;
}

function aborted(signal: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(undefined);
    else signal.addEventListener("abort", () => resolve(undefined), { once: true });
  });
}

/** Before there is a certificate nothing is served that would have to be drained. */
function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T | undefined> {
  return Promise.race([work, aborted(signal)]);
}
