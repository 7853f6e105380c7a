import { type AllowedEndpoint, listsHost, parseAllowedEndpoint } from "./endpoint-list.ts";
import { type Fault, faulty, type Parsed, parsed } from "./parsed.ts";
import { printable } from "./printable.ts";

/** The annotation of a Secret that lists the only hosts which it may be sent to. */
export const ALLOWED_HOSTS_ANNOTATION = "drop.corewire.io/allowed-hosts";

/** What limits where a Secret may be sent. */
export interface SecretLimits {
  /** The text of its annotation of allowed hosts; without one it may be sent to any host. */
  readonly allowedHosts?: string;
  /** Whether it may only be used when it has that annotation. */
  readonly needsAllowedHosts?: boolean;
}

/** Tells whether a Secret may be sent to an address. */
export type AllowsHost = (url: URL) => boolean;

/** Why a Secret may not be sent to an address. One whose annotation cannot be read, or that must have one, may go nowhere. */
export function addressFault(
  { allowedHosts, needsAllowedHosts }: SecretLimits,
  secretName: string,
): (url: URL) => Fault | undefined {
  if (allowedHosts === undefined) {
    if (needsAllowedHosts !== true) return () => undefined;
    return ({ hostname }) => ({
      what: `the Secret ${secretName} does not say which hosts it may be sent to`,
      fix: `annotate it with ${ALLOWED_HOSTS_ANNOTATION}: ${hostname}`,
    });
  }
  const allows = parseAllowedHosts(allowedHosts);
  if (!allows.ok) {
    const what = `the annotation ${ALLOWED_HOSTS_ANNOTATION} of the Secret ${secretName} cannot be read`;
    return () => ({ what: `${what}: ${allows.fault.what}`, fix: allows.fault.fix });
  }
  return (url) => {
    if (allows.value(url)) return undefined;
    const what = `the Secret ${secretName} may not be sent to ${printable(url.host)}`;
    const fix = `list the host in its annotation ${ALLOWED_HOSTS_ANNOTATION} if it is meant`;
    return { what, fix };
  };
}

interface Entry {
  readonly endpoints: readonly AllowedEndpoint[];
  /** When given, the address must have this port. */
  readonly port?: string;
}

/** Reads the hosts that a Secret may be sent to, separated by commas or blanks: `ghcr.io, *.example.com, 10.0.0.0/8, prometheus:9090`. */
export function parseAllowedHosts(text: string): Parsed<AllowsHost> {
  const entries: Entry[] = [];
  for (const part of text.split(/[\s,]+/).filter((word) => word !== "")) {
    const [, host = part, port] = /^([^:]+|\[[^\]]*\]):(\d{1,5})$/.exec(part) ?? [];
    const endpoint = parseAllowedEndpoint(host);
    if (!endpoint.ok) {
      const fix = 'write hosts such as "registry.example.com, *.example.com", separated by commas';
      return faulty(`${printable(JSON.stringify(part), 80)} is no host`, fix);
    }
    entries.push({ endpoints: withHub(endpoint.value), ...(port !== undefined && { port }) });
  }
  return parsed((url) => entries.some((entry) => isListed(entry, url)));
}

function isListed({ endpoints, port }: Entry, url: URL): boolean {
  const ownPort = url.port || (url.protocol === "https:" ? "443" : "80");
  if (port !== undefined && port !== ownPort) return false;
  const host = url.hostname.replace(/^\[(.*)\]$/, "$1").replace(/\.$/, "");
  return listsHost(endpoints, host);
}

/** Docker Hub is known by one name and served by others: registry-1.docker.io, auth.docker.io. */
function withHub(endpoint: AllowedEndpoint): readonly AllowedEndpoint[] {
  const isHub = endpoint.kind === "host" && endpoint.host === "docker.io";
  return isHub ? [endpoint, { kind: "below", suffix: ".docker.io" }] : [endpoint];
}
