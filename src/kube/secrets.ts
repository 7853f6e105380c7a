import { SecretValue } from "../runtime/secret-value.ts";
import type { KubeConnection } from "./connection.ts";
import { KubeError, toKubeError } from "./kube-error.ts";

/** Where the Secrets of discovery sources live unless a flag says otherwise. */
export const DEFAULT_SECRET_NAMESPACE = "drop-system";

/** Longest wait for the API server. */
const TIMEOUT_MS = 30_000;

/** A Secret of a cluster. */
export interface ClusterSecret {
  readonly keys: ReadonlyMap<string, SecretValue>;
  readonly annotations: Readonly<Record<string, string>>;
}

/** Reads Secrets of one namespace from a cluster, undefined where there is none of that name. */
export function clusterSecrets(
  connection: Pick<KubeConnection, "core" | "abortable">,
  namespace = DEFAULT_SECRET_NAMESPACE,
) {
  return {
    async read(name: string, signal: AbortSignal): Promise<ClusterSecret | undefined> {
      const limited = AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]);
      try {
        const options = connection.abortable(limited);
        const secret = await connection.core.readNamespacedSecret({ name, namespace }, options);
        return {
          keys: decoded(secret.data ?? {}),
          annotations: secret.metadata?.annotations ?? {},
        };
      } catch (error) {
        signal.throwIfAborted();
        const failure = toKubeError(error, `reading the Secret ${name} in ${namespace}`);
        if (failure.reason === "NotFound") return undefined;
        throw failure;
      }
    },
  };
}

/** The API server has checked the Base64. */
function decoded(data: Readonly<Record<string, unknown>>): ReadonlyMap<string, SecretValue> {
  const keys = new Map<string, SecretValue>();
  for (const [key, value] of Object.entries(data)) {
    if (typeof value !== "string") {
      const fix = "check that the address is an API server's";
      throw new KubeError("InvalidAnswer", { message: "a Secret came without its data", fix });
    }
    keys.set(key, new SecretValue(Buffer.from(value, "base64")));
  }
  return keys;
}
