import { isRecord, own, type UnknownRecord } from "../../src/api/record.ts";
import type { CallOptions } from "../../src/kube/call.ts";
import type { KubeClient } from "../../src/kube/client.ts";
import { answerError, KubeError } from "../../src/kube/kube-error.ts";
import type { Clock } from "../../src/runtime/http-clock.ts";

type LeaseClient = Pick<KubeClient, "get" | "create" | "mergePatch">;

/** The network between one process and the server. */
export type Network =
  | "up"
  /** Calls fail. */
  | "down"
  /** Calls never end by themselves. */
  | "hangs"
  /** Calls are done, and their answers lost. */
  | "deaf";

/** One Lease as the API server keeps it, without sockets. */
export interface LeaseServer {
  /** A client whose network the test decides about. */
  client(network: () => Network, clock: Clock): LeaseClient;
  lease(): UnknownRecord | undefined;
  remove(): void;
  /** What somebody else does to it. */
  annotate(name: string, value: string): void;
  readonly writes: UnknownRecord[];
}

export function leaseServer(): LeaseServer {
  let version = 1;
  let lease: UnknownRecord | undefined;
  const writes: UnknownRecord[] = [];

  function refusal(code: number, reason: string): KubeError {
    return answerError({ code, reason, message: "as told", retryAfterMs: 0 }, "asking");
  }

  function keep(next: UnknownRecord): UnknownRecord {
    const metadata = { ...record(own(next, "metadata")), resourceVersion: String(++version) };
    lease = { ...next, metadata };
    return structuredClone(lease);
  }

  function patched(patch: UnknownRecord): UnknownRecord {
    if (lease === undefined) throw refusal(404, "NotFound");
    const wanted = own(own(patch, "metadata"), "resourceVersion");
    if (wanted !== own(own(lease, "metadata"), "resourceVersion")) throw refusal(409, "Conflict");
    writes.push(patch);
    return keep(record(merged(lease, patch)));
  }

  return {
    writes,
    lease: () => lease,
    remove() {
      lease = undefined;
    },
    annotate(name, value) {
      if (lease !== undefined)
        keep(record(merged(lease, { metadata: { annotations: { [name]: value } } })));
    },
    client(network, clock) {
      async function through<T>(options: CallOptions, call: () => T): Promise<T> {
        options.signal.throwIfAborted();
        const state = network();
        if (state === "hangs") await unanswered(options, clock);
        if (state === "down") throw new KubeError("Unreachable", { message: "down", fix: "wait" });
        await Promise.resolve();
        const answer = call();
        if (state === "deaf") await unanswered(options, clock);
        return answer;
      }
      return {
        get: (_ref, options) =>
          through(options, () => {
            if (lease === undefined) throw refusal(404, "NotFound");
            return structuredClone(lease);
          }),
        create: (object, _within, options) =>
          through(options, () => {
            if (lease !== undefined) throw refusal(409, "AlreadyExists");
            writes.push(object);
            return keep(object);
          }),
        mergePatch: (_ref, patch, options) => through(options, () => patched(patch)),
      };
    },
  };
}

/** JSON merge patch, RFC 7386. */
function merged(target: unknown, patch: unknown): unknown {
  if (!isRecord(patch)) return patch;
  const result = new Map(Object.entries(record(target)));
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) result.delete(key);
    else result.set(key, merged(result.get(key), value));
  }
  return Object.fromEntries(result);
}

function record(value: unknown): UnknownRecord {
  return isRecord(value) ? value : {};
}

/** As a client's call ends: with its own deadline, or its signal. */
function unanswered({ signal, timeoutMs = 0 }: CallOptions, clock: Clock): Promise<never> {
  const late = new KubeError("Timeout", { message: "too late", fix: "wait" });
  return new Promise((_resolve, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
    clock.deadline(timeoutMs).addEventListener("abort", () => reject(late), { once: true });
  });
}
