import type { ErrorRequestHandler, RequestHandler, Response } from "express";
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

/** While draining, each answer tells its client to take another connection. */
export function closing(isDraining: () => boolean): RequestHandler {
  return (_request, response, next) => {
    if (isDraining()) response.setHeader("connection", "close");
    next();
  };
}

/** Counts the requests in flight, and notes when each came. */
export function watched(measures: Measures, clock: Pick<Clock, "now">): RequestHandler {
  return (_request, response, next) => {
    response.locals["since"] = clock.now();
    measures.started();
    response.once("close", () => measures.ended());
    next();
  };
}

/** Refuses what says that it is no JSON, before its body is read. */
export const mediaType: RequestHandler = (request, response, next) => {
  if (request.is("application/json") === "application/json") next();
  else {
    response.setHeader("connection", "close");
    refuse(response, 415, "the body must be application/json");
  }
};

/**
 * Answers by itself what takes too long: a body that comes too slowly is its sender's affair, a process too busy to
 * come to it in time is not, and the failurePolicy decides.
 */
export function deadline(measures: Measures, clock: Pick<Clock, "now">): RequestHandler {
  return (request, response, next) => {
    const allowedMs = allowedFor(request.query["timeout"]);
    const end = clock.now() + allowedMs;
    const timer = setTimeout(() => {
      if (response.headersSent) return;
      cut(response, measures, [408, `the body did not arrive within ${allowedMs} ms`]);
    }, allowedMs);
    response.once("close", () => clearTimeout(timer));
    request.once("end", () => {
      clearTimeout(timer);
      if (clock.now() <= end || response.headersSent) return;
      measures.judged("failed", allowedMs / 1_000);
      refuse(response, 503, `too busy to answer within ${allowedMs} ms; try again`);
    });
    next();
  };
}

/** Sooner than the API server, which says in the query how long it waits. */
function allowedFor(timeout: unknown): number {
  const given = typeof timeout === "string" ? parseDuration(timeout) : undefined;
  if (given?.ok !== true) return LONGEST_MS;
  return Math.max(1, Math.min(LONGEST_MS, Math.round(given.value.milliseconds * 0.6)));
}

/** Reads the body into `request.body`, and no more of it than is permitted, whatever its length is said to be. */
export function readBody(measures: Measures): RequestHandler {
  return (request, response, next) => {
    const tooLarge = () =>
      cut(response, measures, [413, `the body is larger than ${MAX_BODY_BYTES} bytes`]);
    if ((request.headers["content-encoding"] ?? "identity") !== "identity") {
      cut(response, measures, [415, "the body must not be compressed"]);
      return;
    }
    if (Number(request.headers["content-length"] ?? 0) > MAX_BODY_BYTES) {
      tooLarge();
      return;
    }
    const chunks: Buffer[] = [];
    let length = 0;
    request.on("data", (chunk: Buffer) => {
      length += chunk.length;
      if (length <= MAX_BODY_BYTES) chunks.push(chunk);
      else if (!response.headersSent) tooLarge();
    });
    request.once("end", () => {
      if (response.headersSent) return;
      request.body = Buffer.concat(chunks);
      next();
    });
    // Whoever went away reads no answer.
    request.on("error", () => response.destroy());
  };
}

/** Answers before all of the body is there, and closes so that the rest is never read. */
function cut(
  response: Response,
  measures: Measures,
  [status, text]: readonly [number, string],
): void {
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
