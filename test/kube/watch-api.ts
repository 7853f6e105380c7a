import type { ServerResponse } from "node:http";
import { own } from "../../src/api/record.ts";
import { createKubeClient } from "../../src/kube/client.ts";
import type { Relist } from "../../src/kube/mirror.ts";
import { createReflector, type Reflector, type ReflectorFault } from "../../src/kube/reflector.ts";
import { NODES } from "../../src/kube/resource.ts";
import { faultServer, json } from "../runtime/fault-server.ts";
import { connected } from "./kubeconfig.ts";
import { type ManualClock, manualClock } from "./manual-clock.ts";

/** One watch that the reflector has opened. */
export interface SeenWatch {
  readonly query: URLSearchParams;
  readonly response: ServerResponse;
  isClosed: boolean;
}

/** A reflector on a socket, whose server does what a test wants. */
export interface WatchApi {
  readonly clock: ManualClock;
  readonly reflector: Reflector<number>;
  readonly lists: readonly URLSearchParams[];
  readonly watches: readonly SeenWatch[];
  readonly faults: readonly ReflectorFault[];
  readonly relists: readonly Relist[];
  /** Keys as they were told of, a deletion with a minus. */
  readonly told: readonly string[];
  /** How the run ended, undefined while it goes on. */
  ended(): Promise<void>;
  stop(reason?: unknown): void;
}

export interface WatchApiOptions {
  /** Answers a list; without it, two nodes at version 10. */
  readonly onList?: (query: URLSearchParams, response: ServerResponse, number: number) => void;
  /** Answers a watch; without it, silence. */
  readonly onWatch?: (watch: SeenWatch, number: number) => void;
  readonly onChange?: () => void;
}

/** A node in a list or an event. */
export function node(name: string, version: number, value = version): object {
  return { metadata: { name, uid: `uid-${name}`, resourceVersion: String(version) }, value };
}

/** One line of a watch. */
export function line(type: string, object: object): string {
  return `${JSON.stringify({ type, object })}\n`;
}

export function nodeList(version: number, items: readonly object[], next?: string): object {
  return { metadata: { resourceVersion: String(version), continue: next ?? "" }, items };
}

/** Runs a reflector against a server of its own; both end with the test. */
export async function withReflector(
  { onList, onWatch, onChange }: WatchApiOptions,
  run: (api: WatchApi) => Promise<void>,
): Promise<void> {
  const clock = manualClock();
  const lists: URLSearchParams[] = [];
  const watches: SeenWatch[] = [];
  await using server = await faultServer((request, response) => {
    const query = new URL(request.path, "http://server").searchParams;
    if (query.get("watch") === "true") {
      const watch = { query, response, isClosed: false };
      response.on("close", () => {
        watch.isClosed = true;
      });
      watches.push(watch);
      if (onWatch !== undefined) onWatch(watch, watches.length);
      else response.writeHead(200).flushHeaders();
      return;
    }
    lists.push(query);
    if (onList !== undefined) onList(query, response, lists.length);
    else json(response, nodeList(10, [node("a", 1), node("b", 2)]));
  });
  await using connection = await connected({ server: server.url });
  const limits = { qps: 1_000, burst: 1_000 };
  const client = createKubeClient({ connection, clock, version: "1", part: "test", ...limits });
  const [faults, relists, told]: [ReflectorFault[], Relist[], string[]] = [[], [], []];
  const reflector = createReflector<number>({
    client,
    clock,
    of: { resource: NODES },
    project: (raw) => Number(own(raw, "value")),
    onChange(change) {
      if (change.type === "synced") told.push("synced");
      else told.push(change.type === "set" ? change.key : `-${change.key}`);
      onChange?.();
    },
    onFault: (fault) => faults.push(fault),
    onRelist: (relist) => relists.push(relist),
  });
  const stop = new AbortController();
  const running = reflector.run(stop.signal);
  running.catch(() => undefined);
  try {
    await run({
      ...{ clock, reflector, lists, watches, faults, relists, told },
      ended: () => running,
      stop: (reason) => stop.abort(reason),
    });
  } finally {
    stop.abort();
    await running.catch(() => undefined);
  }
}
