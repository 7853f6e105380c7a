import { printable } from "../api/printable.ts";
import { HttpError } from "./http-error.ts";

/** A whole answer, whatever its status. */
export interface HttpAnswer {
  readonly status: number;
  /** By lower-case name; repeated ones joined with a comma. */
  readonly headers: ReadonlyMap<string, string>;
  /** Where it came from in the end, redirects followed. */
  readonly url: URL;
  readonly body: Buffer;
}

/** How messages call an address: without login, query and fragment. */
export function addressText(url: URL): string {
  return printable(`${url.protocol}//${url.host}${url.pathname}`);
}

/** The JSON value of an answer; anything else is an error that names the content type and never quotes the body. */
export function parseJson({ headers, body, url }: HttpAnswer): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body));
  } catch {
    const type = printable((headers.get("content-type") ?? "").split(";")[0] || "no content type");
    throw new HttpError("InvalidAnswer", {
      message: `${addressText(url)} answered with ${type} that is no JSON`,
      fix: "check the address: a login page, a proxy or another service may be answering there",
    });
  }
}

/** The JSON value of an answer, undefined when it is none. */
export function jsonOrNothing(answer: HttpAnswer): unknown {
  try {
    return parseJson(answer);
  } catch (error) {
    if (error instanceof HttpError) return undefined;
    throw error;
  }
}
