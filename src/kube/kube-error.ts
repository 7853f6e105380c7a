import { printable } from "../api/printable.ts";
import { HttpError } from "../runtime/http-error.ts";
import type { ServerStatus } from "./server-status.ts";

/** Why the API server gave no answer that can be used, in one word. */
export type KubeFailureReason =
  | "InvalidConfig"
  | "Unreachable"
  | "Timeout"
  | "Unauthorized"
  | "Forbidden"
  | "NotFound"
  | "AlreadyExists"
  | "Conflict"
  | "Gone"
  | "TooManyRequests"
  | "Refused"
  | "ServerError"
  | "InvalidAnswer"
  | "AnswerTooLarge";

interface KubeErrorText {
  readonly message: string;
  readonly fix: string;
  readonly cause?: unknown;
  readonly answer?: ServerStatus;
}

/** A call to Kubernetes that failed; the message quotes no Secret and no token. */
export class KubeError extends Error {
  override readonly name = "KubeError";
  readonly reason: KubeFailureReason;
  /** What to do about it, as an instruction. */
  readonly fix: string;
  /** The API server's own words, where it gave any. */
  readonly answer?: ServerStatus;

  constructor(reason: KubeFailureReason, text: KubeErrorText) {
    super(text.message, text.cause === undefined ? {} : { cause: text.cause });
    this.reason = reason;
    this.fix = text.fix;
    if (text.answer !== undefined) this.answer = text.answer;
  }
}

/** The error that a failed call stands for, `what` being the call in words: `reading the Secret creds`. */
export function toKubeError(error: unknown, what: string): KubeError {
  if (error instanceof KubeError) return error;
  if (error instanceof HttpError) return exchangeError(error, what);
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  // An answer's own error would print its headers and body: it is not kept as the cause.
  if (typeof code === "number" && code >= 100) return answerError({ code }, what);
  return new KubeError("Unreachable", {
    message: `${what} failed: the API server did not answer`,
    fix: "check the kubeconfig's server address and the network",
    cause: error,
  });
}

/** No whole answer came: the connection failed, took too long, or broke. */
function exchangeError(error: HttpError, what: string): KubeError {
  const { reason, fix } = error;
  const message = `${what} failed: ${error.message}`;
  const cause = error;
  if (reason === "Timeout" || reason === "InvalidAnswer" || reason === "AnswerTooLarge") {
    return new KubeError(reason, { message, fix, cause });
  }
  if (reason !== "TLSError") return new KubeError("Unreachable", { message, fix, cause });
  const certificate = "check certificate-authority in the kubeconfig, and the client's certificate";
  return new KubeError("Unreachable", { message, fix: certificate, cause });
}

type Answered = Pick<ServerStatus, "code"> & Partial<ServerStatus>;

/** The error for an answer that is none of 2xx. */
export function answerError(answer: Answered, what: string): KubeError {
  const { code, reason = "", message: words = "", retryAfterMs = 0 } = answer;
  const said = `${reason === "" ? "" : ` ${reason}`}${words === "" ? "" : `: ${printable(words, 300)}`}`;
  const message = `${what} failed: the API server answered ${code}${said}`;
  const failure = failureFor(code, reason);
  const fix = FIXES[failure] ?? "check what was asked for";
  return new KubeError(failure, {
    message,
    fix,
    answer: { code, reason, message: words, retryAfterMs },
  });
}

function failureFor(code: number, reason: string): KubeFailureReason {
  if (code === 409) return reason === "AlreadyExists" ? "AlreadyExists" : "Conflict";
  return BY_CODE.get(code) ?? (code >= 500 ? "ServerError" : "Refused");
}

const BY_CODE: ReadonlyMap<number, KubeFailureReason> = new Map([
  [401, "Unauthorized"],
  [403, "Forbidden"],
  [404, "NotFound"],
  [408, "Timeout"],
  [410, "Gone"],
  [429, "TooManyRequests"],
  [504, "Timeout"],
]);

const FIXES: Readonly<Partial<Record<KubeFailureReason, string>>> = {
  Unauthorized: "renew the kubeconfig's credentials",
  Forbidden: "give this user the right to do it",
  NotFound: "check its name",
  AlreadyExists: "delete the one that is there, or take another name",
  Conflict: "somebody else has changed it: read it again",
  Gone: "list again",
  TooManyRequests: "look at the API server, and try again",
  Timeout: "look at the API server, and try again",
  ServerError: "look at the API server, and try again",
};
