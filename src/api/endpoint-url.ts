import { faulty, type Parsed, parsed } from "./parsed.ts";

/** What the CRDs say of such a URL, in RE2; the twin of their CEL rule is named by it, so that both are the same. */
export const ENDPOINT_URL_PATTERN = "^https?://[^/@?#\\s\\\\]+(/[^?#\\s\\\\]*)?$";

// RE2's white space is less than JavaScript's.
const PLAIN_URL = new RegExp(ENDPOINT_URL_PATTERN.replaceAll("\\s", "\\t\\n\\f\\r "));

/** Whether a text has the shape of such a URL, which is all that the API server checks. */
export function isShapedAsUrl(text: string): boolean {
  return PLAIN_URL.test(text);
}

/** The base URL of a registry or of Prometheus: http or https, a host, perhaps a path. */
export interface EndpointUrl {
  readonly scheme: "http" | "https";
  /** Host and, where it is not the scheme's own, port. */
  readonly host: string;
  /** Without a slash at the end; "" for none. */
  readonly path: string;
}

/** Reads a URL that sources may be asked at. Logins, queries and fragments do not belong into it. */
export function parseEndpointUrl(text: string): Parsed<EndpointUrl> {
  const refused = shapeFault(text);
  if (refused !== undefined) return refused;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || url.hostname === "") {
    return faulty("not a usable URL", "write it as https://host or https://host/path");
  }
  return parsed({
    scheme: url.protocol === "http:" ? "http" : "https",
    host: url.host,
    path: url.pathname.replace(/\/+$/, ""),
  });
}

function shapeFault(text: string): ReturnType<typeof faulty> | undefined {
  const scheme = /^([A-Za-z][A-Za-z0-9+.-]*):\/\//.exec(text)?.[1];
  if (scheme === undefined) {
    return faulty(
      "the URL has no scheme",
      "write https:// in front of it, or http:// where there is no TLS",
    );
  }
  if (scheme !== "http" && scheme !== "https") {
    return faulty("the scheme is not http or https", "write https:// instead", 0);
  }
  const space = text.search(/[\s\\]/);
  if (space !== -1) return faulty("the URL contains a space or backslash", "remove it", space);
  const query = text.search(/[?#]/);
  if (query !== -1)
    return faulty("the URL carries a query or fragment", "end it before that", query);
  const at = text.indexOf("@");
  if (at !== -1) {
    return faulty(
      "the URL carries a login",
      "move the login into the Secret that secretRef names",
      at,
    );
  }
  return undefined;
}
