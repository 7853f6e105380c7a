import type { IncomingHttpHeaders } from "node:http";
import type { Dispatcher } from "undici";
import type { EndpointGuard } from "./endpoint-guard.ts";
import { addressText, type HttpAnswer } from "./http-answer.ts";
import { MAX_KEPT_BYTES, readBody, type Sieve } from "./http-body.ts";
import type { Clock } from "./http-clock.ts";
import { HttpError, isTransient, toHttpError } from "./http-error.ts";
import { createHostPace } from "./http-pace.ts";
import { createHttpPool, type TlsMaterial } from "./http-pool.ts";
import type { Proxies } from "./http-proxy.ts";
import { MAX_REDIRECTS, redirectTarget, tooManyRedirects } from "./http-redirect.ts";
import { backoffMs, isRetryable, MAX_RETRIES, retryAfterMs } from "./http-retry.ts";
import type { SecretValue } from "./secret-value.ts";

/** What a client is made of. */
export interface HttpOptions {
  readonly guard: EndpointGuard;
  readonly clock: Clock;
  readonly userAgent: string;
  readonly proxies?: Proxies;
}

/** One request. Credentials stand apart, so that they never follow a redirect. */
export interface HttpRequest {
  readonly url: URL;
  readonly method?: "GET" | "POST";
  readonly headers?: Readonly<Record<string, string>>;
  readonly secretHeaders?: ReadonlyMap<string, SecretValue>;
  readonly body?: string;
  readonly tls?: TlsMaterial;
  readonly signal: AbortSignal;
  /** Of the answer's body, without its compression too. */
  readonly maxBytes?: number;
  /** Makes, for each attempt, what takes parts out of the body while it comes; the rest becomes the answer's body. */
  readonly sieve?: () => Sieve;
  /** For each attempt. */
  readonly timeoutMs?: number;
}

/** An HTTP client for sources: bounded, patient with busy hosts, and guarded. */
export interface Http {
  /** The last answer, whatever its status; an `HttpError` when there was none; the signal's reason when aborted. */
  request(request: HttpRequest): Promise<HttpAnswer>;
  close(): Promise<void>;
}

const TIMEOUT_MS = 30_000;
const MAX_PER_HOST = 4;

/** Makes a client; its connections are kept alive until `close`. */
export function createHttp({ guard, clock, userAgent, proxies = {} }: HttpOptions): Http {
  const pool = createHttpPool(guard, proxies);
  const pace = createHostPace(clock, MAX_PER_HOST);

  async function attempt(request: HttpRequest): Promise<HttpAnswer> {
    const { url, signal, timeoutMs = TIMEOUT_MS } = request;
    const what = addressText(url);
    try {
      const response = await pool.dispatcherFor(url, request.tls ?? {}).request({
        origin: url.origin,
        path: `${url.pathname}${url.search}`,
        method: request.method ?? "GET",
        headers: headersOf(request, userAgent),
        ...(request.body !== undefined && { body: request.body }),
        signal: AbortSignal.any([signal, clock.deadline(timeoutMs)]),
        headersTimeout: 0,
        bodyTimeout: 0,
      });
      return await answerOf(response, request);
    } catch (error) {
      signal.throwIfAborted();
      throw toHttpError(error, { what, timeoutMs });
    }
  }

  async function persistently(request: HttpRequest): Promise<HttpAnswer> {
    const { url, signal } = request;
    const refusal = guard.refusal(url);
    if (refusal !== undefined) throw refusal;
    for (let retry = 1; ; retry++) {
      const result = await pace.run(url.host, signal, () => settled(attempt(request)));
      if (retry > MAX_RETRIES || !deservesRetry(result)) return unwrap(result);
      const asked = result.ok ? retryAfterMs(result.answer, clock.now()) : 0;
      if (asked > 0) pace.pause(url.host, asked);
      await clock.sleep(backoffMs(retry, clock.random()), signal);
    }
  }

  async function request(first: HttpRequest): Promise<HttpAnswer> {
    let current = first;
    for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
      const answer = await persistently(current);
      const isAuthenticated = hasCredentials(current);
      const target = redirectTarget(answer, { method: current.method ?? "GET", isAuthenticated });
      if (target === undefined) return answer;
      current = redirected(current, target);
    }
    throw tooManyRedirects(first.url);
  }

  return { request, close: () => pool.close() };
}

async function answerOf(
  { statusCode, headers: received, body: coming }: Dispatcher.ResponseData,
  request: HttpRequest,
): Promise<HttpAnswer> {
  const { url } = request;
  const headers = headerMap(received);
  const encoding = headers.get("content-encoding") ?? "";
  const limits = { what: addressText(url), ...limitsOf(request) };
  const body = await readBody(coming, encoding, limits);
  return { status: statusCode, headers, url, body };
}

function limitsOf({ maxBytes = MAX_KEPT_BYTES, sieve }: HttpRequest) {
  return { maxBytes, ...(sieve && { sieve: sieve() }) };
}

type Settled =
  | { readonly ok: true; readonly answer: HttpAnswer }
  | { readonly ok: false; readonly error: unknown };

async function settled(attempt: Promise<HttpAnswer>): Promise<Settled> {
  try {
    return { ok: true, answer: await attempt };
  } catch (error) {
    return { ok: false, error };
  }
}

function unwrap(result: Settled): HttpAnswer {
  if (result.ok) return result.answer;
  throw result.error;
}

function deservesRetry(result: Settled): boolean {
  return result.ok ? isRetryable(result.answer.status) : isTransient(result.error);
}

function hasCredentials({ secretHeaders, tls }: HttpRequest): boolean {
  return (secretHeaders?.size ?? 0) > 0 || tls?.cert !== undefined;
}

/** Only what says which answer is wanted goes to another origin. */
function redirected(request: HttpRequest, url: URL): HttpRequest {
  if (url.origin === request.url.origin) return { ...request, url };
  const accept = request.headers?.["accept"];
  const { headers: _headers, ...rest } = request;
  return { ...rest, url, ...(accept !== undefined && { headers: { accept } }) };
}

function headersOf(request: HttpRequest, userAgent: string): Record<string, string> {
  const headers: Record<string, string> = {
    ...request.headers,
    "user-agent": userAgent,
    "accept-encoding": "gzip",
  };
  for (const [name, value] of request.secretHeaders ?? []) {
    const text = value.reveal();
    // Node would quote the value in its own error.
    if (/[^\t\x20-\x7e\x80-\xff]/.test(text)) throw unsendable(name);
    headers[name] = text;
  }
  return headers;
}

function unsendable(name: string): HttpError {
  const message = `the secret for the header ${name} holds a line break or another character that no header may have`;
  return new HttpError("SecretUnusable", { message, fix: "store it without line breaks" });
}

function headerMap(headers: IncomingHttpHeaders): ReadonlyMap<string, string> {
  const map = new Map<string, string>();
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) map.set(name, Array.isArray(value) ? value.join(", ") : value);
  }
  return map;
}
