import { once } from "node:events";
import type { RequestListener } from "node:http";
import { createServer, type Server, type ServerOptions } from "node:https";
import type { SecureVersion } from "node:tls";
import { portOf } from "../runtime/health.ts";
import type { Clock } from "../runtime/http-clock.ts";
import type { Logger } from "../runtime/logger.ts";
import type { CertificateSource, ServingPair } from "./certificate.ts";
import { type Activity, drained, watchActivity } from "./drain.ts";

/** What the listener needs besides its routes. */
export interface ServerOptionsOfWebhook {
  readonly host: string | undefined;
  /** 0 for any free one. */
  readonly port: number;
  readonly minVersion: SecureVersion;
  readonly certificates: CertificateSource;
  readonly routes: RequestListener;
  readonly clock: Clock;
  readonly log: Logger;
}

/** The running listener. */
export interface WebhookServer {
  readonly port: number;
  /** Serves on until the API server has found other replicas, then closes; connections under way are served. */
  drain(): Promise<void>;
}

/**
 * The API server keeps idle connections for 90 s: closing them sooner would reset requests. Senders that are slower
 * than this are cut, and looked for every second.
 */
const TIMEOUTS: ServerOptions = {
  keepAliveTimeout: 120_000,
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  handshakeTimeout: 10_000,
  connectionsCheckingInterval: 1_000,
};

/** Listens over HTTPS with the source's pair, and changes to each new one without losing a connection. */
export async function startServer(options: ServerOptionsOfWebhook): Promise<WebhookServer> {
  const { certificates, minVersion, routes, log, host, port, clock } = options;
  const first = await firstPair(certificates);
  const asksForClient = first.clientCaPem !== undefined;
  const server = createServer(
    { ...TIMEOUTS, ...secureOptions(first, minVersion), requestCert: asksForClient },
    routes,
  );
  certificates.onChange((pair) => server.setSecureContext(secureOptions(pair, minVersion)));
  server.on("tlsClientError", (error, socket) => {
    log.debug({ error, from: socket.remoteAddress }, "a client gave up the TLS handshake");
  });
  const activity = watchActivity(server, clock);
  server.listen({ port, ...(host === undefined ? {} : { host }) });
  await once(server, "listening");
  return { port: portOf(server), drain: () => drainServer(server, activity, clock) };
}

async function drainServer(server: Server, activity: Activity, clock: Clock): Promise<void> {
  await drained(activity, clock);
  const closed = once(server, "close");
  server.close();
  const cut = setTimeout(() => server.closeAllConnections(), LAST_ANSWERS_MS);
  await closed;
  clearTimeout(cut);
}

/** Longer than any answer may take. */
const LAST_ANSWERS_MS = 4_000;

function firstPair(certificates: CertificateSource): Promise<ServingPair> {
  return new Promise((resolve) => certificates.onChange(resolve));
}

function secureOptions(pair: ServingPair, minVersion: SecureVersion) {
  const { certPem, keyPem, clientCaPem } = pair;
  const ca = clientCaPem === undefined ? {} : { ca: clientCaPem };
  return { cert: certPem, key: keyPem.reveal(), minVersion, ...ca };
}
