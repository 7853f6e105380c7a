import { createHash } from "node:crypto";
import type { AgentOptions } from "node:https";
import type { ConnectionOptions } from "node:tls";
import { type Cluster, KubeConfig, type RequestContext } from "@kubernetes/client-node";
import { Agent, type Dispatcher, ProxyAgent } from "undici";

type DispatcherOptions = ReturnType<KubeConfig["createDispatcherOptions"]>;

/** How many sets of certificates may be in use at once; rotation leaves old ones behind. */
const MAX_DISPATCHERS = 4;

/**
 * A KubeConfig whose calls share their connections. client-node makes a new undici dispatcher, and so a new TLS
 * connection, for each call: here it is told that none is needed, and gets one that stays.
 */
export class PooledKubeConfig extends KubeConfig {
  readonly #dispatchers = new Map<string, Dispatcher>();
  #wanted: DispatcherOptions = { type: "none" };

  override createDispatcherOptions(
    cluster: Cluster | null,
    agentOptions: AgentOptions,
  ): DispatcherOptions {
    const options = super.createDispatcherOptions(cluster, agentOptions);
    // Its SOCKS connector is not exported: such a call makes its own connection.
    const isPooled = options.type !== "socks";
    this.#wanted = isPooled ? options : { type: "none" };
    return isPooled ? { type: "none" } : options;
  }

  override async applySecurityAuthentication(context: RequestContext): Promise<void> {
    await super.applySecurityAuthentication(context);
    if (context.getDispatcher() === undefined) context.setDispatcher(this.#dispatcher());
  }

  /** Ends every connection; calls under way fail. */
  async close(): Promise<void> {
    const dispatchers = [...this.#dispatchers.values()];
    this.#dispatchers.clear();
    await Promise.all(dispatchers.map((dispatcher) => dispatcher.destroy()));
  }

  #dispatcher(): Dispatcher {
    const key = createHash("sha256").update(JSON.stringify(this.#wanted)).digest("base64");
    const dispatcher = this.#dispatchers.get(key) ?? createDispatcher(this.#wanted);
    this.#dispatchers.delete(key);
    this.#dispatchers.set(key, dispatcher);
    const [oldest] = this.#dispatchers;
    if (this.#dispatchers.size > MAX_DISPATCHERS && oldest !== undefined) {
      this.#dispatchers.delete(oldest[0]);
      // Calls under way end in peace; nobody waits for that.
      oldest[1].close().catch(() => undefined);
    }
    return dispatcher;
  }
}

function createDispatcher(options: DispatcherOptions): Dispatcher {
  if (options.type === "agent") {
    return new Agent({ connect: { ...certificates(options.connect), ...KEEP_ALIVE } });
  }
  if (options.type !== "proxy") return new Agent({ connect: KEEP_ALIVE });
  const requestTls = certificates(options.requestTls);
  return new ProxyAgent({ uri: options.uri, requestTls, connect: KEEP_ALIVE });
}

/** Sooner than a load balancer in front of the API server forgets an idle connection. */
const KEEP_ALIVE = { keepAlive: true, keepAliveInitialDelay: 30_000 };

/** What client-node sets, without the fields that it leaves undefined. */
function certificates(options: ConnectionOptions) {
  const { ca, cert, key, pfx, passphrase, rejectUnauthorized, servername } = options;
  return {
    ...(ca !== undefined && { ca }),
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
    ...(pfx !== undefined && { pfx }),
    ...(passphrase !== undefined && { passphrase }),
    ...(rejectUnauthorized !== undefined && { rejectUnauthorized }),
    ...(servername !== undefined && { servername }),
  };
}
