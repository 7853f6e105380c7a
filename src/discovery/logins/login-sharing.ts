import { parse } from "tldts";

/**
 * Whether a login for one host may be sent to another that it names for tokens: the same host, or one under the same
 * registrable domain by the public suffix list. Addresses and names that the public does not know must be equal.
 */
export function mayShareLogin(given: URL, named: URL): boolean {
  if (given.protocol === "https:" && named.protocol !== "https:") return false;
  const hosts = [hostOf(given), hostOf(named)] as const;
  if (hosts[0] === hosts[1]) return true;
  const [a, b] = [registrableDomain(hosts[0]), registrableDomain(hosts[1])];
  return a !== undefined && a === b;
}

function registrableDomain(host: string): string | undefined {
  const { domain, isIp, isIcann, isPrivate } = parse(host, { allowPrivateDomains: true });
  // For svc.cluster.local the list has nothing, and every service would count as one organisation.
  if (isIp === true || (isIcann !== true && isPrivate !== true)) return undefined;
  return domain ?? undefined;
}

function hostOf({ hostname }: URL): string {
  return hostname.toLowerCase().replace(/\.$/, "");
}
