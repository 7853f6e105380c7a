import type { SecretLimits } from "../../api/allowed-hosts.ts";
import type { SecretValue } from "../../runtime/secret-value.ts";

/** The keys of one Secret. */
export type SecretKeys = ReadonlyMap<string, SecretValue>;

/** A Secret as it was found, with what limits its use. */
export interface FoundSecret extends SecretLimits {
  readonly keys: SecretKeys;
}

/** Finds Secrets by name, undefined where there is none of that name; each call reads anew. */
export interface SecretReader {
  read(name: string, signal: AbortSignal): Promise<FoundSecret | undefined>;
}

/** A reader that asks others in turn; the first that has the Secret decides, for all of its keys. */
export function firstOf(readers: readonly SecretReader[]): SecretReader {
  return {
    async read(name, signal) {
      for (const reader of readers) {
        const secret = await reader.read(name, signal);
        if (secret !== undefined) return secret;
      }
      return undefined;
    },
  };
}

/** A reader of Secrets that are already in memory. */
export function inMemory(secrets: ReadonlyMap<string, FoundSecret>): SecretReader {
  return { read: async (name) => secrets.get(name) };
}

const SUBDOMAIN = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*$/;
const KEY = /^[-._a-zA-Z0-9]+$/;

/** Whether Kubernetes allows this name for a Secret, a DNS subdomain; nothing else may become part of a path. */
export function isSecretName(name: string): boolean {
  return name.length <= 253 && SUBDOMAIN.test(name);
}

/** Whether Kubernetes allows this as a key of a Secret. */
export function isSecretKey(key: string): boolean {
  return key.length <= 253 && KEY.test(key) && key !== "." && !key.startsWith("..");
}

/** Whether a value is what SOPS writes in place of one that it encrypted. */
export function isCiphertext(text: string): boolean {
  return /^\s*ENC\[AES256_GCM,/.test(text);
}
