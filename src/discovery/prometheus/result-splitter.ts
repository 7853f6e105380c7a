import { HttpError } from "../../runtime/http-error.ts";
import { SourceError } from "../source-error.ts";

const MIB = 1024 * 1024;

/** Longest text of one series: 11,000 samples, the most that Prometheus gives, take a tenth of it. */
const MAX_SERIES_BYTES = 8 * MIB;

/** What stands where a series was taken out, so that the rest is still JSON. */
const PLACEHOLDER = Buffer.from("0");

/** `data.result` is a list inside two mappings. */
const RESULT_DEPTH = 3;
const RESULT_KEY = /(?<!\\)"result"\s*:\s*$/;
const KEY_ROOM = 64;

/**
 * Takes each series out of a query's answer while it comes, so that no more than one is held at a time: gives its text
 * to `onSeries`, and back what is left of each chunk, with a 0 for every series. Only mappings in `data.result` count.
 */
export function resultSplitter(onSeries: (text: string) => void): (chunk: Buffer) => Buffer {
  const state: State = {
    depth: 0,
    quoted: false,
    escaped: false,
    inResult: false,
    inSeries: false,
  };
  const series: { parts: Buffer[]; bytes: number } = { parts: [], bytes: 0 };
  let before = "";

  function keep(part: Buffer): void {
    series.bytes += part.byteLength;
    if (series.bytes > MAX_SERIES_BYTES) throw tooLong();
    series.parts.push(part);
  }

  function finish(part: Buffer): void {
    keep(part);
    onSeries(decode(series.parts));
    series.parts = [];
    series.bytes = 0;
  }

  return (chunk) => {
    const left: Buffer[] = [];
    let from = 0;
    for (let at = 0; at < chunk.byteLength; at++) {
      const event = step(state, chunk[at] ?? 0);
      if (event === "lists") state.inResult = isResultKey(before, chunk.subarray(from, at));
      else if (event === "begins") {
        left.push(chunk.subarray(from, at));
        from = at;
      } else if (event === "ends") {
        finish(chunk.subarray(from, at + 1));
        left.push(PLACEHOLDER);
        from = at + 1;
        before = "";
      }
    }
    const rest = chunk.subarray(from);
    if (state.inSeries) keep(rest);
    else left.push(rest);
    before = (before + rest.subarray(-KEY_ROOM).toString("latin1")).slice(-KEY_ROOM);
    return Buffer.concat(left);
  };
}

interface State {
  depth: number;
  quoted: boolean;
  escaped: boolean;
  inResult: boolean;
  inSeries: boolean;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
const OPEN_MAPPING = 0x7b;
const CLOSE_MAPPING = 0x7d;

/** "lists" when a list opens where the result may be, "begins" and "ends" at the brackets of a series. */
function step(state: State, byte: number): "lists" | "begins" | "ends" | undefined {
  if (state.quoted) {
    quote(state, byte);
    return undefined;
  }
  switch (byte) {
    case QUOTE:
      state.quoted = true;
      return undefined;
    case OPEN_LIST:
      state.depth++;
      return state.depth === RESULT_DEPTH ? "lists" : undefined;
    case OPEN_MAPPING:
      state.depth++;
      if (!state.inResult || state.inSeries || state.depth !== RESULT_DEPTH + 1) return undefined;
      state.inSeries = true;
      return "begins";
    case CLOSE_LIST:
    case CLOSE_MAPPING:
      return close(state);
    default:
      return undefined;
  }
}

function quote(state: State, byte: number): void {
  if (state.escaped) state.escaped = false;
  else if (byte === BACKSLASH) state.escaped = true;
  else if (byte === QUOTE) state.quoted = false;
}

function close(state: State): "ends" | undefined {
  state.depth--;
  if (state.depth < RESULT_DEPTH) state.inResult = false;
  if (!state.inSeries || state.depth > RESULT_DEPTH) return undefined;
  state.inSeries = false;
  return "ends";
}

function isResultKey(before: string, chunk: Buffer): boolean {
  return RESULT_KEY.test(before + chunk.subarray(-KEY_ROOM).toString("latin1"));
}

function decode(parts: readonly Buffer[]): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(Buffer.concat(parts));
  } catch {
    const message = "the answer holds a series that is not written in UTF-8";
    const fix = "check what answers at the endpoint";
    throw new SourceError({ reason: "InvalidAnswer", message, fix });
  }
}

function tooLong(): HttpError {
  return new HttpError("AnswerTooLarge", {
    message: `the answer holds a series longer than ${MAX_SERIES_BYTES / MIB} MiB`,
    fix: "ask for less, for example with a longer step",
  });
}
