import type { UnknownRecord } from "../api/record.ts";
import type { Call } from "./call.ts";
import { type Collection, nameOf, type ObjectRef, pathOf } from "./resource.ts";

/** Which objects of a collection. */
export interface Selection extends Collection {
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
}

/** One page of a list; without a `resourceVersion`, of what is there now. */
export interface ListQuery extends Selection {
  readonly limit?: number;
  /** From the page before. */
  readonly continue?: string;
  /** With `Exact`, of what was there then; a `Gone` where the server has forgotten that. */
  readonly resourceVersion?: string;
  readonly resourceVersionMatch?: "Exact" | "NotOlderThan";
}

/** What happens from a version on; the server ends it after `timeoutSeconds`. */
export interface WatchQuery extends Selection {
  readonly resourceVersion: string;
  readonly timeoutSeconds: number;
}

/** How to delete; a precondition that does not hold is a `Conflict`. */
export interface Deletion {
  readonly uid?: string;
  readonly resourceVersion?: string;
  readonly gracePeriodSeconds?: number;
  readonly propagationPolicy?: "Background" | "Foreground" | "Orphan";
}

/** A whole status; with a `resourceVersion`, a `Conflict` where the object has changed since. A uid is not heeded there. */
export interface StatusApply {
  readonly status: UnknownRecord;
  readonly resourceVersion?: string;
}

export function listCall(query: ListQuery): Call {
  const { limit, resourceVersion, resourceVersionMatch } = query;
  // Where a list goes on, its version is the token's.
  const at = query.continue === undefined ? { resourceVersion, resourceVersionMatch } : {};
  const paging = { ...selectors(query), limit, continue: query.continue, ...at };
  return { ...about(query, "listing"), ...READING, verb: "list", path: pathWith(query, paging) };
}

export function watchCall(query: WatchQuery): Call {
  const { resourceVersion, timeoutSeconds } = query;
  const from = { resourceVersion, timeoutSeconds, watch: true, allowWatchBookmarks: true };
  const path = pathWith(query, { ...selectors(query), ...from });
  return { ...about(query, "watching"), ...READING, verb: "watch", path };
}

export function getCall(ref: ObjectRef): Call {
  return { ...about(ref, "reading"), ...READING, verb: "get", path: pathOf(ref) };
}

/** A name given twice is refused, yet whether the first one was ours nobody could tell: not repeatable. */
export function createCall(within: Collection, object: UnknownRecord, fieldManager: string): Call {
  const { apiVersion, kind } = within.resource;
  return {
    ...about(within, "adding one to the"),
    verb: "create",
    method: "POST",
    isRepeatable: false,
    path: pathWith(within, { fieldManager }),
    body: JSON.stringify({ apiVersion, kind, ...object }),
    contentType: "application/json",
  };
}

export function deleteCall(ref: ObjectRef, deletion: Deletion): Call {
  const { gracePeriodSeconds, propagationPolicy, ...preconditions } = deletion;
  const isConditional = Object.values(preconditions).some((value) => value !== undefined);
  const body = {
    apiVersion: "v1",
    kind: "DeleteOptions",
    gracePeriodSeconds,
    propagationPolicy,
    ...(isConditional && { preconditions }),
  };
  return {
    ...about(ref, "deleting"),
    verb: "delete",
    method: "DELETE",
    isRepeatable: true,
    path: pathOf(ref),
    body: JSON.stringify(body),
    contentType: "application/json",
  };
}

export function applyStatusCall(
  ref: ObjectRef,
  { status, resourceVersion }: StatusApply,
  fieldManager: string,
): Call {
  const { what, resource } = about(ref, "writing the status of");
  const { apiVersion, kind } = ref.resource;
  const metadata = { name: ref.name, namespace: ref.namespace, resourceVersion };
  return {
    what,
    resource: `${resource}/status`,
    verb: "apply",
    method: "PATCH",
    isRepeatable: true,
    path: `${pathOf(ref, "status")}?${queryText({ fieldManager, force: true })}`,
    // JSON is YAML.
    body: JSON.stringify({ apiVersion, kind, metadata, status }),
    contentType: "application/apply-patch+yaml",
  };
}

/** One with a version in it would meet itself when repeated. */
export function mergePatchCall(ref: ObjectRef, patch: UnknownRecord, fieldManager: string): Call {
  return {
    ...about(ref, "changing"),
    verb: "patch",
    method: "PATCH",
    isRepeatable: false,
    path: pathWith(ref, { fieldManager }),
    body: JSON.stringify(patch),
    contentType: "application/merge-patch+json",
  };
}

const READING = { method: "GET", isRepeatable: true } as const;

function about(of: Collection | ObjectRef, doing: string): Pick<Call, "what" | "resource"> {
  return { what: `${doing} ${nameOf(of)}`, resource: of.resource.plural };
}

function selectors({ labelSelector, fieldSelector }: Selection) {
  return { labelSelector, fieldSelector };
}

type Query = Readonly<Record<string, string | number | boolean | undefined>>;

function pathWith(of: Collection | ObjectRef, query: Query): string {
  const text = queryText(query);
  return text === "" ? pathOf(of) : `${pathOf(of)}?${text}`;
}

function queryText(query: Query): string {
  const given = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) given.set(name, String(value));
  }
  return given.toString();
}
