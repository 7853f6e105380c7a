import { faulty, type Parsed, parsed } from "../../api/parsed.ts";
import type { SecretValue } from "../../runtime/secret-value.ts";
import { inMemory, isSecretKey, isSecretName, type SecretReader } from "./secret.ts";

/** One `--secret` flag: which key of which Secret, and where its value is. */
export interface SecretFlag {
  readonly name: string;
  readonly key: string;
  readonly from: { readonly kind: "env" | "file"; readonly place: string };
}

const FORM =
  'write it as NAME/KEY=env:VARIABLE or NAME/KEY=file:PATH, such as "creds/token=env:TOKEN"';

/** Reads `name/key=env:VAR` or `name/key=file:PATH`. A fault does not quote the text, which may hold the secret. */
export function parseSecretFlag(text: string): Parsed<SecretFlag> {
  const match = /^([^/=]+)\/([^/=]+)=(env|file):(.+)$/s.exec(text);
  if (match === null) return faulty("the flag does not say which key is read from where", FORM);
  const [, name = "", key = "", kind, place = ""] = match;
  if (!isSecretName(name)) {
    return faulty("a Secret's name has lower-case letters, digits, - and . only", FORM, 0);
  }
  if (!isSecretKey(key)) {
    return faulty("a Secret's key has letters, digits, -, _ and . only", FORM, name.length + 1);
  }
  return parsed({ name, key, from: { kind: kind === "env" ? "env" : "file", place } });
}

/** One value for a key of a Secret. */
export interface GivenSecret {
  readonly name: string;
  readonly key: string;
  readonly value: SecretValue;
}

/** A reader of values given one by one; a later one for the same key replaces the earlier. */
export function givenSecrets(given: readonly GivenSecret[]): SecretReader {
  const secrets = new Map<string, Map<string, SecretValue>>();
  for (const { name, key, value } of given) {
    const keys = secrets.get(name) ?? new Map<string, SecretValue>();
    secrets.set(name, keys.set(key, value));
  }
  return inMemory(new Map(Array.from(secrets, ([name, keys]) => [name, { keys }])));
}
