import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Check } from "./health-lag.ts";
import type { Exposition } from "./metrics.ts";

/** What the plain port tells. */
export interface HealthOptions {
  readonly host: string | undefined;
  /** 0 for any free one. */
  readonly port: number;
  /** Whether the process should go on at all, by name. */
  readonly alive: Readonly<Record<string, Check>>;
  /** Whether it should be sent requests, by name. */
  readonly ready: Readonly<Record<string, Check>>;
  readonly metrics: Exposition;
  /** What else is told, by path. */
  readonly pages?: Readonly<Record<string, Page>>;
}

/** Answers a query with JSON. */
export type Page = (query: URLSearchParams) => PageAnswer;

export interface PageAnswer {
  /** An HTTP status. */
  readonly status: number;
  /** Whatever JSON can say. */
  readonly body: unknown;
}

/** A running health server. */
export interface HealthServer {
  readonly port: number;
  close(): Promise<void>;
}

/** Serves `/healthz`, `/readyz` and `/metrics` over plain HTTP, for kubelet and Prometheus. */
export async function startHealthServer(options: HealthOptions): Promise<HealthServer> {
  const server = createServer((request, response) => {
    answer(options, request, response).catch((error: unknown) => response.destroy(asError(error)));
  });
  const { port, host } = options;
  server.listen({ port, ...(host === undefined ? {} : { host }) });
  await once(server, "listening");
  return { port: portOf(server), close: () => closed(server) };
}

async function answer(
  { alive, ready, metrics, pages = {} }: HealthOptions,
  { method, url }: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const [path = "", query] = url?.split("?", 2) ?? [];
  if (method !== "GET" && method !== "HEAD") return send(response, 405, "only GET is answered\n");
  if (path === "/healthz") return sendChecks(response, alive);
  if (path === "/readyz") return sendChecks(response, ready);
  const page = Object.hasOwn(pages, path) ? pages[path] : undefined;
  if (page !== undefined) return sendJson(response, page(new URLSearchParams(query)));
  if (path !== "/metrics") return send(response, 404, `here are ${pathsOf(pages)}\n`);
  response.setHeader("content-type", metrics.contentType);
  send(response, 200, await metrics.text());
}

function pathsOf(pages: Readonly<Record<string, Page>>): string {
  return `${["/healthz", "/readyz", ...Object.keys(pages)].join(", ")} and /metrics`;
}

function sendJson(response: ServerResponse, { status, body }: PageAnswer): void {
  response.setHeader("content-type", "application/json");
  send(response, status, `${JSON.stringify(body)}\n`);
}

/** One line a check, as Kubernetes' own components answer. */
function sendChecks(response: ServerResponse, checks: Readonly<Record<string, Check>>): void {
  const results = Object.entries(checks).map(([name, check]) => ({ name, fault: check() }));
  const lines = results.map(({ name, fault }) =>
    fault === undefined ? `[+]${name} ok\n` : `[-]${name} failed: ${fault}\n`,
  );
  const isFine = results.every(({ fault }) => fault === undefined);
  send(response, isFine ? 200 : 503, lines.join(""));
}

function send(response: ServerResponse, status: number, text: string): void {
  if (!response.hasHeader("content-type")) {
    response.setHeader("content-type", "text/plain; charset=utf-8");
  }
  response.statusCode = status;
  response.end(text);
}

/** The port that a listening server was given. */
export function portOf(server: Pick<Server, "address">): number {
  const address = server.address();
  return typeof address === "object" && address !== null ? address.port : 0;
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
