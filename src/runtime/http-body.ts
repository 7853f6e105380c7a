import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
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
  const { what, sieve = (chunk: Buffer) => chunk } = limits;
  async function collect(source: AsyncIterable<Buffer>): Promise<void> {
    let kept = 0;
    for await (const chunk of source) {
      const left = sieve(chunk);
      kept += left.byteLength;
      if (kept > MAX_KEPT_BYTES) throw tooLarge(what, MAX_KEPT_BYTES);
      chunks.push(left);
    }
  }
  const capped = cap(limits);
  switch (encoding.trim().toLowerCase()) {
    case "":
    case "identity":
      await pipeline(body, capped, collect);
      break;
    case "gzip":
    case "x-gzip":
      await pipeline(body, capped, createGunzip(), cap(limits), collect);
      break;
    case "deflate":
      await pipeline(body, capped, createInflate(), cap(limits), collect);
      break;
    case "br":
      await pipeline(body, capped, createBrotliDecompress(), cap(limits), collect);
      break;
    default:
      body.destroy();
      throw unknownEncoding(limits);
  }
  return Buffer.concat(chunks);
}

function cap({ what, maxBytes }: BodyLimits) {
  return async function* limited(source: AsyncIterable<Buffer>): AsyncIterable<Buffer> {
    let total = 0;
    for await (const chunk of source) {
      total += chunk.byteLength;
      if (total > maxBytes) throw tooLarge(what, maxBytes);
      yield chunk;
    }
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
