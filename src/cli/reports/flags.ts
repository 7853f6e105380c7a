import { type Command, InvalidArgumentError, Option } from "commander";

/** The flags that name a cluster and its reconciler, as commander hands them over. */
export interface ReportFlags {
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly namespace: string;
  readonly pullNamespace: string;
  readonly lease: string;
  readonly healthPort: number;
}

/** Adds the flags that name a cluster and where its reconciler is. */
export function addReportFlags(command: Command): Command {
  const named = (flag: string, text: string, initial: string, env: string) =>
    new Option(`${flag} <name>`, text).default(initial).env(env);
  return command
    .optionsGroup("Cluster:")
    .addOption(
      new Option("--kubeconfig <file>", "the cluster (default: as kubectl)").env("DROP_KUBECONFIG"),
    )
    .addOption(new Option("--context <name>", "the context of the kubeconfig").env("DROP_CONTEXT"))
    .addOption(
      named("-n, --namespace", "where the reconciler runs", "drop-system", "DROP_NAMESPACE"),
    )
    .addOption(
      named("--pull-namespace", "where pull Pods are", "drop-pulls", "DROP_PULL_NAMESPACE"),
    )
    .addOption(
      named("--lease", "the Lease that says which replica works", "drop-reconciler", "DROP_LEASE"),
    )
    .addOption(
      new Option("--health-port <number>", "the reconciler's health port")
        .argParser(parsePort)
        .default(8_080)
        .env("DROP_HEALTH_PORT"),
    );
}

function parsePort(text: string): number {
  const port = /^[0-9]{1,5}$/.test(text) ? Number(text) : 0;
  if (port >= 1 && port <= 65_535) return port;
  throw new InvalidArgumentError("write a number from 1 to 65535");
}
