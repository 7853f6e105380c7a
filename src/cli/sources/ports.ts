import { parseAllowedEndpoint } from "../../api/endpoint-list.ts";
import type { DiscoveryPolicy } from "../../api/types.gen.ts";
import { discoverPolicy } from "../../discovery/discover.ts";
import type { SourceOutcome } from "../../discovery/outcome.ts";
import { createEndpointGuard, resolveHost } from "../../runtime/endpoint-guard.ts";
import { createHttp } from "../../runtime/http.ts";
import { systemClock } from "../../runtime/http-clock.ts";
import type { Proxies } from "../../runtime/http-proxy.ts";
import type { ClusterSecrets } from "../cluster/access.ts";
import type { CommandContext, Outside } from "../context.ts";
import { UsageError } from "../failure.ts";
import type { Terminal } from "../terminal/terminal.ts";
import type { SourceFlags } from "./flags.ts";
import { storedLogins } from "./logins.ts";
import { showProgress } from "./progress.ts";
import { secretReader } from "./secrets.ts";

/** Discovery on the real network. */
export interface Discovery {
  readonly discover: (
    policy: DiscoveryPolicy,
    signal: AbortSignal,
  ) => Promise<readonly SourceOutcome[]>;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly close: () => Promise<void>;
}

const MACHINE: Outside = { clock: systemClock, resolve: resolveHost };

/** Opens discovery as the flags say. `secrets` are the Secret objects among the inputs, unchecked. */
export async function openDiscovery(
  flags: SourceFlags,
  secrets: readonly unknown[],
  { terminal, version, outside = MACHINE }: CommandContext,
): Promise<Discovery> {
  const { clock, resolve } = outside;
  const { env } = terminal;
  const allowed = flags.allowedEndpoints.map(allowedEndpoint);
  const rules = { allowLoopback: true, ...(allowed.length > 0 && { allowedEndpoints: allowed }) };
  const guard = createEndpointGuard(rules, resolve);
  const userAgent = `drop/${version}`;
  const http = createHttp({ guard, clock, userAgent, proxies: proxiesFrom(env) });
  const cluster = await clusterOf(flags);
  const logins = flags.dockerConfig ? storedLogins(env, clock) : undefined;
  const progress = showProgress(terminal.stderr, clock.now);
  const ports = {
    http,
    clock,
    secrets: await secretReader({ flags, objects: secrets, cluster, env }),
    ...(logins && { logins }),
    isListed: guard.isListed,
    onProgress: progress.onProgress,
    sourceTimeoutMs: flags.sourceTimeout,
  };
  return {
    discover: (policy, signal) => discoverPolicy(policy, ports, signal),
    now: clock.now,
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
  const { openClusterSecrets } = await import("../cluster/access.ts");
  return openClusterSecrets({ ...flags, kubeconfig: flags.kubeconfig });
}
