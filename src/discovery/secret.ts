import type { SecretValue } from "../runtime/secret-value.ts";

/** The keys of one Secret. */
export type SecretKeys = ReadonlyMap<string, SecretValue>;

/** Finds Secrets by name, undefined where there is none of that name; each call reads anew. */
export interface SecretReader {
  read(name: string, signal: AbortSignal): Promise<SecretKeys | undefined>;
}

/** A reader that asks others in turn; the first that has the Secret decides, for all of its keys. */
export function firstOf(readers: readonly SecretReader[]): SecretReader {
  return {
    async read(name, signal) {
      for (const reader of readers) {
        const keys = await reader.read(name, signal);
        if (keys !== undefined) return keys;
      }
      return undefined;
    },
  };
}

/** A reader of Secrets that are already in memory. */
export function inMemory(secrets: ReadonlyMap<string, SecretKeys>): SecretReader {
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
