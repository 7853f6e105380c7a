import { decode } from "../api/decode.ts";
import { isRecord, own } from "../api/record.ts";
import { API_VERSION, type DropObject, KINDS, type Kind, PLURALS } from "../api/types.gen.ts";
import type { KubeConnection } from "./connection.ts";
import { toKubeError } from "./kube-error.ts";

const [GROUP = "", VERSION = ""] = API_VERSION.split("/");

/** Objects asked for in one page, as kubectl does. */
const PAGE_SIZE = 500;

/** Every object of Drop in the cluster that has no mistakes; none of a kind whose CRD is not installed. */
export async function listDropObjects(
  connection: KubeConnection,
  signal: AbortSignal,
): Promise<readonly DropObject[]> {
  const lists = await Promise.all(KINDS.map((kind) => listKind(connection, kind, signal)));
  return lists.flat();
}

async function listKind(
  connection: KubeConnection,
  kind: Kind,
  signal: AbortSignal,
): Promise<readonly DropObject[]> {
  const objects: DropObject[] = [];
  let more: string | undefined;
  do {
    const page = await listPage(connection, { kind, more }, signal);
    objects.push(...page.items.flatMap((item) => decode(kind, withType(kind, item)).object ?? []));
    more = page.more;
  } while (more !== undefined);
  return objects;
}

interface Page {
  readonly items: readonly unknown[];
  readonly more: string | undefined;
}

async function listPage(
  { customObjects, abortable }: KubeConnection,
  { kind, more }: { readonly kind: Kind; readonly more: string | undefined },
  signal: AbortSignal,
): Promise<Page> {
  const plural = PLURALS[kind];
  const paging = { limit: PAGE_SIZE, ...(more === undefined ? {} : { _continue: more }) };
  try {
    const answer: unknown = await customObjects.listClusterCustomObject(
      { group: GROUP, version: VERSION, plural, ...paging },
      abortable(signal),
    );
    const next = own(own(answer, "metadata"), "continue");
    const items = own(answer, "items");
    return {
      items: Array.isArray(items) ? items : [],
      more: typeof next === "string" && next !== "" ? next : undefined,
    };
  } catch (error) {
    signal.throwIfAborted();
    const failure = toKubeError(error, `listing ${plural}`);
    if (failure.reason === "NotFound") return { items: [], more: undefined };
    throw failure;
  }
}

/** The items of a list may come without the fields that the list itself carries. */
function withType(kind: Kind, item: unknown): unknown {
  return isRecord(item) ? { ...item, apiVersion: API_VERSION, kind } : item;
}

/** The labels of every node. */
export async function listNodeLabels(
  { core, abortable }: KubeConnection,
  signal: AbortSignal,
): Promise<readonly Readonly<Record<string, string>>[]> {
  const labels: Readonly<Record<string, string>>[] = [];
  let more: string | undefined;
  try {
    do {
      const paging = { limit: PAGE_SIZE, ...(more === undefined ? {} : { _continue: more }) };
      const page = await core.listNode(paging, abortable(signal));
      labels.push(...page.items.map(({ metadata }) => metadata?.labels ?? {}));
      more = page.metadata?._continue || undefined;
    } while (more !== undefined);
    return labels;
  } catch (error) {
    signal.throwIfAborted();
    throw toKubeError(error, "listing nodes");
  }
}
