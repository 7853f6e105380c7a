import { createHash } from "node:crypto";
import { Agent, type Dispatcher, ProxyAgent } from "undici";
import type { EndpointGuard } from "./endpoint-guard.ts";
import { type Proxies, proxyFor } from "./http-proxy.ts";
import type { SecretValue } from "./secret-value.ts";

/** Certificates for one server, PEM: `ca` replaces the authorities that Node trusts. */
export interface TlsMaterial {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: SecretValue;
}

/** Kept-alive connections, apart for each proxy and each set of certificates. */
export interface HttpPool {
  dispatcherFor(url: URL, tls: TlsMaterial): Dispatcher;
  close(): Promise<void>;
}

/** Certificates get rotated; beyond this many sets, the one unused for longest is given up. */
const MAX_DISPATCHERS = 32;

/** Connections through a guard, or through proxies where these are given. */
export function createHttpPool(guard: EndpointGuard, proxies: Proxies): HttpPool {
  const dispatchers = new Map<string, Dispatcher>();
  function dispatcherFor(url: URL, tls: TlsMaterial): Dispatcher {
    const proxy = proxyFor(url, proxies);
    const key = fingerprint(tls, proxy);
    const dispatcher = dispatchers.get(key) ?? createDispatcher(guard, proxy, tls);
    dispatchers.delete(key);
    dispatchers.set(key, dispatcher);
    const [oldest] = dispatchers;
    if (dispatchers.size > MAX_DISPATCHERS && oldest !== undefined) {
      dispatchers.delete(oldest[0]);
      // Requests under way end in peace; nobody waits for that.
      oldest[1].close().catch(() => undefined);
    }
    return dispatcher;
  }
  return {
    dispatcherFor,
    async close() {
      await Promise.all(Array.from(dispatchers.values(), (dispatcher) => dispatcher.destroy()));
      dispatchers.clear();
    },
  };
}

function createDispatcher(
  guard: EndpointGuard,
  proxy: URL | undefined,
  tls: TlsMaterial,
): Dispatcher {
  const certificates = {
    ...(tls.ca !== undefined && { ca: tls.ca }),
    ...(tls.cert !== undefined && { cert: tls.cert }),
    ...(tls.key !== undefined && { key: tls.key.reveal() }),
  };
  // A reset then concerns one request only, and servers' HTTP/2 limits need not be known.
  const options = { allowH2: false };
  if (proxy !== undefined) {
    const proxyTls = options;
    return new ProxyAgent({ ...options, uri: proxy.href, proxyTls, requestTls: certificates });
  }
  return new Agent({ ...options, connect: { ...certificates, lookup: guard.lookup } });
}

function fingerprint({ ca, cert, key }: TlsMaterial, proxy: URL | undefined): string {
  const parts = [ca ?? null, cert ?? null, key?.reveal() ?? null, proxy?.href ?? null];
  return createHash("sha256").update(JSON.stringify(parts)).digest("base64");
}
