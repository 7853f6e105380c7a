import { type GivenSecret, givenSecrets, parseSecretFlag } from "../../discovery/secrets/flag.ts";
import { readSecretFile, secretFolder } from "../../discovery/secrets/folder.ts";
import { inputSecrets } from "../../discovery/secrets/object.ts";
import { firstOf, type SecretReader } from "../../discovery/secrets/secret.ts";
import { SecretValue } from "../../runtime/secret-value.ts";
import type { ClusterSecrets } from "../cluster/access.ts";
import { UsageError } from "../failure.ts";
import type { Terminal } from "../terminal/terminal.ts";
import type { SourceFlags } from "./flags.ts";

/** Everywhere that a Secret may be. */
export interface SecretPlaces {
  readonly flags: Pick<SourceFlags, "secret" | "secrets">;
  /** The Secret objects among the inputs, unchecked. */
  readonly objects: readonly unknown[];
  readonly cluster: ClusterSecrets | undefined;
  readonly env: Terminal["env"];
}

/** Secrets from flags go first, then those among the inputs, the folder, the cluster. */
export async function secretReader({
  flags,
  objects,
  cluster,
  env,
}: SecretPlaces): Promise<SecretReader> {
  const given = await Promise.all(flags.secret.map((text) => givenSecret(text, env)));
  return firstOf([
    givenSecrets(given),
    inputSecrets(objects),
    ...(flags.secrets === undefined ? [] : [secretFolder(flags.secrets)]),
    ...(cluster === undefined ? [] : [cluster.reader]),
  ]);
}

async function givenSecret(text: string, env: Terminal["env"]): Promise<GivenSecret> {
  const flag = parseSecretFlag(text);
  if (!flag.ok) throw new UsageError(`--secret: ${flag.fault.what}; ${flag.fault.fix}`);
  const { name, key, from } = flag.value;
  if (from.kind === "env") {
    const value = env[from.place];
    if (value === undefined) {
      throw new UsageError(`--secret ${name}/${key}: the variable ${from.place} is not set`);
    }
    return { name, key, value: new SecretValue(value) };
  }
  const value = await readSecretFile(from.place).catch((cause: unknown) => {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new UsageError(`--secret ${name}/${key}: ${from.place} cannot be read: ${reason}`, {
      cause,
    });
  });
  return { name, key, value };
}
