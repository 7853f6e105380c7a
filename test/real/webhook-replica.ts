/** A replica of the webhook with a self-signed certificate whose times are short; its settings come as JSON. */
import { systemClock } from "../../src/runtime/http-clock.ts";
import { createLogger } from "../../src/runtime/logger.ts";
import { clusterStore } from "../../src/webhook/authority-store.ts";
import { selfSigned } from "../../src/webhook/certificate-self-signed.ts";
import { runWebhook } from "../../src/webhook/run.ts";

const { kubeconfig, times } = JSON.parse(process.argv[2] ?? "");
const end = new AbortController();
process.once("SIGTERM", () => end.abort());
const log = createLogger({
  ...{ level: "info", part: "replica" },
  write: (line) => void process.stdout.write(line),
});
const clock = systemClock;
const { signal } = end;
const names = {
  namespace: "drop-system",
  secret: "drop-webhook-ca",
  configuration: "drop-webhook",
};
const store = await clusterStore({ ...names, kubeconfig });
const dnsNames = ["localhost"];
const certificates = selfSigned({ store, dnsNames, clock, log, times, signal });
const place = { host: "127.0.0.1", port: 0, healthPort: 0, minVersion: "TLSv1.3" } as const;
await runWebhook({ ...place, log, clock, certificates, signal });
