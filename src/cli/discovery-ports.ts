import type { DiscoveryPolicy } from "../api/types.gen.ts";
import { discoverPolicy } from "../discovery/discover.ts";
import type { SourceOutcome } from "../discovery/outcome.ts";
import { firstOf, inMemory, type SecretReader } from "../discovery/secret.ts";
import { type GivenSecret, givenSecrets, parseSecretFlag } from "../discovery/secret-flag.ts";
import { readSecretFile, secretFolder } from "../discovery/secret-folder.ts";
import { parseSecretObject } from "../discovery/secret-object.ts";
import { createEndpointGuard } from "../runtime/endpoint-guard.ts";
import { parseAllowedEndpoint } from "../runtime/endpoint-list.ts";
import { createHttp } from "../runtime/http.ts";
import { systemClock } from "../runtime/http-clock.ts";
import type { Proxies } from "../runtime/http-pool.ts";
import { SecretValue } from "../runtime/secret-value.ts";
import type { ClusterSecrets } from "./cluster-access.ts";
import type { CommandContext } from "./context.ts";
import { UsageError } from "./failure.ts";
import { showProgress } from "./progress.ts";
import type { SourceFlags } from "./source-flags.ts";
import type { Terminal } from "./terminal.ts";

/** Discovery on the real network. */
export interface Discovery {
  readonly discover: (
    policy: DiscoveryPolicy,
    signal: AbortSignal,
  ) => Promise<readonly SourceOutcome[]>;
  readonly close: () => Promise<void>;
}

/** Opens discovery as the flags say. `secrets` are the Secret objects among the inputs, unchecked. */
export async function openDiscovery(
  flags: SourceFlags,
  secrets: readonly unknown[],
  { terminal }: CommandContext,
): Promise<Discovery> {
  const allowed = flags.allowedEndpoints.map(allowedEndpoint);
  const rules = { allowLoopback: true, ...(allowed.length > 0 && { allowedEndpoints: allowed }) };
  const guard = createEndpointGuard(rules);
  const proxies = proxiesFrom(terminal.env);
  const http = createHttp({ guard, clock: systemClock, userAgent: "drop", proxies });
  const cluster = await clusterOf(flags);
  const reader = await secretReader({ flags, objects: secrets, cluster, terminal });
  const progress = showProgress(terminal.stderr, systemClock.now);
  const ports = {
    http,
    clock: systemClock,
    secrets: reader,
    isListed: guard.isListed,
    onProgress: progress.onProgress,
    sourceTimeoutMs: flags.sourceTimeout,
  };
  return {
    discover: (policy, signal) => discoverPolicy(policy, ports, signal),
    close: async () => {
      await progress.end();
      await http.close();
      await cluster?.close();
    },
  };
}

function allowedEndpoint(text: string) {
  const result = parseAllowedEndpoint(text);
  if (result.ok) return result.value;
  throw new UsageError(`--allowed-endpoints: ${result.fault.what}; ${result.fault.fix}`);
}

/** The variables that curl, git and most tools honour; the lower-case spelling goes first, as with curl. */
function proxiesFrom(env: Terminal["env"]): Proxies {
  const [httpProxy, httpsProxy, noProxy] = ["http_proxy", "https_proxy", "no_proxy"].map(
    (name) => env[name] || env[name.toUpperCase()] || "",
  );
  return { httpProxy: httpProxy ?? "", httpsProxy: httpsProxy ?? "", noProxy: noProxy ?? "" };
}

async function clusterOf(flags: SourceFlags): Promise<ClusterSecrets | undefined> {
  if (flags.kubeconfig === undefined) return undefined;
  const { openClusterSecrets } = await import("./cluster-access.ts");
  return openClusterSecrets({ ...flags, kubeconfig: flags.kubeconfig });
}

interface SecretPlaces {
  readonly flags: SourceFlags;
  readonly objects: readonly unknown[];
  readonly cluster: ClusterSecrets | undefined;
  readonly terminal: Terminal;
}

/** Secrets from flags go first, then those among the inputs, the folder, the cluster. */
async function secretReader({
  flags,
  objects,
  cluster,
  terminal,
}: SecretPlaces): Promise<SecretReader> {
  const given = await Promise.all(flags.secret.map((text) => givenSecret(text, terminal.env)));
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

/** Secrets among the inputs; one that cannot be read is left out, and its source then names what is missing. */
function inputSecrets(objects: readonly unknown[]): SecretReader {
  const named = objects
    .map(parseSecretObject)
    .flatMap((secret) => (secret.ok ? [secret.value] : []));
  return inMemory(new Map(named.map(({ name, keys }) => [name, keys])));
}
