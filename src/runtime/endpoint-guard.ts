import { isIP, type LookupFunction } from "node:net";
import { type AllowedEndpoint, listsAddress, listsHost } from "../api/endpoint-list.ts";
import { printable } from "../api/printable.ts";
import { addressKind, isLoopback } from "./endpoint-address.ts";
import { HttpError } from "./http-error.ts";

/** Which addresses may be connected to. */
export interface EndpointRules {
  /** Whether this machine itself may be asked: yes for a person at a terminal, no in a cluster. */
  readonly allowLoopback: boolean;
  /** When given, of the private addresses only those listed by host or address are allowed. */
  readonly allowedEndpoints?: readonly AllowedEndpoint[];
}

/** An address that a host name stands for. */
export interface ResolvedAddress {
  readonly address: string;
  readonly family: number;
}

/** Looks a host name up, as DNS does; rejects where there is none. */
export type Resolve = (hostname: string) => Promise<readonly ResolvedAddress[]>;

/** Keeps requests away from addresses that hand out credentials or belong to others. */
export interface EndpointGuard {
  /** What forbids this URL as far as it can be told without a look-up, which is all there is behind a proxy. */
  refusal(url: URL): HttpError | undefined;
  /** Looks a host up for `net.connect`, which then connects to an address that was checked and to no other. */
  readonly lookup: LookupFunction;
  /** Whether the rules list this host by name or address. */
  isListed(hostname: string): boolean;
}

/** The guard over these rules; `resolve` is DNS. */
export function createEndpointGuard(
  rules: EndpointRules,
  resolve: Resolve = resolveHost,
): EndpointGuard {
  const lookup: LookupFunction = (hostname, options, callback) => {
    resolve(hostname)
      .then((addresses) => allowedAddresses(hostname, addresses, rules))
      .then(
        (addresses) => answer(addresses, options, callback),
        (error: unknown) => callback(asError(error), ""),
      );
  };
  return {
    lookup,
    refusal: (url) => urlRefusal(url, rules),
    isListed: (hostname) => listsHost(rules.allowedEndpoints ?? [], bareHost(hostname)),
  };
}

/** Names under which clouds answer metadata requests; a proxy would look them up unseen. */
const METADATA_HOSTS: ReadonlySet<string> = new Set([
  "metadata.google.internal",
  "metadata.goog",
  "instance-data",
  "instance-data.ec2.internal",
]);

/** Pure: why an address may not be connected to, `host` being the name that it was found under. */
export function addressRefusal(
  address: string,
  host: string,
  rules: EndpointRules,
): HttpError | undefined {
  const kind = addressKind(address);
  if (kind === "public") return undefined;
  if (kind === "forbidden") return refusal(host, `leads to ${address}, which is never asked`);
  if (kind === "loopback") {
    return rules.allowLoopback ? undefined : refusal(host, "is this machine itself");
  }
  const list = rules.allowedEndpoints;
  if (list === undefined || listsHost(list, host) || listsAddress(list, address)) return undefined;
  return refusal(host, `leads to the private address ${address}, which the allowed endpoints lack`);
}

function urlRefusal(url: URL, rules: EndpointRules): HttpError | undefined {
  const host = bareHost(url.hostname);
  if (url.protocol !== "http:" && url.protocol !== "https:") {
    return refusal(host, `would be asked over ${printable(url.protocol, 20)}`);
  }
  if (isIP(host) !== 0) return addressRefusal(host, host, rules);
  if (METADATA_HOSTS.has(host)) return refusal(host, "is a cloud's metadata service");
  return isLoopback(url) && !rules.allowLoopback
    ? refusal(host, "is this machine itself")
    : undefined;
}

function allowedAddresses(
  host: string,
  addresses: readonly ResolvedAddress[],
  rules: EndpointRules,
): readonly ResolvedAddress[] {
  let refused: HttpError | undefined;
  const allowed = addresses.filter(({ address }) => {
    const reason = addressRefusal(address, bareHost(host), rules);
    refused ??= reason;
    return reason === undefined;
  });
  if (allowed.length > 0) return allowed;
  throw refused ?? refusal(host, "has no address");
}

function refusal(host: string, why: string): HttpError {
  return new HttpError("EndpointRefused", {
    message: `${printable(host, 100)} ${why}`,
    fix: "use an address that the network of your registries and metrics has, or allow this one if it is meant",
  });
}

/** A host as people write it: without the brackets of an IPv6 address and the dot of a complete name. */
function bareHost(hostname: string): string {
  return hostname
    .replace(/^\[(.*)\]$/, "$1")
    .replace(/\.$/, "")
    .toLowerCase();
}

function answer(
  addresses: readonly ResolvedAddress[],
  options: Parameters<LookupFunction>[1],
  callback: Parameters<LookupFunction>[2],
): void {
  const matching = addresses.filter(({ family }) =>
    options.family !== 4 && options.family !== 6 ? true : family === options.family,
  );
  if (options.all === true) {
    callback(null, [...matching]);
    return;
  }
  const [first] = matching;
  if (first === undefined) callback(new Error("the host has no address of this family"), "");
  else callback(null, first.address, first.family);
}

/** The machine's own look-up, its hosts file included. */
export async function resolveHost(hostname: string): Promise<readonly ResolvedAddress[]> {
  const { lookup } = await import("node:dns/promises");
  return lookup(hostname, { all: true });
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
