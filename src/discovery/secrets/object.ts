import { ALLOWED_HOSTS_ANNOTATION } from "../../api/allowed-hosts.ts";
import { faulty, type Parsed, parsed } from "../../api/parsed.ts";
import { printable } from "../../api/printable.ts";
import { isRecord, own } from "../../api/record.ts";
import { SecretValue } from "../../runtime/secret-value.ts";
import { unusable } from "../source-error.ts";
import {
  type FoundSecret,
  isCiphertext,
  isSecretKey,
  isSecretName,
  type SecretKeys,
  type SecretReader,
} from "./secret.ts";

/** A reader of Secret objects among the inputs; one that cannot be read says why where a source names it. */
export function inputSecrets(objects: readonly unknown[]): SecretReader {
  const byName = new Map(objects.map((object) => [own(own(object, "metadata"), "name"), object]));
  return {
    async read(name) {
      const object = byName.get(name);
      if (object === undefined) return undefined;
      const secret = parseSecretObject(object);
      if (secret.ok) return secret.value;
      const { what, fix } = secret.fault;
      throw unusable(`the Secret ${name} among the inputs cannot be used: ${what}`, fix);
    },
  };
}

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** Reads a `v1` Secret: `data` is Base64 of any bytes, and `stringData` goes before it. No fault quotes a value. */
export function parseSecretObject(object: unknown): Parsed<FoundSecret> {
  const metadata = own(object, "metadata");
  const name = own(metadata, "name");
  if (own(object, "kind") !== "Secret" || typeof name !== "string" || !isSecretName(name)) {
    return faulty("this is no Secret with a name", 'set kind "Secret" and metadata.name');
  }
  if (isEncrypted(object)) {
    const fix = "decrypt it first: sops -d FILE, into a place that is not committed";
    return faulty("it is encrypted with SOPS", fix);
  }
  const keys = readSecretKeys(own(object, "data"), own(object, "stringData"));
  if (!keys.ok) return keys;
  const allowedHosts = own(own(metadata, "annotations"), ALLOWED_HOSTS_ANNOTATION);
  if (allowedHosts === undefined) return parsed({ keys: keys.value });
  if (typeof allowedHosts === "string") return parsed({ keys: keys.value, allowedHosts });
  return faulty(`its annotation ${ALLOWED_HOSTS_ANNOTATION} is no text`, "put it in double quotes");
}

/** SOPS leaves its own facts under `sops`, and ciphertext in place of values. */
function isEncrypted(object: unknown): boolean {
  const values = [own(object, "data"), own(object, "stringData")].flatMap((field) =>
    isRecord(field) ? Object.values(field) : [],
  );
  const hasCiphertext = values.some((value) => typeof value === "string" && isCiphertext(value));
  return hasCiphertext || isRecord(own(object, "sops"));
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
