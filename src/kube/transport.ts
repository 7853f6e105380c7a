import type { Readable } from "node:stream";
import { request as send } from "undici";
import { retryAfterMs } from "../runtime/http-retry.ts";
import type { KubeServer } from "./connection.ts";
import { KubeError } from "./kube-error.ts";

/** One HTTP request below the API server's address. */
export interface TransportRequest {
  readonly method: "GET" | "POST" | "PATCH" | "DELETE";
  /** Begins with a slash; with its query. */
  readonly path: string;
  readonly body?: string;
  readonly contentType?: string;
  /** Ends the body too. */
  readonly signal: AbortSignal;
}

/** What came back, its body still coming. */
export interface TransportAnswer {
  readonly status: number;
  /** 0 when the server asks for no pause. */
  readonly retryAfterMs: number;
  /** Of a proxy, maybe: the API server is not asked for any. */
  readonly encoding: string;
  readonly body: Readable;
}

/** Sends a request; rejects with whatever the connection or the signal said. */
export type Transport = (request: TransportRequest) => Promise<TransportAnswer>;

/** A transport over the connections of a kubeconfig; nobody else names the client `userAgent`. */
export function kubeTransport(
  { config, authorize }: Pick<KubeServer, "config" | "authorize">,
  { userAgent, now }: { readonly userAgent: string; readonly now: () => number },
): Transport {
  return async ({ method, path, body, contentType, signal }) => {
    const server = config.getCurrentCluster()?.server ?? "";
    const url = `${server.replace(/\/+$/, "")}${path}`;
    const { headers, dispatcher } = await unlessAborted(authorized(authorize, url), signal);
    const answer = await send(url, {
      ...(dispatcher !== undefined && { dispatcher }),
      method,
      headers: {
        ...headers,
        accept: "application/json",
        "user-agent": userAgent,
        ...(contentType !== undefined && { "content-type": contentType }),
      },
      ...(body !== undefined && { body }),
      signal,
      headersTimeout: 0,
      bodyTimeout: 0,
    });
    const asked = String(answer.headers["retry-after"] ?? "");
    return {
      status: answer.statusCode,
      retryAfterMs: retryAfterMs({ headers: new Map([["retry-after", asked]]) }, now()),
      encoding: String(answer.headers["content-encoding"] ?? ""),
      body: answer.body,
    };
  };
}

async function authorized(authorize: KubeServer["authorize"], url: string) {
  try {
    return await authorize(url);
  } catch (cause) {
    // A plugin's own words may hold what it was asked to hide: they are the cause, never the message.
    throw new KubeError("Unauthorized", {
      message: "the credentials or certificates that the kubeconfig names cannot be read",
      fix: "check its files, and run its credential plugin by hand",
      cause,
    });
  }
}

/** A plugin that hangs cannot be told to stop: it is left behind. */
function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const giveUp = () => reject(signal.reason);
    if (signal.aborted) giveUp();
    signal.addEventListener("abort", giveUp, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", giveUp));
  });
}
