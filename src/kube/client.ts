import { isRecord, own, type UnknownRecord } from "../api/record.ts";
import type { Clock } from "../runtime/http-clock.ts";
import { type Call, type CallOptions, createCaller, type RequestMeasure } from "./call.ts";
import type { KubeServer } from "./connection.ts";
import type { OnItem } from "./json-body.ts";
import { KubeError } from "./kube-error.ts";
import { createRateLimiter } from "./rate-limit.ts";
import {
  applyStatusCall,
  createCall,
  type Deletion,
  deleteCall,
  getCall,
  type ListQuery,
  listCall,
  mergePatchCall,
  type StatusApply,
  type WatchQuery,
  watchCall,
} from "./request.ts";
import type { Collection, ObjectRef } from "./resource.ts";
import { kubeTransport, type Transport } from "./transport.ts";

export type { RequestMeasure } from "./call.ts";

/** Items come without their `apiVersion` and `kind`; `continue` is undefined on the last page. */
export interface ListPage {
  readonly items: readonly UnknownRecord[];
  readonly continue: string | undefined;
  readonly resourceVersion: string;
}

/** Calls to one API server. Failures are `KubeError`s; an aborted call rejects with its signal's reason. */
export interface KubeClient {
  /** With `onItem`, objects are handed over as they come, instead of in the page; some may come twice. */
  list(query: ListQuery, options: CallOptions, onItem?: OnItem): Promise<ListPage>;
  /** The body: one JSON event a line, bookmarks among them. Not tried again. */
  watch(query: WatchQuery, options: CallOptions): Promise<AsyncIterable<Uint8Array>>;
  get(ref: ObjectRef, options: CallOptions): Promise<UnknownRecord>;
  /** The object as the server keeps it. */
  create(object: UnknownRecord, within: Collection, options: CallOptions): Promise<UnknownRecord>;
  /** False when it is not there (any more). */
  delete(ref: ObjectRef, deletion: Deletion, options: CallOptions): Promise<boolean>;
  /** Server-side apply on `/status`, taking over what others manage there. */
  applyStatus(ref: ObjectRef, apply: StatusApply, options: CallOptions): Promise<UnknownRecord>;
  /** A JSON merge patch; with `metadata.resourceVersion` in it, a `Conflict` where that is not the current one. */
  mergePatch(ref: ObjectRef, patch: UnknownRecord, options: CallOptions): Promise<UnknownRecord>;
}

/** How a client names itself, and how much it may ask. */
export interface ClientOptions {
  readonly clock: Clock;
  /** `reconciler`: writes are `drop-reconciler`'s. */
  readonly part: string;
  /** Requests each second, on average. */
  readonly qps: number;
  /** Requests at once after a silence. */
  readonly burst: number;
  readonly onRequest?: (request: RequestMeasure) => void;
}

export interface KubeClientOptions extends ClientOptions {
  readonly connection: Pick<KubeServer, "config" | "authorize">;
  /** Of Drop. */
  readonly version: string;
}

/** A client for one part of Drop; its connections are the connection's to close. */
export function createKubeClient(options: KubeClientOptions): KubeClient {
  const { connection, clock, version, part } = options;
  const userAgent = `drop/${version} (${part})`;
  return clientOver(kubeTransport(connection, { userAgent, now: clock.now }), options);
}

/** The same over any transport. */
export function clientOver(transport: Transport, options: ClientOptions): KubeClient {
  const { clock, part, onRequest } = options;
  const limiter = createRateLimiter(options);
  const caller = createCaller({ transport, limiter, clock, ...(onRequest && { onRequest }) });
  const manager = `drop-${part}`;

  async function ask(call: Call, how: CallOptions): Promise<UnknownRecord> {
    const answer = await caller.ask(call, how);
    if (isRecord(answer)) return answer;
    throw strange(call.what, "no object");
  }

  return {
    async list(query, how, onItem) {
      const call = { ...listCall(query), ...(onItem && { onItem }) };
      return pageOf(await ask(call, how), call.what);
    },
    watch: (query, how) => caller.open(watchCall(query), how),
    get: (ref, how) => ask(getCall(ref), how),
    create: (object, within, how) => ask(createCall(within, object, manager), how),
    delete: (ref, deletion, how) => wasThere(caller.ask(deleteCall(ref, deletion), how)),
    applyStatus: (ref, apply, how) =>
      ask(applyStatusCall(ref, apply, manager), { priority: "status", ...how }),
    mergePatch: (ref, patch, how) => ask(mergePatchCall(ref, patch, manager), how),
  };
}

function pageOf(answer: UnknownRecord, what: string): ListPage {
  const metadata = own(answer, "metadata");
  const [items, version, next] = [
    own(answer, "items"),
    own(metadata, "resourceVersion"),
    own(metadata, "continue"),
  ];
  if (!Array.isArray(items) || typeof version !== "string" || version === "") {
    throw strange(what, "no list");
  }
  const more = typeof next === "string" && next !== "" ? next : undefined;
  return { items: items.filter(isRecord), continue: more, resourceVersion: version };
}

function strange(what: string, answered: string): KubeError {
  const fix = "check that the address is an API server's";
  const message = `${what} failed: the answer is ${answered}`;
  return new KubeError("InvalidAnswer", { message, fix });
}

async function wasThere(deletion: Promise<unknown>): Promise<boolean> {
  try {
    await deletion;
    return true;
  } catch (error) {
    if (error instanceof KubeError && error.reason === "NotFound") return false;
    throw error;
  }
}
