import { open } from "node:fs/promises";

const programHeaders = { offset: 0x20, entrySize: 0x36, entries: 0x38 } as const;
/** The kind of header that names the loader, and with it says that shared libraries are needed. */
const interpreter = 3;

/** Whether a 64-bit little-endian Linux program runs in a folder that holds nothing else. */
export async function isStatic(path: string): Promise<boolean> {
  const file = await open(path);
  try {
    const { buffer } = await file.read({ buffer: Buffer.alloc(4096), position: 0 });
    const offset = Number(buffer.readBigUInt64LE(programHeaders.offset));
    const size = buffer.readUInt16LE(programHeaders.entrySize);
    const count = buffer.readUInt16LE(programHeaders.entries);
    const kinds = Array.from({ length: count }, (_, at) => buffer.readUInt32LE(offset + at * size));
    return !kinds.includes(interpreter);
  } finally {
    await file.close();
  }
}
