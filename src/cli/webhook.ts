import { type Command, InvalidArgumentError, Option } from "commander";
import { LOG_LEVELS, type LogLevel } from "../runtime/log-level.ts";
import type { CommandContext } from "./context.ts";
import { UsageError } from "./failure.ts";
import { endsByItself } from "./terminal/interruption.ts";

/** The flags of `drop webhook`, as commander hands them over. */
export interface WebhookFlags {
  readonly host?: string;
  readonly port: number;
  readonly healthPort: number;
  readonly tlsCertFile: string;
  readonly tlsKeyFile: string;
  readonly tlsMinVersion: "1.2" | "1.3";
  readonly clientCaFile?: string;
  readonly selfSigned: boolean;
  readonly namespace: string;
  readonly service: string;
  readonly secret: string;
  readonly configuration: string;
  readonly kubeconfig?: string;
  readonly logLevel: LogLevel;
}

const HELP = `
Serves POST /mutate and POST /validate over HTTPS, and /healthz, /readyz and
/metrics over plain HTTP on the health port. Both endpoints refuse what "drop
validate" calls a mistake, and /mutate fills in the defaults. It needs no right
on the cluster, except with --self-signed.

A certificate is read from files, and read again when they change. With
--self-signed it is made here: the authority is kept in a Secret, and stands in
the caBundle of the two webhook configurations.

SIGTERM drains: readiness fails, and serving goes on until 15 s have passed
without a request, 25 s at most.`;

/** Adds `drop webhook`. */
export function addWebhook(program: Command, context: CommandContext): void {
  const command = program
    .command("webhook")
    .summary("serve the admission webhook in a cluster")
    .description("Refuses objects with mistakes when they are applied, all mistakes at once.");
  addListenerFlags(command);
  addCertificateFlags(command);
  addSelfSignedFlags(command);
  command
    .optionsGroup("Log:")
    .addOption(
      new Option("--log-level <level>", "what is logged, as JSON lines to standard output")
        .choices(LOG_LEVELS)
        .default("info")
        .env("DROP_LOG_LEVEL"),
    )
    .addHelpText("after", HELP)
    .action(async (flags: WebhookFlags) => {
      if (flags.selfSigned && flags.clientCaFile !== undefined) {
        throw new UsageError(
          "--client-ca-file goes with a certificate from files, not with --self-signed",
        );
      }
      endsByItself(context.signal);
      const { keepHeapSmall } = await import("../runtime/heap.ts");
      // Before the rest is loaded.
      keepHeapSmall();
      const { webhook } = await import("./webhook/run.ts");
      await webhook(flags, context);
    });
}

function addListenerFlags(command: Command): void {
  command
    .optionsGroup("Listeners:")
    .addOption(
      new Option("--host <address>", "the address to listen at")
        .default(undefined, "all of the machine")
        .env("DROP_WEBHOOK_HOST"),
    )
    .addOption(
      new Option("--port <number>", "the port for the API server; 0 for any free one")
        .argParser(parsePort)
        .default(10_250)
        .env("DROP_WEBHOOK_PORT"),
    )
    .addOption(
      new Option("--health-port <number>", "the port for kubelet and Prometheus")
        .argParser(parsePort)
        .default(8_080)
        .env("DROP_WEBHOOK_HEALTH_PORT"),
    );
}

function addCertificateFlags(command: Command): void {
  command
    .optionsGroup("Certificate:")
    .addOption(
      new Option("--tls-cert-file <file>", "the certificate, as PEM")
        .default("/etc/drop/tls/tls.crt")
        .env("DROP_TLS_CERT_FILE"),
    )
    .addOption(
      new Option("--tls-key-file <file>", "its private key, as PEM")
        .default("/etc/drop/tls/tls.key")
        .env("DROP_TLS_KEY_FILE"),
    )
    .addOption(
      new Option("--tls-min-version <version>", "the oldest TLS to speak")
        .choices(["1.2", "1.3"])
        .default("1.3")
        .env("DROP_TLS_MIN_VERSION"),
    )
    .addOption(
      new Option("--client-ca-file <file>", "admit only clients of this authority").env(
        "DROP_CLIENT_CA_FILE",
      ),
    );
}

function addSelfSignedFlags(command: Command): void {
  const named = (flag: string, text: string, initial: string) =>
    new Option(`--${flag} <name>`, text).default(initial).env(`DROP_WEBHOOK_${flag.toUpperCase()}`);
  command
    .optionsGroup("Certificate made here:")
    .addOption(
      new Option("--self-signed", "make the certificate here, not from files")
        .default(false)
        .env("DROP_SELF_SIGNED"),
    )
    .addOption(named("namespace", "where the Service and the Secret are", "drop-system"))
    .addOption(named("service", "the Service that the API server calls", "drop-webhook"))
    .addOption(named("secret", "the Secret that keeps the authority", "drop-webhook-ca"))
    .addOption(named("configuration", "the name of both configurations", "drop-webhook"))
    .addOption(
      new Option("--kubeconfig <file>", "the cluster (default: the one it runs in)").env(
        "DROP_KUBECONFIG",
      ),
    );
}

function parsePort(text: string): number {
  if (/^[0-9]{1,5}$/.test(text) && Number(text) <= 65_535) return Number(text);
  throw new InvalidArgumentError("write a number from 0 to 65535");
}
