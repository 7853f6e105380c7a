import { type Clock, systemClock } from "../../runtime/http-clock.ts";
import { createLogger, type Logger } from "../../runtime/logger.ts";
import type { CertificateSource } from "../../webhook/certificate.ts";
import { watchFiles } from "../../webhook/certificate-files.ts";
import { runWebhook } from "../../webhook/run.ts";
import type { CommandContext } from "../context.ts";
import type { WebhookFlags } from "../webhook.ts";

const TLS_VERSIONS = { "1.2": "TLSv1.2", "1.3": "TLSv1.3" } as const;

/** Runs `drop webhook` until it is told to end. */
export async function webhook(flags: WebhookFlags, context: CommandContext): Promise<void> {
  const { terminal, signal } = context;
  const clock = context.outside?.clock ?? systemClock;
  const log = createLogger({
    level: flags.logLevel,
    part: "webhook",
    // A log that cannot be written must not end the webhook.
    write: (line) => void terminal.stdout.write(line).catch(() => undefined),
  });
  const certificates = await certificatesOf(flags, { clock, log, signal });
  const { host, port, healthPort } = flags;
  const minVersion = TLS_VERSIONS[flags.tlsMinVersion];
  await runWebhook({ host, port, healthPort, minVersion, log, clock, certificates, signal });
}

interface Surroundings {
  readonly clock: Clock;
  readonly log: Logger;
  readonly signal: AbortSignal;
}

/** What makes certificates here, client-node among it, is loaded only where it is asked for. */
async function certificatesOf(
  flags: WebhookFlags,
  { clock, log, signal }: Surroundings,
): Promise<CertificateSource> {
  if (flags.selfSigned) {
    const { clusterStore } = await import("../../webhook/authority-store.ts");
    const { selfSigned } = await import("../../webhook/certificate-self-signed.ts");
    const store = await clusterStore(flags);
    const host = `${flags.service}.${flags.namespace}.svc`;
    return selfSigned({ store, dnsNames: [host, `${host}.cluster.local`], clock, log, signal });
  }
  const { tlsCertFile: certFile, tlsKeyFile: keyFile, clientCaFile } = flags;
  return watchFiles({
    ...{ certFile, keyFile, log, now: () => clock.now() },
    ...(clientCaFile === undefined ? {} : { clientCaFile }),
  });
}
