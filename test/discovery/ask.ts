import type { DiscoverySource } from "../../src/api/types.gen.ts";
import { type DiscoveryPorts, discoverPolicy } from "../../src/discovery/discover.ts";
import type { SourceOutcome } from "../../src/discovery/outcome.ts";
import { type FoundSecret, inMemory } from "../../src/discovery/secrets/secret.ts";
import { createEndpointGuard, type Resolve } from "../../src/runtime/endpoint-guard.ts";
import { createHttp } from "../../src/runtime/http.ts";
import type { Proxies } from "../../src/runtime/http-proxy.ts";
import { SecretValue } from "../../src/runtime/secret-value.ts";
import { fakeClock } from "../runtime/fake-clock.ts";
import { policy } from "./policies.ts";

export interface AskOptions extends Partial<DiscoveryPorts> {
  /** The keys of the Secret `creds`. */
  readonly secret?: Readonly<Record<string, string>>;
  /** Its annotation. */
  readonly allowedHosts?: string;
  /** DNS, where host names are part of the test. */
  readonly resolve?: Resolve;
  readonly proxies?: Proxies;
}

/** Discovers with real HTTP to loopback, waits skipped, and one Secret named `creds`. */
export async function askAll(
  sources: readonly DiscoverySource[],
  { secret, allowedHosts, resolve, proxies, ...ports }: AskOptions = {},
): Promise<readonly SourceOutcome[]> {
  const clock = ports.clock ?? fakeClock(Date.now());
  const http = createHttp({
    guard: createEndpointGuard({ allowLoopback: true }, resolve),
    clock,
    userAgent: "drop/test",
    ...(proxies && { proxies }),
  });
  const keys = Object.entries(secret ?? {}).map(
    ([key, value]) => [key, new SecretValue(value)] as const,
  );
  const found: FoundSecret = {
    keys: new Map(keys),
    ...(allowedHosts !== undefined && { allowedHosts }),
  };
  const secrets = inMemory(new Map(secret === undefined ? [] : [["creds", found]]));
  try {
    const signal = AbortSignal.timeout(60_000);
    return await discoverPolicy(policy({ sources }), { http, clock, secrets, ...ports }, signal);
  } finally {
    await http.close();
  }
}

/** Discovers with one source. */
export async function askOne(
  source: DiscoverySource,
  options: AskOptions = {},
): Promise<SourceOutcome> {
  const [outcome] = await askAll([source], options);
  if (outcome === undefined) throw new Error("no outcome came");
  return outcome;
}

/** The images of the parts, as `image=score` texts. */
export function found({ parts }: SourceOutcome): readonly string[] {
  return parts.flatMap(({ candidates }) =>
    candidates.map(({ image, score }) => `${image}=${score}`),
  );
}

/** The reason of the first part that is not complete. */
export function reasonOf({ parts }: SourceOutcome): string | undefined {
  for (const part of parts) if (part.state !== "complete") return part.failure.reason;
  return undefined;
}

/** Everything that the parts say about failures, and the notes. */
export function textOf({ parts, notes }: SourceOutcome): string {
  const texts = parts.flatMap((part) =>
    part.state === "complete" ? [] : [`${part.name}: ${part.failure.message}; ${part.failure.fix}`],
  );
  return [...texts, ...notes].join("\n");
}
