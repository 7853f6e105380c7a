import { printable } from "../api/printable.ts";
import { own } from "../api/record.ts";

/** What the API server says about a call that it did not do: the parts of `meta/v1` Status that help. */
export interface ServerStatus {
  /** The HTTP status, or that of an error inside a watch. */
  readonly code: number;
  /** One word such as `AlreadyExists` or `Expired`; "" when it gave none. */
  readonly reason: string;
  /** In its own words, printable and of 1,000 characters at most; "" when it gave none. */
  readonly message: string;
  /** How long it asks to be left alone; 0 when it does not. */
  readonly retryAfterMs: number;
}

const MAX_REASON = 64;
const MAX_MESSAGE = 1_000;

/** Reads a Status; whatever else it may be counts as one without words. */
export function serverStatus(
  value: unknown,
  { code, retryAfterMs }: Pick<ServerStatus, "code" | "retryAfterMs">,
): ServerStatus {
  const status = own(value, "kind") === "Status" ? value : undefined;
  return {
    code,
    reason: text(own(status, "reason"), MAX_REASON),
    message: text(own(status, "message"), MAX_MESSAGE),
    retryAfterMs,
  };
}

function text(value: unknown, max: number): string {
  return typeof value === "string" ? printable(value, max) : "";
}
