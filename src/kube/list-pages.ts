import type { KubeClient } from "./client.ts";
import type { OnItem } from "./json-body.ts";
import { KubeError } from "./kube-error.ts";
import type { ListQuery, Selection } from "./request.ts";
import { nameOf } from "./resource.ts";

export interface PagedList {
  readonly client: Pick<KubeClient, "list">;
  readonly of: Selection;
  readonly pageSize: number;
  /** As it was at this version; without it, as it is now. */
  readonly at?: string;
  /** Called in order, as they come; an object may come twice. No more than one is held at a time. */
  readonly onItem: OnItem;
}

/** Lists a collection page by page, all of it from one moment; gives the version of that moment. */
export async function listPages(list: PagedList, signal: AbortSignal): Promise<string> {
  const first = await onePage(list, undefined, signal);
  let { next } = first;
  while (next !== undefined) {
    const page = await onePage(list, next, signal);
    if (page.next === next) throw endless(list.of);
    next = page.next;
  }
  return first.resourceVersion;
}

async function onePage(list: PagedList, token: string | undefined, signal: AbortSignal) {
  const { client, of, pageSize: limit, at, onItem } = list;
  const query: ListQuery = {
    ...of,
    limit,
    ...(token !== undefined && { continue: token }),
    ...(at !== undefined && { resourceVersion: at, resourceVersionMatch: "Exact" }),
  };
  const page = await client.list(query, { signal, priority: "read" }, onItem);
  // A client that does not hand them over has put them into the page.
  for (const item of page.items) onItem(item);
  return { next: page.continue, resourceVersion: page.resourceVersion };
}

function endless(of: Selection): KubeError {
  const message = `listing ${nameOf(of)} failed: the same page comes again and again`;
  const fix = "check that the address is an API server's";
  return new KubeError("InvalidAnswer", { message, fix });
}
