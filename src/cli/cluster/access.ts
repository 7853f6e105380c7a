import { ALLOWED_HOSTS_ANNOTATION, type SecretLimits } from "../../api/allowed-hosts.ts";
import type { Surroundings } from "../../api/rules/object-rules.ts";
import { namedSecrets } from "../../api/rules/secret-rules.ts";
import type { DropObject } from "../../api/types.gen.ts";
import type { SecretReader } from "../../discovery/secrets/secret.ts";
import { connectKube } from "../../kube/connection.ts";
import { listDropObjects, listNodeLabels } from "../../kube/listing.ts";
import { type ClusterSecret, clusterSecrets } from "../../kube/secrets.ts";
import type { ClusterFlags } from "./flags.ts";

/** The flags once it is certain that a cluster is named. */
type NamedCluster = ClusterFlags & { readonly kubeconfig: string };

/** The Secrets of a cluster, until closed. */
export interface ClusterSecrets {
  readonly reader: SecretReader;
  readonly close: () => Promise<void>;
}

/**
 * Opens the Secrets of discovery sources in the cluster. Whoever edits a DiscoveryPolicy there chooses where Secrets are
 * sent, so those may say it themselves, and must with `requireAllowedHosts`.
 */
export async function openClusterSecrets(flags: NamedCluster): Promise<ClusterSecrets> {
  const connection = await connectKube(flags);
  const secrets = clusterSecrets(connection, flags.namespace);
  return {
    reader: {
      async read(name, signal) {
        const secret = await secrets.read(name, signal);
        return secret && { keys: secret.keys, ...limitsOf(secret, flags) };
      },
    },
    close: () => connection.close(),
  };
}

function limitsOf({ annotations }: ClusterSecret, flags: NamedCluster): SecretLimits {
  const allowedHosts = annotations[ALLOWED_HOSTS_ANNOTATION];
  const needsAllowedHosts = flags.requireAllowedHosts === true;
  return { needsAllowedHosts, ...(allowedHosts !== undefined && { allowedHosts }) };
}

/** What the cluster holds that `drop validate` compares the objects of the inputs with. */
export async function readSurroundings(
  flags: NamedCluster & { readonly pullNamespace: string },
  inputs: readonly DropObject[],
  signal: AbortSignal,
): Promise<Surroundings> {
  const connection = await connectKube(flags);
  try {
    const wanted = namedSecrets(inputs);
    const existing = async (names: readonly string[], namespace: string) => {
      const reader = clusterSecrets(connection, namespace);
      const read = names.map(async (name) => {
        const secret = await reader.read(name, signal);
        return secret === undefined ? [] : [[name, limitsOf(secret, flags)] as const];
      });
      return new Map((await Promise.all(read)).flat());
    };
    const [objects, nodes, sourceSecrets, pullSecrets] = await Promise.all([
      listDropObjects(connection, signal),
      listNodeLabels(connection, signal),
      existing(wanted.source, flags.namespace),
      existing(wanted.pull, flags.pullNamespace),
    ]);
    return { objects, nodes, sourceSecrets, pullSecrets: new Set(pullSecrets.keys()) };
  } finally {
    await connection.close();
  }
}
