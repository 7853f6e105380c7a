import { constants, open, readdir } from "node:fs/promises";
import { join } from "node:path";
import { SecretValue } from "../../runtime/secret-value.ts";
import { unusable } from "../source-error.ts";
import { isSecretKey, isSecretName, type SecretReader } from "./secret.ts";

/** Kubernetes' own limit on a whole Secret, in bytes. */
export const MAX_SECRET_BYTES = 1024 * 1024;

/** More files than any Secret has keys. */
const MAX_KEYS = 1000;

/**
 * Secrets as Kubernetes mounts them, `<folder>/<secret>/<key>`. A mounted key is a link by way of `..data`, so links
 * are followed; names that begin with two dots are no keys.
 */
export function secretFolder(folder: string): SecretReader {
  return {
    async read(name, signal) {
      if (!isSecretName(name)) return undefined;
      const path = join(folder, name);
      const names = await listFiles(path);
      if (names === undefined) return undefined;
      const keys = new Map<string, SecretValue>();
      let left = MAX_SECRET_BYTES;
      for (const key of names.filter(isSecretKey).sort().slice(0, MAX_KEYS)) {
        signal.throwIfAborted();
        const bytes = await readAtMost(join(path, key), left);
        if (bytes === undefined) continue;
        if (bytes.byteLength > left) throw tooLarge(name);
        left -= bytes.byteLength;
        keys.set(key, new SecretValue(bytes));
      }
      return { keys };
    },
  };
}

/** The content of one file for a secret, as `file:PATH` names it. */
export async function readSecretFile(path: string): Promise<SecretValue> {
  const bytes = await readAtMost(path, MAX_SECRET_BYTES);
  if (bytes === undefined) throw new Error("it is no regular file");
  if (bytes.byteLength > MAX_SECRET_BYTES) throw new Error("it is larger than 1 MiB");
  return new SecretValue(bytes);
}

async function listFiles(path: string): Promise<readonly string[] | undefined> {
  try {
    return await readdir(path);
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw error;
  }
}

/** Reads at most one byte more than allowed, so that the caller sees the excess; undefined for what is no file. */
async function readAtMost(path: string, limit: number): Promise<Buffer | undefined> {
  // A pipe in the folder must not make the reader wait for a writer.
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const facts = await file.stat();
    if (!facts.isFile()) return undefined;
    const buffer = Buffer.alloc(Math.min(facts.size, limit) + 1);
    let length = 0;
    while (length < buffer.byteLength) {
      const { bytesRead } = await file.read(buffer, length, buffer.byteLength - length);
      if (bytesRead === 0) break;
      length += bytesRead;
    }
    return buffer.subarray(0, length);
  } finally {
    await file.close();
  }
}

function isAbsent(error: unknown): boolean {
  if (!(error instanceof Error) || !("code" in error)) return false;
  return error.code === "ENOENT" || error.code === "ENOTDIR";
}

function tooLarge(name: string) {
  return unusable(`the Secret ${name} is larger than 1 MiB`, "store only credentials in it");
}
