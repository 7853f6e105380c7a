import type { ErrorRequestHandler, Request, RequestHandler, Response } from "express";
import { parseDuration } from "../api/duration.ts";
import { own } from "../api/record.ts";
import type { Clock } from "../runtime/http-clock.ts";
import type { Logger } from "../runtime/logger.ts";
import { MAX_BODY_BYTES } from "./body.ts";
import type { Measures } from "./measures.ts";

/** The longest that an answer may take; the API server waits for 5 s. */
const LONGEST_MS = 3_000;

/** Answers with one plain line, which the API server shows to whoever made the request. */
export function refuse(response: Response, status: number, text: string): void {
  response.status(status).type("text/plain").send(`drop webhook: ${text}\n`);
}

/** What happens to a request that is let in. */
export interface Arrivals {
  readonly measures: Measures;
  readonly clock: Pick<Clock, "now">;
  readonly isDraining: () => boolean;
}

/** Notes when each request came and counts it; while draining, tells its client to take another connection. */
export function watched({ measures, clock, isDraining }: Arrivals): RequestHandler {
  return (_request, response, next) => {
    if (isDraining()) response.setHeader("connection", "close");
    response.locals["since"] = clock.now();
    measures.started();
    response.once("close", () => measures.ended());
    next();
  };
}

/** Refuses what says that it is no JSON, before its body is read. */
export const mediaType: RequestHandler = (request, response, next) => {
  if (/^application\/json *(;|$)/i.test(request.headers["content-type"] ?? "")) next();
  else {
    response.setHeader("connection", "close");
    refuse(response, 415, "the body must be application/json");
  }
};

/** Milliseconds that an answer may take: sooner than the API server, which says in the query how long it waits. */
function allowedFor({ url = "" }: Pick<Request, "url">): number {
  const timeout = /[?&]timeout=([^&]*)/.exec(url)?.[1];
  const given = timeout === undefined ? undefined : parseDuration(timeout);
  if (given?.ok !== true) return LONGEST_MS;
  return Math.max(1, Math.min(LONGEST_MS, Math.round(given.value.milliseconds * 0.6)));
}

/**
 * Reads the body into `request.body`, and no more of it than is permitted, whatever its length is said to be. A body
 * that comes too slowly is its sender's affair, a process too busy to come to it in time is not, and then the
 * failurePolicy decides.
 */
export function readBody({ measures, clock }: Arrivals): RequestHandler {
  return (request, response, next) => {
    const early = headerFault(request);
    if (early !== undefined) {
      cut(response, measures, early);
      return;
    }
    const allowedMs = allowedFor(request);
    const latest = clock.now() + allowedMs;
    const timer = setTimeout(() => {
      if (response.headersSent) return;
      cut(response, measures, [408, `the body did not arrive within ${allowedMs} ms`]);
    }, allowedMs);
    const chunks: Buffer[] = [];
    let length = 0;
    request.on("data", (chunk: Buffer) => {
      length += chunk.length;
      if (length <= MAX_BODY_BYTES) chunks.push(chunk);
      else if (!response.headersSent) cut(response, measures, TOO_LARGE);
    });
    request.once("end", () => {
      clearTimeout(timer);
      if (response.headersSent) return;
      if (clock.now() > latest) {
        measures.judged("failed", allowedMs / 1_000);
        refuse(response, 503, `too busy to answer within ${allowedMs} ms; try again`);
        return;
      }
      request.body = chunks.length === 1 ? chunks[0] : Buffer.concat(chunks);
      next();
    });
    request.once("close", () => clearTimeout(timer));
    // Whoever went away reads no answer.
    request.on("error", () => response.destroy());
  };
}

type Refusal = readonly [status: number, text: string];

const TOO_LARGE: Refusal = [413, `the body is larger than ${MAX_BODY_BYTES} bytes`];

function headerFault({ headers }: Pick<Request, "headers">): Refusal | undefined {
  if ((headers["content-encoding"] ?? "identity") !== "identity") {
    return [415, "the body must not be compressed"];
  }
  return Number(headers["content-length"] ?? 0) > MAX_BODY_BYTES ? TOO_LARGE : undefined;
}

/** Answers before all of the body is there, and closes so that the rest is never read. */
function cut(response: Response, measures: Measures, [status, text]: Refusal): void {
  measures.judged("refused-body", 0);
  response.setHeader("connection", "close");
  response.once("finish", () => response.req.socket.destroySoon());
  refuse(response, status, text);
}

/** The last handler: mistakes of the sender by their name, anything else is a bug. */
export function errorAnswer(log: Logger, measures: Measures): ErrorRequestHandler {
  return (error: unknown, _request, response, _next) => {
    if (response.headersSent) return;
    response.setHeader("connection", "close");
    const status = own(error, "status");
    measures.judged("refused-body", 0);
    if (typeof status === "number" && status >= 400 && status < 500) {
      refuse(response, status, "the request cannot be read");
    } else {
      log.error({ error }, "a bug kept a request from being answered");
      refuse(response, 500, "a bug, see the log");
    }
  };
}
