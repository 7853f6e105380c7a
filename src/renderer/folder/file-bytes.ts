import { closeSync, fstatSync, openSync, readFileSync, readSync } from "node:fs";

export interface FileRead {
  /** For `open(2)`. */
  readonly flags: number;
  readonly maxBytes: number;
}

/** Longer than nearly every file that is read, so that one call to the system reads it. */
const ROOM = Buffer.allocUnsafeSlow(64 * 1024);

/**
 * The bytes of an ordinary file, there until the next one is read, or only their number where there are more than are
 * wanted. The process waits meanwhile: with ten thousand small files a promise for each takes several times as long as
 * the reading.
 */
export function fileBytes(path: string, { flags, maxBytes }: FileRead): Uint8Array | number {
  const file = openSync(path, flags);
  try {
    const read = readSync(file, ROOM, 0, ROOM.length, 0);
    if (read < ROOM.length && read <= maxBytes) return ROOM.subarray(0, read);
    const { size } = fstatSync(file);
    return size > maxBytes ? size : readFileSync(file);
  } finally {
    closeSync(file);
  }
}
