import { KubeError } from "./kube-error.ts";

/** No object is larger in etcd than 1.5 MiB; a line that is longer than this is no event. */
export const MAX_LINE_BYTES = 8 * 1024 * 1024;

const NEWLINE = 0x0a;

/** Cuts a body into lines while it comes; what the last line break does not end was cut off, and is left out. */
export async function* watchLines(
  body: AsyncIterable<Uint8Array>,
  maxBytes = MAX_LINE_BYTES,
): AsyncIterable<string> {
  let parts: Uint8Array[] = [];
  let held = 0;
  for await (const chunk of body) {
    let from = 0;
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, from)) {
      parts.push(chunk.subarray(from, end));
      const line = textOf(parts);
      parts = [];
      held = 0;
      from = end + 1;
      if (line.trim() !== "") yield line;
    }
    if (from === chunk.byteLength) continue;
    parts.push(chunk.subarray(from));
    held += chunk.byteLength - from;
    if (held > maxBytes) throw tooLong(maxBytes);
  }
}

/** Whole lines are decoded, since a chunk may end inside a character. */
function textOf(parts: readonly Uint8Array[]): string {
  return Buffer.concat(parts).toString("utf8");
}

function tooLong(maxBytes: number): KubeError {
  const message = `an event of a watch is longer than ${maxBytes} bytes`;
  const fix = "check that the address is an API server's";
  return new KubeError("AnswerTooLarge", { message, fix });
}
