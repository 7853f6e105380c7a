import { namedSecrets, type Surroundings } from "../api/rules/object-rules.ts";
import type { DropObject } from "../api/types.gen.ts";
import type { SecretReader } from "../discovery/secret.ts";
import { connectKube } from "../kube/connection.ts";
import { listDropObjects, listNodeLabels } from "../kube/listing.ts";
import { clusterSecrets } from "../kube/secrets.ts";
import type { ClusterFlags } from "./cluster-flags.ts";

/** The flags once it is certain that a cluster is named. */
type NamedCluster = ClusterFlags & { readonly kubeconfig: string };

/** The Secrets of a cluster, until closed. */
export interface ClusterSecrets {
  readonly reader: SecretReader;
  readonly close: () => Promise<void>;
}

/** Opens the Secrets of discovery sources in the cluster. */
export async function openClusterSecrets(flags: NamedCluster): Promise<ClusterSecrets> {
  const connection = await connectKube(flags);
  return { reader: clusterSecrets(connection, flags.namespace), close: () => connection.close() };
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
      const read = names.map(async (name) => ((await reader.read(name, signal)) ? [name] : []));
      return new Set((await Promise.all(read)).flat());
    };
    const [objects, nodes, sourceSecrets, pullSecrets] = await Promise.all([
      listDropObjects(connection, signal),
      listNodeLabels(connection, signal),
      existing(wanted.source, flags.namespace),
      existing(wanted.pull, flags.pullNamespace),
    ]);
    return { objects, nodes, sourceSecrets, pullSecrets };
  } finally {
    await connection.close();
  }
}
