import type { UnknownRecord } from "../../src/api/record.ts";
import type { KubeClient, ListPage } from "../../src/kube/client.ts";
import { answerError, KubeError } from "../../src/kube/kube-error.ts";
import type { ListQuery, WatchQuery } from "../../src/kube/request.ts";
import type { Clock } from "../../src/runtime/http-clock.ts";

/** A collection as an API server keeps it, without sockets, with faults on demand. */
export interface ModelServer extends Pick<KubeClient, "list" | "watch"> {
  put(name: string, value: number): void;
  remove(name: string): void;
  /** Forgets what happened up to now: watches and lists from before are answered 410. */
  compact(): void;
  /** Breaks every watch that is open. */
  fault(fault: StreamFault): void;
  /** Fails the next calls. */
  failNext(verb: "list" | "watch", error: KubeError): void;
  /** The truth. */
  state(): ReadonlyMap<string, number>;
  readonly asked: { list: number; watch: number };
  /** The queries of all lists and watches, as they came. */
  readonly queries: (ListQuery | WatchQuery)[];
  openWatches(): number;
}

/** What a stream can suffer. */
export type StreamFault =
  | "end"
  | "reset"
  | "cut line"
  | "garbage"
  | "gone"
  | "server error"
  | "bookmark"
  | "repeat all"
  | "repeat last"
  | "repeat older"
  | "backwards"
  | "miss next";

interface Recorded {
  readonly version: number;
  readonly type: "ADDED" | "MODIFIED" | "DELETED";
  readonly name: string;
  readonly uid: string;
  readonly value: number;
}

interface Stream {
  push(bytes: string): void;
  end(error?: KubeError): void;
  missNext: boolean;
}

const REFUSED = { reason: "Expired", message: "too old resource version", retryAfterMs: 0 };

export function modelServer(clock: Clock): ModelServer {
  let version = 100;
  let compactedAt = 0;
  let uids = 0;
  const history: Recorded[] = [];
  const streams = new Set<Stream>();
  const failures: Record<"list" | "watch", KubeError[]> = { list: [], watch: [] };
  const asked = { list: 0, watch: 0 };
  const queries: (ListQuery | WatchQuery)[] = [];

  function at(limit: number): Map<string, Recorded> {
    const state = new Map<string, Recorded>();
    for (const event of history.filter((one) => one.version <= limit)) {
      if (event.type === "DELETED") state.delete(event.name);
      else state.set(event.name, event);
    }
    return state;
  }

  function record(event: Omit<Recorded, "version">): void {
    version += 1 + (version % 3);
    const recorded = { ...event, version };
    history.push(recorded);
    for (const stream of streams) {
      if (stream.missNext) stream.missNext = false;
      else stream.push(lineOf(recorded));
    }
  }

  function gone(): KubeError {
    return answerError({ code: 410, ...REFUSED }, "asking for the past");
  }

  return {
    asked,
    queries,
    openWatches: () => streams.size,
    state: () => new Map([...at(version)].map(([name, { value }]) => [name, value])),
    put(name, value) {
      const known = at(version).get(name);
      const uid = known?.uid ?? `uid-${++uids}`;
      record({ type: known === undefined ? "ADDED" : "MODIFIED", name, uid, value });
    },
    remove(name) {
      const known = at(version).get(name);
      if (known !== undefined) record({ ...known, type: "DELETED" });
    },
    compact() {
      version++;
      compactedAt = version;
    },
    failNext: (verb, error) => void failures[verb].push(error),
    fault(fault) {
      for (const stream of [...streams]) suffer(stream, fault);
    },
    async list(query, { signal }) {
      signal.throwIfAborted();
      asked.list++;
      queries.push(query);
      await Promise.resolve();
      const failure = failures.list.shift();
      if (failure !== undefined) throw failure;
      const [text = "", from = "0"] = (query.continue ?? "").split(":");
      const limit = text === "" ? Number(query.resourceVersion ?? version) : Number(text);
      if (limit < compactedAt) throw gone();
      return pageOf([...at(limit).values()], {
        from: Number(from),
        limit,
        size: query.limit ?? 500,
      });
    },
    async watch(query, { signal }) {
      signal.throwIfAborted();
      asked.watch++;
      queries.push(query);
      const failure = failures.watch.shift();
      if (failure !== undefined) throw failure;
      const since = Number(query.resourceVersion);
      if (since < compactedAt) throw gone();
      const missed = history.filter((event) => event.version > since).map(lineOf);
      const { stream, body } = openStream(signal, missed);
      streams.add(stream);
      const over = new AbortController();
      clock.sleep(query.timeoutSeconds * 1_000, over.signal).then(
        () => stream.end(),
        () => undefined,
      );
      return closing(body, () => {
        over.abort();
        streams.delete(stream);
      });
    },
  };

  function suffer(stream: Stream, fault: StreamFault): void {
    if (fault === "miss next") stream.missNext = true;
    else if (fault === "end") stream.end();
    else stream.push(bytesOf(fault));
    if (fault === "reset" || fault === "cut line") {
      stream.end(new KubeError("Unreachable", { message: "cut", fix: "wait" }));
    }
  }

  function bytesOf(fault: StreamFault): string {
    const bookmark = { type: "BOOKMARK", object: { metadata: { resourceVersion: `${version}` } } };
    const table: Partial<Record<StreamFault, string>> = {
      "cut line": lineOf({ type: "MODIFIED", name: "a", uid: "x", value: -1, version }).slice(
        0,
        40,
      ),
      garbage: '<html>"no event"</html>\n',
      gone: errorLine(410, "Expired"),
      "server error": errorLine(500, "InternalError"),
      bookmark: `${JSON.stringify(bookmark)}\n`,
      "repeat all": history.slice(-20).map(lineOf).join(""),
      "repeat last": history.slice(-1).map(lineOf).join(""),
      "repeat older": history.slice(-3, -2).map(lineOf).join(""),
      backwards: history.slice(-6).toReversed().map(lineOf).join(""),
    };
    return table[fault] ?? "";
  }
}

function pageOf(
  events: readonly Recorded[],
  { from, limit, size }: { readonly from: number; readonly limit: number; readonly size: number },
): ListPage {
  const end = from + size;
  return {
    items: events.slice(from, end).map(objectOf),
    continue: end < events.length ? `${limit}:${end}` : undefined,
    resourceVersion: String(limit),
  };
}

function objectOf({ name, uid, version, value }: Recorded): UnknownRecord {
  return { metadata: { name, uid, resourceVersion: String(version) }, value };
}

function lineOf(event: Recorded): string {
  return `${JSON.stringify({ type: event.type, object: objectOf(event) })}\n`;
}

function errorLine(code: number, reason: string): string {
  const object = { kind: "Status", status: "Failure", code, reason, message: "as told" };
  return `${JSON.stringify({ type: "ERROR", object })}\n`;
}

function openStream(signal: AbortSignal, first: readonly string[]) {
  const pending = [...first];
  let ended: { readonly error?: KubeError } | undefined;
  let wake: () => void = () => undefined;
  const stream: Stream = {
    missNext: false,
    push(bytes) {
      pending.push(bytes);
      wake();
    },
    end(error) {
      ended = error === undefined ? {} : { error };
      wake();
    },
  };
  async function* body(): AsyncGenerator<Uint8Array> {
    for (;;) {
      signal.throwIfAborted();
      const next = pending.shift();
      if (next !== undefined) yield Buffer.from(next);
      else if (ended !== undefined) {
        if (ended.error !== undefined) throw ended.error;
        return;
      } else {
        await new Promise<void>((resolve) => {
          wake = resolve;
          signal.addEventListener("abort", () => resolve(), { once: true });
        });
      }
    }
  }
  return { stream, body: body() };
}

async function* closing(body: AsyncGenerator<Uint8Array>, closed: () => void) {
  try {
    yield* body;
  } finally {
    closed();
  }
}
