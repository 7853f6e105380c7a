import ipaddr from "ipaddr.js";
import { faulty, type Parsed, parsed } from "./parsed.ts";

/** One entry of a list of endpoints: a host name, all names below one, or a range of addresses. */
export type AllowedEndpoint =
  | { readonly kind: "host"; readonly host: string }
  | { readonly kind: "below"; readonly suffix: string }
  | { readonly kind: "range"; readonly network: string; readonly bits: number };

const NAME = /^(?:[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?\.)*[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?$/;

/** Reads `prometheus.monitoring.svc`, `*.example.com`, `10.1.2.3` or `10.0.0.0/8`. */
export function parseAllowedEndpoint(text: string): Parsed<AllowedEndpoint> {
  const lower = text
    .trim()
    .toLowerCase()
    .replace(/^\[(.*)\]$/, "$1");
  if (ipaddr.isValidCIDR(lower)) {
    const [network, bits] = ipaddr.parseCIDR(lower);
    return parsed({ kind: "range", network: network.toString(), bits });
  }
  if (ipaddr.isValid(lower)) {
    const address = ipaddr.parse(lower);
    const bits = address.kind() === "ipv4" ? 32 : 128;
    return parsed({ kind: "range", network: address.toString(), bits });
  }
  if (lower.startsWith("*.") && NAME.test(lower.slice(2))) {
    return parsed({ kind: "below", suffix: lower.slice(1) });
  }
  if (NAME.test(lower) && lower.length <= 253) return parsed({ kind: "host", host: lower });
  return faulty(
    "the endpoint is no host name, address or range of addresses",
    'write one such as "prometheus.monitoring.svc", "*.example.com" or "10.0.0.0/8", without a scheme or port',
  );
}

/** Whether a host, lower-case and without brackets, is listed by its name or, being an address, by its range. */
export function listsHost(list: readonly AllowedEndpoint[], host: string): boolean {
  return (
    listsAddress(list, host) ||
    list.some((entry) => {
      if (entry.kind === "host") return entry.host === host;
      return entry.kind === "below" && host.endsWith(entry.suffix);
    })
  );
}

/** Whether an address lies in a listed range; a text that is no address does not. */
export function listsAddress(list: readonly AllowedEndpoint[], address: string): boolean {
  if (!ipaddr.isValid(address)) return false;
  const parsedAddress = plainAddress(address);
  return list.some((entry) => {
    if (entry.kind !== "range") return false;
    const network = plainAddress(entry.network);
    if (network instanceof ipaddr.IPv4) {
      return parsedAddress instanceof ipaddr.IPv4 && parsedAddress.match(network, entry.bits);
    }
    return parsedAddress instanceof ipaddr.IPv6 && parsedAddress.match(network, entry.bits);
  });
}

/** An IPv4 address that an IPv6 one only wraps is that IPv4 address. */
function plainAddress(text: string): ipaddr.IPv4 | ipaddr.IPv6 {
  const address = ipaddr.parse(text);
  const isWrapped = address instanceof ipaddr.IPv6 && address.isIPv4MappedAddress();
  return isWrapped ? address.toIPv4Address() : address;
}
