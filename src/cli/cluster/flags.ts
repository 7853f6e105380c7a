import { type Command, Option } from "commander";

/** The flags that name a cluster, as commander hands them over. */
export interface ClusterFlags {
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly namespace: string;
  readonly requireAllowedHosts?: boolean;
}

/** Adds the flags that name a cluster; `purpose` says what it is looked at for. */
export function addClusterFlags(command: Command, purpose: string): Command {
  return command
    .optionsGroup("Cluster:")
    .addOption(new Option("--kubeconfig <file>", purpose).env("DROP_KUBECONFIG"))
    .addOption(new Option("--context <name>", "the context of the kubeconfig").env("DROP_CONTEXT"))
    .addOption(
      new Option("--namespace <name>", "the namespace there with the Secrets of discovery sources")
        .default("drop-system")
        .env("DROP_NAMESPACE"),
    )
    .addOption(
      new Option(
        "--require-allowed-hosts",
        "use a Secret of the cluster only if it is annotated with the hosts that it may be sent to",
      ).env("DROP_REQUIRE_ALLOWED_HOSTS"),
    );
}
