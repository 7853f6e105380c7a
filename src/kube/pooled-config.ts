import { createHash } from "node:crypto";
import type { AgentOptions } from "node:https";
import type { ConnectionOptions } from "node:tls";
import { type Cluster, HttpMethod, KubeConfig, RequestContext } from "@kubernetes/client-node";
import { Agent, type Dispatcher, ProxyAgent } from "undici";

type DispatcherOptions = ReturnType<KubeConfig["createDispatcherOptions"]>;

/** What a request of ours needs besides itself. */
export interface Authorization {
  readonly headers: Readonly<Record<string, string>>;
  /** With the certificates of both sides. */
  readonly dispatcher: Dispatcher | undefined;
}

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

  /** Credentials and connections as they are now: files are read again, plugins asked when theirs have expired. */
  async authorize(url: string): Promise<Authorization> {
    const context = new RequestContext(url, HttpMethod.GET);
    await this.applySecurityAuthentication(context);
    const headers = Object.entries(context.getHeaders());
    return {
      // A token's file often ends with a line break, which no header may have.
      headers: Object.fromEntries(headers.map(([name, value]) => [name, value.trim()])),
      dispatcher: context.getDispatcher(),
    };
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
    return new Agent({ ...HTTP_1, connect: { ...certificates(options.connect), ...KEEP_ALIVE } });
  }
  if (options.type !== "proxy") return new Agent({ ...HTTP_1, connect: KEEP_ALIVE });
  const requestTls = certificates(options.requestTls);
  const proxyTls = HTTP_1;
  return new ProxyAgent({ ...HTTP_1, uri: options.uri, proxyTls, requestTls, connect: KEEP_ALIVE });
}

/** A connection that died silently then concerns one call or watch only, which finds out by its own deadline. */
const HTTP_1 = { allowH2: false };

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
