import type { Clock } from "../runtime/http-clock.ts";
import { HttpError, toHttpError } from "../runtime/http-error.ts";
import { type Attempt, beginAttempt } from "./attempt.ts";
import { type Backoff, jittered } from "./backoff.ts";
import { type OnItem, readJson } from "./json-body.ts";
import { answerError, KubeError, type KubeFailureReason, toKubeError } from "./kube-error.ts";
import type { Priority, RateLimiter } from "./rate-limit.ts";
import { serverStatus } from "./server-status.ts";
import type { Transport, TransportAnswer, TransportRequest } from "./transport.ts";

/** How one call is made; a caller's own deadline is part of its signal. */
export interface CallOptions {
  readonly signal: AbortSignal;
  /** Without it, `normal`, and `status` for a status. */
  readonly priority?: Priority;
  /** For each attempt, from when it may start. */
  readonly timeoutMs?: number;
  /** At most; only what the server did not do, or may do twice, is tried again. */
  readonly attempts?: number;
}

/** What is asked of the API server, whatever it is about. */
export interface Call extends Omit<TransportRequest, "signal"> {
  readonly verb: RequestMeasure["verb"];
  readonly resource: string;
  /** In words, for messages: `listing nodes`. */
  readonly what: string;
  /** Whether doing it twice comes to the same. */
  readonly isRepeatable: boolean;
  /** Takes the answer's `items` while it comes; none of them is left in it. */
  readonly onItem?: OnItem;
}

/** One request that was sent, for a metric. */
export interface RequestMeasure {
  readonly verb: "list" | "watch" | "get" | "create" | "delete" | "apply" | "patch";
  /** `pods`, `cachedimages/status`. */
  readonly resource: string;
  /** The HTTP status, `none` where no answer came. */
  readonly code: string;
  /** Until the answer was read, or for a watch until it began. */
  readonly durationMs: number;
}

export interface CallerOptions {
  readonly transport: Transport;
  readonly limiter: RateLimiter;
  readonly clock: Clock;
  readonly onRequest?: (request: RequestMeasure) => void;
}

/** Makes calls: paced, each attempt with a deadline, repeated where that is safe. Failures are `KubeError`s. */
export interface Caller {
  /** The answer's JSON. */
  ask(call: Call, options: CallOptions): Promise<unknown>;
  /** The answer's body while it comes; only its beginning has a deadline. */
  open(call: Call, options: CallOptions): Promise<AsyncIterable<Uint8Array>>;
}

const TIMEOUT_MS = 30_000;
const ATTEMPTS = 4;
const BACKOFF: Backoff = { firstMs: 500, maxMs: 10_000 };

/** What another attempt may not meet again. */
const PASSING: ReadonlySet<KubeFailureReason> = new Set<KubeFailureReason>([
  "Unreachable",
  "Timeout",
  "TooManyRequests",
  "ServerError",
]);

export function createCaller({ transport, limiter, clock, onRequest }: CallerOptions): Caller {
  async function once<T>(call: Call, options: CallOptions, read: Reader<T>): Promise<T> {
    const { signal, timeoutMs = TIMEOUT_MS } = options;
    const startedAt = clock.now();
    const attempt = beginAttempt(signal, clock.deadline(timeoutMs));
    let code = "none";
    try {
      const { method, path, body, contentType } = call;
      const answer = await transport({
        method,
        path,
        ...(body !== undefined && { body }),
        ...(contentType !== undefined && { contentType }),
        signal: attempt.signal,
      });
      code = String(answer.status);
      if (answer.status < 200 || answer.status > 299) throw await refusal(answer, call.what);
      return await read(answer, attempt);
    } catch (error) {
      attempt.end();
      signal.throwIfAborted();
      throw failureOf(error, call.what, timeoutMs);
    } finally {
      const { verb, resource } = call;
      onRequest?.({ verb, resource, code, durationMs: clock.now() - startedAt });
    }
  }

  async function persistently<T>(call: Call, options: CallOptions, read: Reader<T>): Promise<T> {
    const { signal, priority = "normal", attempts = ATTEMPTS } = options;
    for (let attempt = 1; ; attempt++) {
      await limiter.enter(priority, signal);
      try {
        return await once(call, options, read);
      } catch (error) {
        if (!(error instanceof KubeError)) throw error;
        limiter.pause(error.answer?.retryAfterMs ?? 0);
        if (attempt >= attempts || !deservesRetry(call, error)) throw error;
        await clock.sleep(jittered(BACKOFF, attempt, clock.random()), signal);
      }
    }
  }

  return {
    ask: (call, options) =>
      persistently(call, options, (answer, { end }) =>
        readJson(answer, { ...call, from: SERVER }).finally(end),
      ),
    open: (call, options) =>
      persistently(call, { ...options, attempts: 1 }, async ({ body }, attempt) => {
        attempt.unlimit();
        return chunks({ body, what: call.what, attempt }, options.signal);
      }),
  };
}

type Reader<T> = (answer: TransportAnswer, attempt: Attempt) => Promise<T>;

/** A call that the server did not do for want of room may always be made again. */
function deservesRetry({ isRepeatable }: Call, { reason }: KubeError): boolean {
  return reason === "TooManyRequests" || (isRepeatable && PASSING.has(reason));
}

const SERVER = "the API server";

async function refusal(answer: TransportAnswer, what: string): Promise<KubeError> {
  const { status: code, retryAfterMs } = answer;
  // Its status says enough, whatever becomes of its words.
  const words = await readJson(answer, { what, from: SERVER }).catch(() => undefined);
  return answerError(serverStatus(words, { code, retryAfterMs }), what);
}

/** An error that is none of the outside world's is a bug, and stays what it is. */
function failureOf(error: unknown, what: string, timeoutMs: number): unknown {
  if (error instanceof KubeError) return error;
  const outage = toHttpError(error, { what: SERVER, timeoutMs });
  return outage instanceof HttpError ? toKubeError(outage, what) : error;
}

interface Opened {
  readonly body: AsyncIterable<Uint8Array>;
  readonly what: string;
  readonly attempt: Attempt;
}

async function* chunks(
  { body, what, attempt }: Opened,
  signal: AbortSignal,
): AsyncIterable<Uint8Array> {
  try {
    yield* body;
  } catch (error) {
    signal.throwIfAborted();
    throw failureOf(error, what, 0);
  } finally {
    attempt.end();
  }
}
