import { createHash } from "node:crypto";
import { Agent, type Dispatcher, EnvHttpProxyAgent } from "undici";
import type { EndpointGuard } from "./endpoint-guard.ts";
import { HttpError } from "./http-error.ts";
import type { SecretValue } from "./secret-value.ts";

/** Certificates for one server, PEM: `ca` replaces the authorities that Node trusts. */
export interface TlsMaterial {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: SecretValue;
}

/** Proxies as the usual environment variables name them; an empty text is none. */
export interface Proxies {
  readonly httpProxy?: string;
  readonly httpsProxy?: string;
  /** Hosts asked directly, separated by commas. */
  readonly noProxy?: string;
}

/** Kept-alive connections, apart for each set of certificates. */
export interface HttpPool {
  dispatcherFor(tls: TlsMaterial): Dispatcher;
  close(): Promise<void>;
}

/** Certificates get rotated; beyond this many sets, the one unused for longest is given up. */
const MAX_DISPATCHERS = 32;

/** Connections through a guard, or through proxies where these are given. */
export function createHttpPool(guard: EndpointGuard, proxies: Proxies): HttpPool {
  const dispatchers = new Map<string, Dispatcher>();
  function dispatcherFor(tls: TlsMaterial): Dispatcher {
    const key = fingerprint(tls);
    const dispatcher = dispatchers.get(key) ?? createDispatcher(guard, proxies, tls);
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

function createDispatcher(guard: EndpointGuard, proxies: Proxies, tls: TlsMaterial): Dispatcher {
  const certificates = {
    ...(tls.ca !== undefined && { ca: tls.ca }),
    ...(tls.cert !== undefined && { cert: tls.cert }),
    ...(tls.key !== undefined && { key: tls.key.reveal() }),
  };
  const { httpProxy = "", httpsProxy = "", noProxy = "" } = proxies;
  // A reset then concerns one request only, and servers' HTTP/2 limits need not be known.
  const options = { allowH2: false, connect: { ...certificates, lookup: guard.lookup } };
  try {
    if (httpProxy === "" && httpsProxy === "") return new Agent(options);
    // Left out, undici would read each of the three from the environment.
    const named = { httpProxy, httpsProxy, noProxy };
    return new EnvHttpProxyAgent({ ...options, ...named, requestTls: certificates });
  } catch (cause) {
    const fix = "write it as http://host:port in HTTP_PROXY and HTTPS_PROXY";
    throw new HttpError("Unreachable", { message: "the proxy's address is no URL", fix, cause });
  }
}

function fingerprint({ ca, cert, key }: TlsMaterial): string {
  const text = JSON.stringify([ca ?? null, cert ?? null, key?.reveal() ?? null]);
  return createHash("sha256").update(text).digest("base64");
}
