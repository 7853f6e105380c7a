import { isRecord, own, valueAt } from "../../api/record.ts";
import { API_VERSION, type Kind } from "../../api/types.gen.ts";

/** The text at a path, empty where there is none. */
export function textIn(root: unknown, ...path: readonly (string | number)[]): string {
  const value = valueAt(root, path);
  return typeof value === "string" ? value : "";
}

/** The items of the list at a path, none where there is no list. */
export function itemsIn(root: unknown, ...path: readonly (string | number)[]): readonly unknown[] {
  const value = valueAt(root, path);
  return Array.isArray(value) ? value : [];
}

/** Those entries of the mapping at a path whose values are texts. */
export function textsIn(
  root: unknown,
  ...path: readonly (string | number)[]
): Readonly<Record<string, string>> {
  const value = valueAt(root, path);
  if (!isRecord(value)) return {};
  return Object.fromEntries(Object.entries(value).filter(isText));
}

function isText(entry: [string, unknown]): entry is [string, string] {
  return typeof entry[1] === "string";
}

/** The RFC 3339 time at a path as milliseconds since 1970, undefined where there is none. */
export function timeIn(root: unknown, ...path: readonly (string | number)[]): number | undefined {
  const at = Date.parse(textIn(root, ...path));
  return Number.isNaN(at) ? undefined : at;
}

/** The whole number at a path that is not negative, undefined where there is none. */
export function countIn(root: unknown, ...path: readonly (string | number)[]): number | undefined {
  const value = valueAt(root, path);
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}

/** Whether the object is being deleted. */
export function isDeleting(raw: unknown): boolean {
  return textIn(raw, "metadata", "deletionTimestamp") !== "";
}

/** An object of Drop's as `decode` wants it: items of a list come without the fields that the list itself carries. */
export function typed(kind: Kind, raw: unknown): unknown {
  return isRecord(raw) ? { ...raw, apiVersion: own(raw, "apiVersion") ?? API_VERSION, kind } : raw;
}
