import type { IncomingMessage } from "node:http";
import { request } from "node:https";
import { createInterface } from "node:readline";
import { ask } from "./http.ts";
import type { Kubernetes } from "./kubernetes.ts";

/** One change of an object, as the API server told it. */
export interface ObjectEvent<T> {
  readonly type: "ADDED" | "MODIFIED" | "DELETED";
  readonly object: T;
}

/** Everything that happens to some objects, until stopped. */
export interface ObjectWatch {
  /** Rejects when it breaks off for good; never resolves. */
  readonly broken: Promise<never>;
  stop(): void;
}

/** What every object has. */
export interface Metadata {
  readonly name: string;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly creationTimestamp: string;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly labels?: Readonly<Record<string, string>>;
}

/**
 * Watches a collection, such as "/api/v1/namespaces/default/pods", from now on; what is there already comes as ADDED.
 * Unlike kubectl, which ends with its first watch, it goes on where a watch has ended and misses nothing.
 */
export async function watchObjects<T extends { readonly metadata: Metadata }>(
  { config }: Kubernetes,
  path: string,
  onEvent: (event: ObjectEvent<T>) => void,
): Promise<ObjectWatch> {
  const { server, caPem, certPem, keyPem } = config;
  const login = { certPem, keyPem };
  const url = `${server}${path}`;
  const { status, body } = await ask(url, { caPem, login });
  if (status !== 200) throw new Error(`${path} was not listed: ${body}`);
  const { metadata, items } = JSON.parse(body);
  for (const object of items) onEvent({ type: "ADDED", object });
  let version: string = metadata.resourceVersion;
  const stopping = new AbortController();
  const { signal } = stopping;
  async function follow(): Promise<never> {
    for (;;) {
      const query = `?watch=1&allowWatchBookmarks=true&resourceVersion=${version}`;
      const trust = { ca: caPem, cert: certPem, key: keyPem, agent: false as const, signal };
      for await (const line of linesOf(await open(`${url}${query}`, trust))) {
        const { type, object } = JSON.parse(line);
        if (type === "ERROR") throw new Error(line);
        version = object.metadata.resourceVersion;
        if (type !== "BOOKMARK") onEvent({ type, object });
      }
    }
  }
  const broken = follow();
  // Who waits for something else as well is told there.
  broken.catch(() => undefined);
  return { broken, stop: () => stopping.abort() };
}

function open(url: string, options: object): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    request(url, options, resolve).on("error", reject).end();
  });
}

function linesOf(response: IncomingMessage): AsyncIterable<string> {
  return createInterface({ input: response, crlfDelay: Number.POSITIVE_INFINITY });
}
