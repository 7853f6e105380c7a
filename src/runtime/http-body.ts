import type { Readable, Transform } from "node:stream";
import { finished, pipeline } from "node:stream/promises";
import { createBrotliDecompress, createGunzip, createInflate } from "node:zlib";
import { HttpError } from "./http-error.ts";

/** Takes parts out of a body, chunk by chunk, and gives back what is left of each. */
export type Sieve = (chunk: Buffer) => Buffer;

/** What a body is read under; `what` is how a message calls the address. */
export interface BodyLimits {
  readonly what: string;
  readonly maxBytes: number;
  readonly sieve?: Sieve;
}

const MIB = 1024 * 1024;

/** No more than this of a body is held in memory. */
export const MAX_KEPT_BYTES = 32 * MIB;

/** Reads a body and decompresses it, neither form of it, nor what a sieve leaves, being longer than allowed. */
export async function readBody(
  body: Readable,
  encoding: string,
  limits: BodyLimits,
): Promise<Buffer> {
  const chunks: Buffer[] = [];
  const keep = keeper(chunks, limits);
  const counted = counter(limits);
  const name = encoding.trim().toLowerCase();
  if (name === "" || name === "identity") {
    await drained(body, (chunk) => keep(counted(chunk)));
    return Buffer.concat(chunks);
  }
  const decompressor = DECOMPRESSORS.get(name)?.();
  if (decompressor === undefined) {
    body.destroy();
    throw unknownEncoding(limits);
  }
  const recounted = counter(limits);
  await pipeline(body, each(counted), decompressor, async (source: AsyncIterable<Buffer>) => {
    for await (const chunk of source) keep(recounted(chunk));
  });
  return Buffer.concat(chunks);
}

const DECOMPRESSORS: ReadonlyMap<string, () => Transform> = new Map([
  ["gzip", () => createGunzip()],
  ["x-gzip", () => createGunzip()],
  ["deflate", () => createInflate()],
  ["br", () => createBrotliDecompress()],
]);

/** Gives each chunk to `take` as it comes, in half the time that iterating takes; what `take` throws ends the stream. */
async function drained(body: Readable, take: (chunk: Buffer) => void): Promise<void> {
  body.on("data", (chunk: Buffer) => {
    try {
      take(chunk);
    } catch (error) {
      body.destroy(error instanceof Error ? error : new Error(String(error)));
    }
  });
  await finished(body, { writable: false });
}

/** Keeps what the sieve leaves of each chunk. */
function keeper(chunks: Buffer[], { what, sieve }: BodyLimits): (chunk: Buffer) => void {
  let kept = 0;
  return (chunk) => {
    const left = sieve === undefined ? chunk : sieve(chunk);
    kept += left.byteLength;
    if (kept > MAX_KEPT_BYTES) throw tooLarge(what, MAX_KEPT_BYTES);
    chunks.push(left);
  };
}

/** Gives back each chunk until they are longer together than is allowed. */
function counter({ what, maxBytes }: BodyLimits): (chunk: Buffer) => Buffer {
  let total = 0;
  return (chunk) => {
    total += chunk.byteLength;
    if (total > maxBytes) throw tooLarge(what, maxBytes);
    return chunk;
  };
}

function each(change: (chunk: Buffer) => Buffer) {
  return async function* changed(source: AsyncIterable<Buffer>): AsyncIterable<Buffer> {
    for await (const chunk of source) yield change(chunk);
  };
}

function tooLarge(what: string, maxBytes: number): HttpError {
  const limit = maxBytes >= MIB ? `${maxBytes / MIB} MiB` : `${maxBytes} bytes`;
  return new HttpError("AnswerTooLarge", {
    message: `${what} answers with more than ${limit}`,
    fix: "ask for less, for example with a narrower query or a longer step",
  });
}

function unknownEncoding({ what }: BodyLimits): HttpError {
  return new HttpError("InvalidAnswer", {
    message: `${what} compresses its answer in a way that was not asked for`,
    fix: "check what answers at that address",
  });
}
