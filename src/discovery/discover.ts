import type { DiscoveryPolicy, DiscoverySource } from "../api/types.gen.ts";
import { isLoopback } from "../runtime/endpoint-address.ts";
import type { Http } from "../runtime/http.ts";
import type { Clock } from "../runtime/http-clock.ts";
import { mapBounded } from "./bounded.ts";
import { type Credentials, NO_CREDENTIALS, readCredentials } from "./logins/credentials.ts";
import type { LoginFinder } from "./logins/docker-logins.ts";
import type { SourceOutcome } from "./outcome.ts";
import { askPrometheus } from "./prometheus.ts";
import { registryAddress } from "./registry/url.ts";
import { askRegistry } from "./registry.ts";
import type { SecretReader } from "./secrets/secret.ts";
import type { SourceAnswer, SourceContext, SourceProgress } from "./source-context.ts";
import { failureOf } from "./source-error.ts";
import { sourceNames, sourceUrl } from "./source-names.ts";
import { SUSPENDED, unasked } from "./unasked.ts";

/** The outside world, as discovery sees it. */
export interface DiscoveryPorts {
  readonly http: Http;
  readonly clock: Clock;
  readonly secrets: SecretReader;
  /** Logins for registries whose source names no Secret. */
  readonly logins?: LoginFinder;
  /** Whether a host is among the allowed endpoints and so may be given another host's login; by default none is. */
  readonly isListed?: (hostname: string) => boolean;
  readonly onProgress?: (progress: SourceProgress) => void;
  /** How long one source may take in all. */
  readonly sourceTimeoutMs?: number;
}

const SOURCE_TIMEOUT_MS = 10 * 60_000;
const SOURCES_AT_ONCE = 8;

/**
 * Asks every source of a policy, each independently of the others, and gives their answers in the policy's order. An
 * outage is part of an answer; only an interrupt, whose reason is thrown on, and bugs end it early.
 */
export async function discoverPolicy(
  policy: DiscoveryPolicy,
  ports: DiscoveryPorts,
  interrupt: AbortSignal,
): Promise<readonly SourceOutcome[]> {
  interrupt.throwIfAborted();
  const { sources, suspend } = policy.spec;
  const names = sourceNames(sources);
  return mapBounded(sources, SOURCES_AT_ONCE, async (source, index) => {
    const name = names[index] ?? "";
    const answer =
      suspend === true ? unasked(source, SUSPENDED) : await ask({ source, name, ports, interrupt });
    return { name, type: source.type, ...answer };
  });
}

interface Question {
  readonly source: DiscoverySource;
  readonly name: string;
  readonly ports: DiscoveryPorts;
  readonly interrupt: AbortSignal;
}

async function ask(question: Question): Promise<SourceAnswer> {
  const { source, name, ports, interrupt } = question;
  const deadline = ports.clock.deadline(ports.sourceTimeoutMs ?? SOURCE_TIMEOUT_MS);
  const signal = AbortSignal.any([interrupt, deadline]);
  try {
    return await askSource(source, {
      http: ports.http,
      clock: ports.clock,
      credentials: await credentialsOf(question, signal),
      signal,
      interrupt,
      isListed: (hostname) => ports.isListed?.(hostname) ?? false,
      onProgress: (progress) => ports.onProgress?.({ source: name, ...progress }),
    });
  } catch (error) {
    return unasked(source, failureOf(error, { signal, interrupt }));
  }
}

async function credentialsOf(
  { source, ports, interrupt }: Question,
  signal: AbortSignal,
): Promise<Credentials> {
  const { secretRef, registry } = source;
  const written = URL.parse(sourceUrl(source));
  if (written === null) return NO_CREDENTIALS;
  const { host } = written;
  const url = registry === undefined ? written : registryAddress(registry.url).api;
  if (secretRef !== undefined) {
    return readCredentials(ports.secrets, { secretName: secretRef.name, host, url, signal });
  }
  if (source.type !== "registry" || !isSafeForAmbientLogin(url, ports)) return NO_CREDENTIALS;
  const login = await ports.logins?.find(host, interrupt);
  return login === undefined ? NO_CREDENTIALS : { ...NO_CREDENTIALS, login };
}

/** Nobody gave these logins to this policy, so it cannot have them sent where the network can read them. */
function isSafeForAmbientLogin(url: URL, { isListed }: DiscoveryPorts): boolean {
  return url.protocol === "https:" || isLoopback(url) || isListed?.(url.hostname) === true;
}

function askSource(source: DiscoverySource, context: SourceContext): Promise<SourceAnswer> {
  const { type, prometheus, registry } = source;
  if (type === "prometheus" && prometheus !== undefined) return askPrometheus(prometheus, context);
  if (type === "registry" && registry !== undefined) return askRegistry(registry, context);
  throw new Error(`a policy reached discovery unvalidated: a source lacks its block ${type}`);
}
