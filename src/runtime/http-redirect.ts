import { addressText, type HttpAnswer } from "./http-answer.ts";
import { HttpError } from "./http-error.ts";

/** A chain longer than this is a loop. */
export const MAX_REDIRECTS = 5;

const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/** What of a request decides whether it may be redirected. */
export interface Redirectable {
  readonly method: string;
  readonly isAuthenticated: boolean;
}

/**
 * Where a redirecting answer leads, undefined when it is none, names no place, or answers a POST, whose body nobody
 * asked to send elsewhere. A request with credentials is never redirected: they were given for one host.
 */
export function redirectTarget(answer: HttpAnswer, request: Redirectable): URL | undefined {
  const location = answer.headers.get("location");
  if (!REDIRECTS.has(answer.status) || location === undefined) return undefined;
  if (request.method !== "GET") return undefined;
  const from = addressText(answer.url);
  const target = URL.parse(location, answer.url.href);
  if (target === null) return undefined;
  if (request.isAuthenticated) {
    throw refused(`${from} redirects to ${addressText(target)}, and logins are not sent on`);
  }
  const isWeb = target.protocol === "https:" || target.protocol === "http:";
  if (!isWeb || target.username !== "" || target.password !== "") {
    throw refused(`${from} redirects to an address that is no plain http or https URL`);
  }
  if (answer.url.protocol === "https:" && target.protocol === "http:") {
    throw refused(`${from} redirects from https to http, where anybody may change the answer`);
  }
  return target;
}

/** The error of a chain of redirects that does not end. */
export function tooManyRedirects(url: URL): HttpError {
  const message = `${addressText(url)} redirects more than ${MAX_REDIRECTS} times`;
  return new HttpError("InvalidAnswer", { message, fix: "write the address where it ends" });
}

function refused(message: string): HttpError {
  const fix = "write the address that it redirects to, if it is the right one";
  return new HttpError("EndpointRefused", { message, fix });
}
