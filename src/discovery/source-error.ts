import { addressText, type HttpAnswer } from "../runtime/http-answer.ts";
import { HttpError } from "../runtime/http-error.ts";
import type { SourceFailure, SourceFailureReason } from "./outcome.ts";

/** A source that gave no full answer; it becomes a failed or partial part at the source's edge. */
export class SourceError extends Error {
  override readonly name = "SourceError";
  readonly reason: SourceFailureReason;
  /** What to do about it, as an instruction. */
  readonly fix: string;

  constructor({ reason, message, fix }: SourceFailure, cause?: unknown) {
    super(message, cause === undefined ? {} : { cause });
    this.reason = reason;
    this.fix = fix;
  }
}

/** Two signals: one ends a source at its deadline, the other is a person who wants the whole run to end. */
export interface SourceSignals {
  /** Aborted by either. */
  readonly signal: AbortSignal;
  readonly interrupt: AbortSignal;
}

/** The failure that an error at a source's edge stands for; interrupts and bugs are thrown on. */
export function failureOf(error: unknown, { signal, interrupt }: SourceSignals): SourceFailure {
  interrupt.throwIfAborted();
  if (error instanceof SourceError || error instanceof HttpError) {
    const { reason, message, fix } = error;
    return { reason, message, fix };
  }
  if (!signal.aborted) throw error;
  const message = "the source took longer than it may take in all";
  return { reason: "Timeout", message, fix: "ask for less, or allow the source more time" };
}

/** An error about a Secret, which names it and its keys but no value. */
export function unusable(message: string, fix: string, cause?: unknown): SourceError {
  return new SourceError({ reason: "SecretUnusable", message, fix }, cause);
}

/** The error that an answer's status stands for where a success was needed. */
export function statusError(answer: HttpAnswer): SourceError {
  const { status } = answer;
  const what = `${addressText(answer.url)} answered ${status}`;
  if (status === 401) {
    const fix = "put a valid login into a Secret and name it in secretRef";
    return new SourceError({ reason: "Unauthorized", message: `${what}: it wants a login`, fix });
  }
  if (status === 403) {
    const fix = "give the login the right to read this, or use another one";
    return new SourceError({ reason: "Forbidden", message: `${what}: not allowed`, fix });
  }
  if (status === 404) {
    const fix = "check the address and its path";
    return new SourceError({ reason: "NotFound", message: `${what}: nothing is there`, fix });
  }
  if (status === 429) {
    const fix = "ask less often, or with a login that may ask more";
    return new SourceError({ reason: "RateLimited", message: `${what}: too many requests`, fix });
  }
  if (status >= 500) {
    const fix = "look into that server's own logs, and try again";
    return new SourceError({ reason: "ServerError", message: `${what}: it is in trouble`, fix });
  }
  const fix = "check what answers at that address";
  return new SourceError({
    reason: "InvalidAnswer",
    message: `${what}, which was not expected`,
    fix,
  });
}
