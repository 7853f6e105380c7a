import ipaddr from "ipaddr.js";

/** What kind of network an address belongs to; `forbidden` ones are never connected to, whatever is allowed. */
export type AddressKind = "forbidden" | "loopback" | "private" | "public";

/** Addresses at which clouds hand credentials to whoever asks; most others are link-local anyway. */
const METADATA: ReadonlySet<string> = new Set([
  "169.254.169.254",
  "168.63.129.16",
  "100.100.100.200",
  "192.0.0.192",
  "fd00:ec2::254",
  "fd20:ce::254",
]);

const FORBIDDEN: ReadonlySet<string> = new Set([
  "unspecified",
  "broadcast",
  "multicast",
  "linkLocal",
  // Teredo hides an IPv4 address behind a relay; nothing serves an API there.
  "teredo",
]);

/** Reads an IP address and says which kind it is; one that carries an IPv4 address is of the stricter kind of both. */
export function addressKind(text: string): AddressKind {
  if (!ipaddr.isValid(text)) return "forbidden";
  const address = ipaddr.parse(text);
  if (address instanceof ipaddr.IPv4) return plainKind(address);
  return strictest([plainKind(address), ...embeddedIPv4(address).map(plainKind)]);
}

/** Whether an address names this machine itself, without a look-up. */
export function isLoopback({ hostname }: URL): boolean {
  const host = hostname.replace(/^\[(.*)\]$/, "$1").replace(/\.$/, "");
  if (host === "localhost" || host.endsWith(".localhost")) return true;
  return ipaddr.isValid(host) && addressKind(host) === "loopback";
}

function plainKind(address: ipaddr.IPv4 | ipaddr.IPv6): AddressKind {
  const range = address.range();
  if (METADATA.has(address.toString()) || FORBIDDEN.has(range)) return "forbidden";
  if (range === "loopback") return "loopback";
  const isCarrier = range === "unicast" || CARRIERS.has(range);
  return isCarrier ? "public" : "private";
}

/** Ranges of IPv6 that say nothing themselves: the IPv4 address inside decides. */
const CARRIERS: ReadonlySet<string> = new Set(["ipv4Mapped", "rfc6145", "rfc6052", "6to4"]);

const STRICTEST_FIRST = ["forbidden", "loopback", "private", "public"] as const;

function strictest(kinds: readonly AddressKind[]): AddressKind {
  return STRICTEST_FIRST.find((kind) => kinds.includes(kind)) ?? "public";
}

function embeddedIPv4(address: ipaddr.IPv6): readonly ipaddr.IPv4[] {
  const bytes = address.toByteArray();
  const range = address.range();
  if (range === "6to4") return [new ipaddr.IPv4(bytes.slice(2, 6))];
  const last = new ipaddr.IPv4(bytes.slice(12));
  // A network's own NAT64 prefix may be 48 bits long; the address then straddles the ninth byte (RFC 6052).
  if (range === "rfc6052" && bytes[5] === 1) {
    return [last, new ipaddr.IPv4([...bytes.slice(6, 8), ...bytes.slice(9, 11)])];
  }
  const isCompatible = bytes.slice(0, 12).every((byte) => byte === 0);
  const isOwn = range === "unspecified" || range === "loopback";
  return CARRIERS.has(range) || (isCompatible && !isOwn) ? [last] : [];
}
