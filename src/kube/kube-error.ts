/** Why the API server gave no answer that can be used, in one word. */
export type KubeFailureReason =
  | "InvalidConfig"
  | "Unreachable"
  | "Unauthorized"
  | "Forbidden"
  | "NotFound"
  | "Refused"
  | "ServerError"
  | "InvalidAnswer";

/** A call to Kubernetes that failed; the message quotes no Secret and no token. */
export class KubeError extends Error {
  override readonly name = "KubeError";
  readonly reason: KubeFailureReason;
  /** What to do about it, as an instruction. */
  readonly fix: string;

  constructor(reason: KubeFailureReason, text: { message: string; fix: string; cause?: unknown }) {
    super(text.message, text.cause === undefined ? {} : { cause: text.cause });
    this.reason = reason;
    this.fix = text.fix;
  }
}

/** The error that a failed call stands for, `what` being the call in words: `reading the Secret creds`. */
export function toKubeError(error: unknown, what: string): KubeError {
  if (error instanceof KubeError) return error;
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  // An answer's own error would print its headers and body: it is not kept as the cause.
  if (typeof code === "number") return statusError(code, what);
  return new KubeError("Unreachable", {
    message: `${what} failed: the API server did not answer`,
    fix: "check the kubeconfig's server address and the network",
    cause: error,
  });
}

function statusError(status: number, what: string): KubeError {
  const message = `${what} failed: the API server answered ${status}`;
  if (status === 401) {
    return new KubeError("Unauthorized", { message, fix: "renew the kubeconfig's credentials" });
  }
  if (status === 403) {
    return new KubeError("Forbidden", { message, fix: "give this user the right to do it" });
  }
  if (status === 404) return new KubeError("NotFound", { message, fix: "check its name" });
  if (status === 429 || status >= 500) {
    return new KubeError("ServerError", { message, fix: "look at the API server, and try again" });
  }
  return new KubeError("Refused", { message, fix: "check what was asked for" });
}
