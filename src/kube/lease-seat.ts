import type { Clock } from "../runtime/http-clock.ts";
import type { CallOptions } from "./call.ts";
import type { KubeClient } from "./client.ts";
import { KubeError } from "./kube-error.ts";
import { type LeaseRecord, leaseFields, leaseRecord } from "./lease-record.ts";
import { LEASES, type ObjectRef } from "./resource.ts";

/** How long a holder that is not heard of keeps the Lease. */
export const LEASE_SECONDS = 15;

/** One call about the Lease. */
const CALL_MS = 5_000;

export interface SeatOptions {
  readonly client: Pick<KubeClient, "get" | "create" | "mergePatch">;
  readonly clock: Clock;
  readonly namespace: string;
  readonly name: string;
  /** Of this process alone. */
  readonly identity: string;
}

type Annotations = Readonly<Record<string, string>>;

/** The Lease as this process holds it. */
export interface Held {
  readonly record: LeaseRecord;
  /** When the write that holds it was sent, by this process's clock. */
  readonly since: number;
}

/** One Lease, seen from one candidate. Every failure but losing a race is a `KubeError`. */
export interface Seat {
  /** Takes the Lease where nobody holds it, or its holder has not renewed it for its time; else names the holder. */
  take(signal: AbortSignal): Promise<Held | { readonly holder: string }>;
  /** Renews it; undefined when it is somebody else's by now, or gone. */
  renew(held: Held, annotations: Annotations, signal: AbortSignal): Promise<Held | undefined>;
  /** Gives it back, so that the next one need not wait. */
  release(held: Held, annotations: Annotations): Promise<void>;
}

export function leaseSeat(options: SeatOptions): Seat {
  return new LeaseSeat(options);
}

class LeaseSeat implements Seat {
  readonly #options: SeatOptions;
  readonly #ref: ObjectRef;
  /** The last renewal by another holder, and when it was first seen here: clocks of two machines are not compared. */
  #seen = { renewal: "", at: 0 };

  constructor(options: SeatOptions) {
    const { namespace, name } = options;
    this.#options = options;
    this.#ref = { resource: LEASES, namespace, name };
  }

  async take(signal: AbortSignal): Promise<Held | { readonly holder: string }> {
    const { identity } = this.#options;
    try {
      const record = await this.#read(signal);
      if (record === undefined) return await this.#create(signal);
      if (!this.#isFree(record)) return { holder: record.holder };
      const transitions = record.transitions + (record.holder === identity ? 0 : 1);
      return await this.#write(record, { transitions, isAcquired: true, annotations: {} }, signal);
    } catch (error) {
      // Somebody else was faster; who, the next look will tell.
      if (isOneOf(error, "Conflict", "AlreadyExists", "NotFound")) return { holder: "" };
      throw error;
    }
  }

  async renew(
    held: Held,
    annotations: Annotations,
    signal: AbortSignal,
  ): Promise<Held | undefined> {
    const { transitions } = held.record;
    const write = { transitions, isAcquired: false, annotations };
    try {
      return await this.#write(held.record, write, signal);
    } catch (error) {
      if (!isOneOf(error, "Conflict", "NotFound")) throw error;
      const current = await this.#mine(signal);
      return current && this.#write(current, write, signal);
    }
  }

  async release(held: Held, annotations: Annotations): Promise<void> {
    const signal = this.#options.clock.deadline(CALL_MS);
    try {
      await this.#vacate(held.record, annotations, signal);
    } catch (error) {
      if (!isOneOf(error, "Conflict", "NotFound")) throw error;
      const current = await this.#mine(signal);
      if (current !== undefined) await this.#vacate(current, annotations, signal);
    }
  }

  #isFree(record: LeaseRecord): boolean {
    const { identity, clock } = this.#options;
    const { holder, renewal, durationMs } = record;
    if (holder === "" || holder === identity) return true;
    if (renewal !== this.#seen.renewal) this.#seen = { renewal, at: clock.now() };
    return clock.now() - this.#seen.at >= (durationMs || LEASE_SECONDS * 1_000);
  }

  async #read(signal: AbortSignal): Promise<LeaseRecord | undefined> {
    try {
      return leaseRecord(await this.#options.client.get(this.#ref, how(signal)));
    } catch (error) {
      if (isOneOf(error, "NotFound")) return undefined;
      throw error;
    }
  }

  /** What is in the Lease now, if it still is this process's. */
  async #mine(signal: AbortSignal): Promise<LeaseRecord | undefined> {
    const record = await this.#read(signal);
    return record?.holder === this.#options.identity ? record : undefined;
  }

  async #create(signal: AbortSignal): Promise<Held> {
    const { client, clock, namespace, name, identity } = this.#options;
    const since = clock.now();
    const { metadata, spec } = leaseFields({
      ...{ holder: identity, durationSeconds: LEASE_SECONDS, nowMs: since },
      ...{ transitions: 0, isAcquired: true, annotations: {} },
    });
    const lease = { metadata: { ...metadata, name }, spec };
    const within = { resource: LEASES, namespace };
    return { since, record: leaseRecord(await client.create(lease, within, how(signal))) };
  }

  async #write(
    { resourceVersion }: LeaseRecord,
    write: {
      readonly transitions: number;
      readonly isAcquired: boolean;
      readonly annotations: Annotations;
    },
    signal: AbortSignal,
  ): Promise<Held> {
    const { client, clock, identity } = this.#options;
    const since = clock.now();
    const held = { holder: identity, durationSeconds: LEASE_SECONDS, nowMs: since, ...write };
    const { metadata, spec } = leaseFields(held);
    const patch = { metadata: { ...metadata, resourceVersion }, spec };
    return { since, record: leaseRecord(await client.mergePatch(this.#ref, patch, how(signal))) };
  }

  async #vacate(
    { resourceVersion, transitions }: LeaseRecord,
    annotations: Annotations,
    signal: AbortSignal,
  ): Promise<void> {
    const { client, clock } = this.#options;
    const { metadata, spec } = leaseFields({
      ...{ holder: "", durationSeconds: 1, nowMs: clock.now() },
      ...{ transitions, isAcquired: true, annotations },
    });
    const patch = { metadata: { ...metadata, resourceVersion }, spec };
    await client.mergePatch(this.#ref, patch, how(signal));
  }
}

/** One attempt: the next one has newer news. */
function how(signal: AbortSignal): CallOptions {
  return { signal, priority: "urgent", timeoutMs: CALL_MS, attempts: 1 };
}

function isOneOf(error: unknown, ...reasons: readonly KubeError["reason"][]): boolean {
  return error instanceof KubeError && reasons.includes(error.reason);
}
