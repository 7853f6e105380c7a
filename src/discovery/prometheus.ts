import { parseDuration } from "../api/duration.ts";
import { printable } from "../api/printable.ts";
import type { PrometheusSource } from "../api/types.gen.ts";
import { type HttpAnswer, jsonOrNothing, parseJson } from "../runtime/http-answer.ts";
import type { SecretValue } from "../runtime/secret-value.ts";
import { authorizationOf } from "./logins/login.ts";
import type { SourcePart } from "./outcome.ts";
import { parseSeries, queryRejected, readQueryResult, statedError } from "./prometheus/answer.ts";
import { createSeriesTally, type SeriesTally } from "./prometheus/candidates.ts";
import { withoutSecrets } from "./prometheus/redaction.ts";
import { resultSplitter } from "./prometheus/result-splitter.ts";
import type { SourceAnswer, SourceContext } from "./source-context.ts";
import { failureOf, SourceError, statusError, unusable } from "./source-error.ts";

/** Runs the query of a Prometheus source; its one part is named "". */
export async function askPrometheus(
  source: PrometheusSource,
  context: SourceContext,
): Promise<SourceAnswer> {
  try {
    return await answerOf(source, context);
  } catch (error) {
    const failure = failureOf(error, context);
    return { parts: [{ state: "failed", name: "", candidates: [], failure }], notes: [] };
  }
}

async function answerOf(source: PrometheusSource, context: SourceContext): Promise<SourceAnswer> {
  const { answer: raw, tally } = await query(source, context);
  const answer = withoutSecrets(raw, headersOf(context), context.credentials.login);
  if (answer.status !== 200) throw queryError(answer);
  const { others, warnings } = readQueryResult(parseJson(answer));
  for (const series of others) tally.add(series);
  context.onProgress({ part: "", pages: 1, tags: tally.count() });
  const { candidates, notes } = tally.candidates();
  return { parts: [part(candidates, warnings)], notes };
}

function part(candidates: SourcePart["candidates"], warnings: readonly string[]): SourcePart {
  const [first] = warnings;
  if (first === undefined) return { state: "complete", name: "", candidates };
  const more = warnings.length === 1 ? "" : ` (and ${warnings.length - 1} more)`;
  const message = `the answer came with a warning: ${first}${more}`;
  const fix = "see whether every store behind the endpoint answers";
  return { state: "partial", name: "", candidates, failure: { reason: "Warnings", message, fix } };
}

/** Statuses with which servers and gateways turn down a POST that they may accept as a GET. */
const POST_REFUSED: ReadonlySet<number> = new Set([
  301, 302, 303, 307, 308, 403, 404, 405, 411, 415, 501,
]);

/** Series are added up while they come, so this bounds the time that an answer takes and not the memory. */
const MAX_ANSWER_BYTES = 512 * 1024 * 1024;

/** An answer, of whose body the series have been taken out and added up. */
interface TalliedAnswer {
  readonly answer: HttpAnswer;
  readonly tally: SeriesTally;
}

async function query(source: PrometheusSource, context: SourceContext): Promise<TalliedAnswer> {
  const { url, form } = requestOf(source, context.clock.now());
  const { http, credentials, signal } = context;
  const secretHeaders = headersOf(context);
  let tally = createSeriesTally();
  const sieve = () => {
    const fresh = createSeriesTally();
    tally = fresh;
    return resultSplitter((text) => fresh.add(parseSeries(text)));
  };
  const maxBytes = MAX_ANSWER_BYTES;
  const shared = { secretHeaders, tls: credentials.tls, signal, maxBytes, sieve };
  const accept = "application/json";
  const headers = { accept, "content-type": "application/x-www-form-urlencoded" };
  const body = form.toString();
  // A query may be longer than what an address may hold, so POST comes first.
  const posted = await http.request({ ...shared, url, method: "POST", headers, body });
  if (!POST_REFUSED.has(posted.status)) return { answer: posted, tally };
  const withQuery = new URL(url);
  withQuery.search = body;
  const answer = await http.request({ ...shared, url: withQuery, headers: { accept } });
  return { answer, tally };
}

function headersOf({ credentials }: SourceContext): ReadonlyMap<string, SecretValue> {
  const headers = new Map(credentials.headers);
  const { login } = credentials;
  if (login?.kind === "identity") {
    const message = "the Secret's identity token is for registries, not for Prometheus";
    throw unusable(message, 'give it "token", or "username" and "password"');
  }
  if (login !== undefined) headers.set("authorization", authorizationOf(login));
  return headers;
}

function requestOf({ endpoint, query, lookback, step }: PrometheusSource, nowMs: number) {
  const base = URL.parse(endpoint);
  if (base === null) {
    const message = "the endpoint is no address that can be asked";
    const fix = 'write one such as "https://prometheus.example.com"';
    throw new SourceError({ reason: "EndpointRefused", message, fix });
  }
  const form = new URLSearchParams({ query });
  const path = lookback === undefined ? "query" : "query_range";
  if (lookback !== undefined) {
    const stepMs = milliseconds(step);
    // On multiples of the step, so that runs sample the same moments: otherwise scores move for no reason.
    const endMs = Math.floor(nowMs / stepMs) * stepMs;
    form.set("start", String((endMs - milliseconds(lookback)) / 1000));
    form.set("end", String(endMs / 1000));
    form.set("step", String(stepMs / 1000));
  }
  const url = new URL(base);
  url.pathname = `${base.pathname.replace(/\/+$/, "")}/api/v1/${path}`;
  return { url, form };
}

/** A duration of a validated policy; a faulty one is a bug of the caller. */
function milliseconds(text: string): number {
  const duration = parseDuration(text);
  if (duration.ok) return duration.value.milliseconds;
  throw new Error(`a policy reached discovery unvalidated: ${duration.fault.what}`);
}

function queryError(answer: HttpAnswer): SourceError {
  const plain = statusError(answer);
  const text = statedError(jsonOrNothing(answer));
  if (text === undefined) {
    if (answer.status !== 404) return plain;
    const fix = "check the endpoint, and whether it needs a path such as /prometheus";
    return new SourceError({ reason: plain.reason, message: plain.message, fix });
  }
  const isQuery = answer.status === 400 || answer.status === 422;
  if (isQuery) return queryRejected(text);
  const message = `${plain.message}; it says: ${printable(text, 300)}`;
  return new SourceError({ reason: plain.reason, message, fix: plain.fix });
}
