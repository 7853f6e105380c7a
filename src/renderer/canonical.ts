import { hash } from "node:crypto";
import { isRecord } from "../api/record.ts";

/** JSON with the keys of every mapping in code unit order, so that equal values have equal text. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  if (!isRecord(value)) return JSON.stringify(value) ?? "null";
  let fields = "";
  for (const key of Object.keys(value).sort()) {
    const field = value[key];
    if (field === undefined) continue;
    fields += `${fields === "" ? "" : ","}${JSON.stringify(key)}:${canonicalJson(field)}`;
  }
  return `{${fields}}`;
}

/** The SHA-256 over a value's canonical JSON, 64 lower-case hexadecimal digits. */
export function hashOf(value: unknown): string {
  return hexOf(canonicalJson(value));
}

/** The SHA-256 over a text's UTF-8 bytes, 64 lower-case hexadecimal digits. */
export function hexOf(text: string): string {
  return hash("sha256", text);
}

/**
 * The one order of texts in everything written: by UTF-16 code unit, the same on any machine. Texts alone are sorted so
 * by `sort()` without a function, and much faster.
 */
export function byCodeUnit(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
