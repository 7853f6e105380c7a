import { listsAddress, parseAllowedEndpoint } from "../api/endpoint-list.ts";
import { isLoopback } from "./endpoint-address.ts";
import { HttpError } from "./http-error.ts";

/** Proxies as the usual environment variables name them; an empty text is none. */
export interface Proxies {
  /** For http addresses only; https ones go by the other. */
  readonly httpProxy?: string;
  readonly httpsProxy?: string;
  /** Hosts asked directly, separated by commas: names, `.domains`, addresses, CIDRs, each with a port or without. */
  readonly noProxy?: string;
}

/**
 * The proxy that an address is asked through, undefined when it is asked directly. As with curl each scheme has its own
 * variable; as with Go this machine itself is never asked through a proxy, to which it would be another machine.
 */
export function proxyFor(
  url: URL,
  { httpProxy = "", httpsProxy = "", noProxy = "" }: Proxies,
): URL | undefined {
  const text = url.protocol === "https:" ? httpsProxy : httpProxy;
  if (text === "" || isLoopback(url) || isExempt(url, noProxy)) return undefined;
  const proxy = URL.parse(text.includes("://") ? text : `http://${text}`);
  if (proxy !== null && /^https?:$/.test(proxy.protocol)) return proxy;
  throw new HttpError("EndpointRefused", {
    message: "the proxy's address is none that can be used",
    fix: "write it as http://host:port in HTTP_PROXY and HTTPS_PROXY",
  });
}

function hostOf({ hostname }: URL): string {
  return hostname.replace(/^\[(.*)\]$/, "$1").replace(/\.$/, "");
}

function isExempt(url: URL, noProxy: string): boolean {
  const host = hostOf(url);
  const port = url.port || (url.protocol === "https:" ? "443" : "80");
  return noProxy
    .toLowerCase()
    .split(/[\s,]+/)
    .filter((entry) => entry !== "")
    .some((entry) => entry === "*" || matches(entry, host, port));
}

function matches(entry: string, host: string, port: string): boolean {
  const [, named = entry, wanted] = /^([^:]+|\[[^\]]*\]):(\d+)$/.exec(entry) ?? [];
  if (wanted !== undefined && wanted !== port) return false;
  const name = named.replace(/\.$/, "");
  const range = parseAllowedEndpoint(name);
  if (range.ok && range.value.kind === "range") return listsAddress([range.value], host);
  if (name.startsWith("*.")) return host.endsWith(name.slice(1));
  const domain = name.replace(/^\./, "");
  return host === domain || host.endsWith(`.${domain}`);
}
