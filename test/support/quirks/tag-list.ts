import type { ServerResponse } from "node:http";
import type { Resolve } from "../../../src/runtime/endpoint-guard.ts";
import type { Seen } from "../../runtime/fault-server.ts";

/** Every host name leads to this machine, so that servers can have the names that they have in the world. */
export const allHere: Resolve = async () => [{ address: "127.0.0.1", family: 4 }];

/** `v0.0.0` and on, in the order in which they were pushed, which is not that of their names. */
export function pushed(count: number): readonly string[] {
  return Array.from(
    { length: count },
    (_, index) => `v${Math.floor(index / 100)}.${index % 100}.0`,
  );
}

/** The parts of a request for tags, undefined for anything else. */
export interface TagQuestion {
  /** What stands before `/v2/`. */
  readonly prefix: string;
  readonly repository: string;
  readonly n: number | undefined;
  readonly query: URLSearchParams;
}

export function tagQuestion({ path }: Seen): TagQuestion | undefined {
  const url = new URL(path, "http://127.0.0.1");
  const [, prefix, repository] = /^(.*)\/v2\/(.+)\/tags\/list$/.exec(url.pathname) ?? [];
  if (prefix === undefined || repository === undefined) return undefined;
  const n = url.searchParams.get("n");
  return {
    prefix,
    repository,
    n: n === null ? undefined : Number(n),
    query: url.searchParams,
  };
}

/** One page of a list: `size` tags behind the tag `last`, and whether there are more. */
export function pageAfter(tags: readonly string[], last: string | null, size: number) {
  const start = last === null ? 0 : tags.indexOf(last) + 1;
  const page = tags.slice(start, start + size);
  return { page, end: start + page.length, hasMore: start + page.length < tags.length };
}

/** Answers with tags. */
export function sendTags(
  response: ServerResponse,
  { name, tags }: { readonly name: string; readonly tags: readonly string[] },
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(200, { "content-type": "application/json", ...headers });
  response.end(JSON.stringify({ name, tags }));
}

/** Answers with an error as registries write it. */
export function sendError(
  response: ServerResponse,
  {
    status,
    code,
    message,
  }: { readonly status: number; readonly code: string; readonly message: string },
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, { "content-type": "application/json", ...headers });
  response.end(JSON.stringify({ errors: [{ code, message, detail: null }] }));
}
