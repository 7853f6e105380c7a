import { join } from "node:path";
import type { SecureVersion } from "node:tls";
import { type Clock, systemClock } from "../../src/runtime/http-clock.ts";
import { createLogger } from "../../src/runtime/logger.ts";
import { watchFiles } from "../../src/webhook/certificate-files.ts";
import { runWebhook } from "../../src/webhook/run.ts";
import { type Certificate, makeCertificate } from "../support/certificate.ts";
import { type Folder, makeFolder } from "../support/folder.ts";
import { until } from "../support/until.ts";

export interface ServingOptions {
  readonly minVersion?: SecureVersion;
  readonly clientCaFile?: string;
  readonly clock?: Clock;
  readonly pollMs?: number;
  /** Where `tls.crt` and `tls.key` are or will be; one with a pair of its own without it. */
  readonly folder?: string;
}

/** A webhook in this process, over real sockets. */
export interface Serving {
  /** Base of the HTTPS and of the plain port. */
  readonly url: string;
  readonly healthUrl: string;
  readonly port: number;
  readonly certificate: Certificate | undefined;
  logs(): readonly Readonly<Record<string, unknown>>[];
  /** Asks it to end, as SIGTERM does. */
  terminate(): void;
  readonly ended: Promise<void>;
  /** Ends it at once, however long draining would take. */
  stop(): Promise<void>;
}

/** A clock whose waits are over at once, time having passed, as soon as `hurry` is aborted. */
function hurried(clock: Clock, hurry: AbortSignal): Clock {
  let aheadMs = 0;
  return {
    ...clock,
    now: () => clock.now() + aheadMs,
    async sleep(milliseconds, signal) {
      try {
        await clock.sleep(milliseconds, AbortSignal.any([signal, hurry]));
      } catch {
        signal.throwIfAborted();
        aheadMs += milliseconds;
      }
    },
  };
}

/** Starts a webhook on free ports and waits until it serves, or only until it has begun with `isWaiting`. */
export async function serve(options: ServingOptions = {}): Promise<Serving> {
  const own: Folder | undefined = options.folder ? undefined : await makeFolder("webhook");
  const folder = options.folder ?? own?.path ?? "";
  const certificate = own ? await makeCertificate(folder) : undefined;
  const lines: string[] = [];
  const logs = () => lines.map((line) => JSON.parse(line));
  const log = createLogger({ level: "debug", part: "test", write: (line) => lines.push(line) });
  const end = new AbortController();
  const hurry = new AbortController();
  const clock = hurried(options.clock ?? systemClock, hurry.signal);
  const { clientCaFile, pollMs, minVersion = "TLSv1.3" } = options;
  const certificates = await watchFiles({
    ...{ certFile: join(folder, "tls.crt"), keyFile: join(folder, "tls.key"), log },
    now: () => clock.now(),
    ...(clientCaFile === undefined ? {} : { clientCaFile }),
    ...(pollMs === undefined ? {} : { pollMs }),
  });
  const place = { host: "127.0.0.1", port: 0, healthPort: 0 };
  const ended = runWebhook({ ...place, minVersion, log, clock, certificates, signal: end.signal });
  const serving = () => logs().find(({ msg }) => msg === "serving");
  await until(() => serving() !== undefined, { what: "the webhook to serve" });
  const { port, healthPort } = serving();
  return {
    url: `https://127.0.0.1:${port}`,
    healthUrl: `http://127.0.0.1:${healthPort}`,
    ...{ port, certificate, logs, ended },
    terminate: () => end.abort(),
    async stop() {
      end.abort();
      hurry.abort();
      await ended;
      await own?.remove();
    },
  };
}
