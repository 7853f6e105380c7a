import { isRecord, own, type UnknownRecord } from "../api/record.ts";
import { answerError, KubeError } from "./kube-error.ts";
import { serverStatus } from "./server-status.ts";

/** One event of a watch. */
export type WatchEvent =
  | { readonly type: "set" | "delete"; readonly object: UnknownRecord }
  /** Nothing more has happened up to this version. */
  | { readonly type: "bookmark"; readonly resourceVersion: string };

/** Reads one line. A `KubeError` for what the server reports as one (410 is `Gone`), and for what is no event. */
export function watchEvent(line: string, what: string): WatchEvent {
  const value = jsonOf(line);
  const object = own(value, "object");
  const type = own(value, "type");
  if (type === "ERROR") {
    const code = Number(own(object, "code"));
    const status = { code: Number.isInteger(code) ? code : 500, retryAfterMs: 0 };
    throw answerError(serverStatus(object, status), what);
  }
  if (!isRecord(object)) throw strange(what);
  switch (type) {
    case "ADDED":
    case "MODIFIED":
      return { type: "set", object };
    case "DELETED":
      return { type: "delete", object };
    case "BOOKMARK":
      return bookmark(object, what);
    default:
      throw strange(what);
  }
}

function bookmark(object: UnknownRecord, what: string): WatchEvent {
  const resourceVersion = own(own(object, "metadata"), "resourceVersion");
  if (typeof resourceVersion !== "string" || resourceVersion === "") throw strange(what);
  return { type: "bookmark", resourceVersion };
}

function jsonOf(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

function strange(what: string): KubeError {
  const message = `${what} failed: a line of the answer is no event`;
  const fix = "check that the address is an API server's";
  return new KubeError("InvalidAnswer", { message, fix });
}
