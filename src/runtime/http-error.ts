/** Why a request got no usable answer, in one word; discovery's failure reasons contain these. */
export type HttpFailureReason =
  | "Unreachable"
  | "Timeout"
  | "TLSError"
  | "InvalidAnswer"
  | "AnswerTooLarge"
  | "EndpointRefused"
  | "SecretUnusable";

/** A request that got no usable answer. Neither text quotes a body, a secret or a query. */
export class HttpError extends Error {
  override readonly name = "HttpError";
  readonly reason: HttpFailureReason;
  /** What to do about it, as an instruction. */
  readonly fix: string;

  constructor(reason: HttpFailureReason, text: HttpErrorText) {
    super(text.message, text.cause === undefined ? {} : { cause: text.cause });
    this.reason = reason;
    this.fix = text.fix;
  }
}

export interface HttpErrorText {
  readonly message: string;
  readonly fix: string;
  readonly cause?: unknown;
}

/** What a failed exchange was about, `what` being how a message calls the address. */
export interface Exchange {
  readonly what: string;
  readonly timeoutMs: number;
}

/** Turns whatever undici, TLS, DNS or zlib threw into an `HttpError`; what is none of these comes back as it is. */
export function toHttpError(error: unknown, exchange: Exchange): unknown {
  const chain = [...causes(error)];
  const known = chain.find((cause) => cause instanceof HttpError);
  if (known !== undefined) return known;
  for (const cause of chain) {
    const text = proxyText(cause, exchange) ?? textFor(codeOf(cause), exchange);
    if (text !== undefined) return new HttpError(text.reason, { ...text, cause: error });
  }
  return error;
}

/** Whether trying again may help: the connection broke, or nobody listened just then. */
export function isTransient(error: unknown): boolean {
  if (!(error instanceof HttpError) || error.reason !== "Unreachable") return false;
  return ![...causes(error.cause)].some(isPermanent);
}

function isPermanent(cause: unknown): boolean {
  return PERMANENT.has(codeOf(cause)) || (proxyStatus(cause) ?? 500) < 500;
}

const PERMANENT: ReadonlySet<string> = new Set(["ENOTFOUND", "ERR_INVALID_URL"]);

const CUT = "the connection was cut";
const CLIENT_FIX = 'put one that it accepts into the Secret as "tls.crt" and "tls.key"';

const UNREACHABLE: ReadonlyMap<string, string> = new Map([
  ["ENOTFOUND", "its host name does not exist"],
  ["EAI_AGAIN", "its host name could not be looked up just now"],
  ["EAI_FAIL", "its host name could not be looked up"],
  ["ECONNREFUSED", "nothing listens there"],
  ["ECONNRESET", CUT],
  ["EPIPE", CUT],
  ["UND_ERR_SOCKET", CUT],
  ["UND_ERR_CLOSED", "the connection was closed"],
  ["UND_ERR_DESTROYED", "the connection was closed"],
  ["UND_ERR_ABORTED", CUT],
  ["UND_ERR_PRX_TLS", "the proxy's certificate is not accepted"],
  ["UND_ERR_PRX_CONN", "the proxy cut the connection"],
  ["EHOSTUNREACH", "no route leads there"],
  ["ENETUNREACH", "no route leads there"],
  ["EADDRNOTAVAIL", "no route leads there"],
  ["EACCES", "this machine does not allow the connection"],
  ["EPERM", "this machine does not allow the connection"],
]);

const TIMEOUT: ReadonlySet<string> = new Set([
  "ETIMEDOUT",
  "TimeoutError",
  "UND_ERR_CONNECT_TIMEOUT",
  "UND_ERR_HEADERS_TIMEOUT",
  "UND_ERR_BODY_TIMEOUT",
]);

const TLS =
  /^(ERR_TLS_|ERR_SSL_|ERR_OSSL|CERT_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|HOSTNAME_|EPROTO$)/;
const BROKEN =
  /^(HPE_|HTTPParserError$|Z_|ERR__?ZLIB|ERR_BROTLI|ERR_BUFFER_|ERR_STREAM_PREMATURE|UND_ERR_(RES|REQ|RESPONSE|HEADERS_OVERFLOW))/;

/** The status with which a proxy turned a request down, read from undici's own words; undefined for other errors. */
function proxyStatus(error: unknown): number | undefined {
  if (!(error instanceof Error)) return undefined;
  const [, tunnel, plain] =
    /^Proxy response \((\d{3})\)|^Proxy Authentication Required \((407)\)/.exec(error.message) ??
    [];
  const status = tunnel ?? plain;
  return status === undefined ? undefined : Number(status);
}

function proxyText(error: unknown, { what }: Exchange) {
  const status = proxyStatus(error);
  if (status === undefined) return undefined;
  const message = `${what} is not reachable: the proxy answered ${status}`;
  const fix =
    status === 407
      ? "put the proxy's login into its address: http://user:password@host:port"
      : "let the proxy pass requests to this host, or list the host in NO_PROXY";
  return { reason: "Unreachable", message, fix } as const;
}

function textFor(
  code: string,
  { what, timeoutMs }: Exchange,
): (HttpErrorText & { reason: HttpFailureReason }) | undefined {
  const why = UNREACHABLE.get(code);
  if (why !== undefined) {
    // With TLS 1.3 a server that misses a client certificate says so by hanging up.
    const isCut = why === CUT && what.startsWith("https:");
    const fix = `check the address, the network, and the proxy settings${isCut ? `; if it wants a client certificate, ${CLIENT_FIX}` : ""}`;
    return { reason: "Unreachable", message: `${what} is not reachable: ${why}`, fix };
  }
  if (TIMEOUT.has(code)) {
    const message = `${what} did not answer within ${timeoutMs / 1000} s`;
    return { reason: "Timeout", message, fix: "check that it is up, and try again" };
  }
  if (TLS.test(code)) {
    const message = `no trusted TLS connection to ${what} (${code})`;
    const fix = /ALERT_(HANDSHAKE|CERTIFICATE|BAD_CERT|UNKNOWN_CA)/.test(code)
      ? `if it wants a client certificate, ${CLIENT_FIX}`
      : 'put the authority that signed its certificate into the Secret as "ca.crt"';
    return { reason: "TLSError", message, fix };
  }
  if (!BROKEN.test(code)) return undefined;
  const message = `the answer of ${what} is broken or was cut off (${code})`;
  return { reason: "InvalidAnswer", message, fix: "check what answers at that address" };
}

function* causes(error: unknown): Iterable<unknown> {
  const seen = new Set<unknown>();
  const open = [error];
  while (open.length > 0 && seen.size < 32) {
    const next = open.shift();
    if (next === undefined || seen.has(next)) continue;
    seen.add(next);
    yield next;
    if (next instanceof AggregateError) open.push(...next.errors);
    if (next instanceof Error) open.push(next.cause);
  }
}

function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return "";
  return "code" in error && typeof error.code === "string" ? error.code : error.name;
}
