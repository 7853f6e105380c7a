import { printable } from "../../api/printable.ts";
import type { Failure, FailureReason, FailureScope } from "../model/failure.ts";

const SCOPES: Readonly<Record<FailureReason, FailureScope>> = {
  NotFound: "image",
  Unauthorized: "image",
  Forbidden: "image",
  InvalidReference: "image",
  PlatformMismatch: "platform",
  RateLimited: "registry",
  DNSError: "registry",
  ConnectionRefused: "registry",
  TLSError: "registry",
  Timeout: "registry",
  DiskPressure: "node",
  NodeRejected: "node",
  PodEvicted: "node",
  PodRejected: "pod",
  QuotaExceeded: "namespace",
  NotPresent: "cell",
  Evicted: "cell",
  Unknown: "cell",
  PolicyNotFound: "image",
  Suspended: "image",
};

/** The longest message of a failure, in UTF-16 code units. */
const LONGEST_MESSAGE = 1_024;

/** What a failure of this reason says something about, unless the one who saw it knows better. */
export function scopeOf(reason: FailureReason): FailureScope {
  return SCOPES[reason];
}

/** A failure with its message made fit to print on one line, of the reason's own scope unless told otherwise. */
export function failureOf(
  reason: FailureReason,
  message: string,
  scope: FailureScope = scopeOf(reason),
): Failure {
  const flat = message
    .slice(0, 4 * LONGEST_MESSAGE)
    .replaceAll(/\s+/g, " ")
    .trim();
  const shown = printable(flat, LONGEST_MESSAGE);
  return { reason, scope, message: shown.length > LONGEST_MESSAGE ? cut(shown) : shown };
}

function cut(text: string): string {
  return `${text.slice(0, LONGEST_MESSAGE - 1)}…`;
}
