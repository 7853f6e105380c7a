import { faulty, type Parsed, parsed } from "../api/parsed.ts";
import { printable } from "../api/printable.ts";
import { isRecord, own } from "../api/record.ts";
import { SecretValue } from "../runtime/secret-value.ts";
import { isSecretKey, isSecretName, type SecretKeys } from "./secret.ts";

/** A Secret by its name. */
export interface NamedSecret {
  readonly name: string;
  readonly keys: SecretKeys;
}

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** Reads a `v1` Secret: `data` is Base64 of any bytes, and `stringData` goes before it. No fault quotes a value. */
export function parseSecretObject(object: unknown): Parsed<NamedSecret> {
  const name = own(own(object, "metadata"), "name");
  if (own(object, "kind") !== "Secret" || typeof name !== "string" || !isSecretName(name)) {
    return faulty("this is no Secret with a name", 'set kind "Secret" and metadata.name');
  }
  const keys = readSecretKeys(own(object, "data"), own(object, "stringData"));
  return keys.ok ? parsed({ name, keys: keys.value }) : keys;
}

/** Reads the fields `data` and `stringData` of a Secret; either may be absent or null. */
export function readSecretKeys(encoded: unknown, plain: unknown): Parsed<SecretKeys> {
  const keys = new Map<string, SecretValue>();
  for (const [field, values] of [
    ["data", encoded],
    ["stringData", plain],
  ] as const) {
    if (values === undefined || values === null) continue;
    if (!isRecord(values)) return faulty(`${field} is no mapping`, "write keys with their values");
    for (const [key, value] of Object.entries(values)) {
      const secret = field === "data" ? decoded(value) : text(value);
      if (!isSecretKey(key)) {
        return faulty(
          `${field} has the key ${printable(JSON.stringify(key))}`,
          "use letters, digits, -, _ and .",
        );
      }
      if (secret === undefined) return unreadable(field, key);
      keys.set(key, secret);
    }
  }
  return parsed(keys);
}

function decoded(value: unknown): SecretValue | undefined {
  if (value === null) return new SecretValue("");
  if (typeof value !== "string") return undefined;
  const base64 = value.replaceAll(/[\r\n]/g, "");
  return BASE64.test(base64) ? new SecretValue(Buffer.from(base64, "base64")) : undefined;
}

function text(value: unknown): SecretValue | undefined {
  return typeof value === "string" ? new SecretValue(value) : undefined;
}

function unreadable(field: "data" | "stringData", key: string) {
  if (field === "stringData") {
    return faulty(`stringData.${key} is no text`, "put it in double quotes");
  }
  return faulty(`data.${key} is no Base64`, "encode it, or move it to stringData as it is");
}
