import type { Sieve } from "./http-body.ts";

/** Which list of a JSON text is taken apart, and how. */
export interface ListSplitterOptions {
  /** The key that the list stands under. */
  readonly key: string;
  /** How many brackets are open inside the list: 2 for `{"items": [`. */
  readonly depth: number;
  /** Of one mapping in the list. */
  readonly maxBytes: number;
  /** Takes the text of one mapping. */
  readonly onItem: (text: string) => void;
  /** The error for a mapping that is longer. */
  readonly tooLong: () => Error;
  /** The error for a mapping that is not written in UTF-8. */
  readonly notText: () => Error;
}

/** What stands where a mapping was taken out, so that the rest is still JSON. */
const PLACEHOLDER = Buffer.from("0");

const KEY_ROOM = 64;

/**
 * Takes each mapping out of one list of an answer while it comes, so that no more than one is held at a time; gives back
 * what is left of each chunk, with a 0 for every mapping.
 */
export function listSplitter(options: ListSplitterOptions): Sieve {
  const { key, depth, onItem } = options;
  const isKey = new RegExp(`(?<!\\\\)"${key}"\\s*:\\s*$`);
  const state: State = { depth: 0, listDepth: depth, ...CLOSED };
  const item = collector(options);
  let before = "";

  return (chunk) => {
    const left: Buffer[] = [];
    let from = 0;
    const next = skipper(state, chunk);
    for (let at = next(0); at < chunk.byteLength; at = next(at + 1)) {
      const event = step(state, chunk[at] ?? 0);
      if (event === "lists") {
        state.isInList = isKey.test(before + latin(chunk.subarray(from, at)));
      } else if (event === "begins") {
        left.push(chunk.subarray(from, at));
        from = at;
      } else if (event === "ends") {
        item.keep(chunk.subarray(from, at + 1));
        onItem(item.text());
        left.push(PLACEHOLDER);
        from = at + 1;
        before = "";
      }
    }
    const rest = chunk.subarray(from);
    if (state.isInItem) item.keep(rest);
    else left.push(rest);
    before = (before + latin(rest)).slice(-KEY_ROOM);
    return Buffer.concat(left);
  };
}

function latin(bytes: Buffer): string {
  return bytes.subarray(-KEY_ROOM).toString("latin1");
}

/** The bytes of one mapping, as they come. */
function collector({ maxBytes, tooLong, notText }: ListSplitterOptions) {
  let parts: Buffer[] = [];
  let bytes = 0;
  return {
    keep(part: Buffer): void {
      bytes += part.byteLength;
      if (bytes > maxBytes) throw tooLong();
      parts.push(part);
    },
    text(): string {
      const whole = Buffer.concat(parts);
      parts = [];
      bytes = 0;
      try {
        return new TextDecoder("utf-8", { fatal: true }).decode(whole);
      } catch {
        throw notText();
      }
    },
  };
}

interface State {
  depth: number;
  readonly listDepth: number;
  isQuoted: boolean;
  isEscaped: boolean;
  isInList: boolean;
  isInItem: boolean;
}

const CLOSED = { isQuoted: false, isEscaped: false, isInList: false, isInItem: false };

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
const OPEN_MAPPING = 0x7b;
const CLOSE_MAPPING = 0x7d;

/** Most bytes stand inside quotes: the next one that counts is looked for natively, and never twice. */
function skipper(state: State, chunk: Buffer): (at: number) => number {
  let [quoteAt, backslashAt] = [-1, -1];
  const find = (byte: number, at: number) => {
    const found = chunk.indexOf(byte, at);
    return found === -1 ? chunk.byteLength : found;
  };
  return (at) => {
    if (!state.isQuoted || state.isEscaped) return at;
    if (quoteAt < at) quoteAt = find(QUOTE, at);
    if (backslashAt < at) backslashAt = find(BACKSLASH, at);
    return Math.min(quoteAt, backslashAt);
  };
}

/** "lists" when a list opens where the wanted one may be, "begins" and "ends" at the brackets of a mapping in it. */
function step(state: State, byte: number): "lists" | "begins" | "ends" | undefined {
  if (state.isQuoted) {
    quote(state, byte);
    return undefined;
  }
  switch (byte) {
    case QUOTE:
      state.isQuoted = true;
      return undefined;
    case OPEN_LIST:
      state.depth++;
      return state.depth === state.listDepth ? "lists" : undefined;
    case OPEN_MAPPING:
      state.depth++;
      if (!state.isInList || state.isInItem || state.depth !== state.listDepth + 1)
        return undefined;
      state.isInItem = true;
      return "begins";
    case CLOSE_LIST:
    case CLOSE_MAPPING:
      return close(state);
    default:
      return undefined;
  }
}

function quote(state: State, byte: number): void {
  if (state.isEscaped) state.isEscaped = false;
  else if (byte === BACKSLASH) state.isEscaped = true;
  else if (byte === QUOTE) state.isQuoted = false;
}

function close(state: State): "ends" | undefined {
  state.depth--;
  if (state.depth < state.listDepth) state.isInList = false;
  if (!state.isInItem || state.depth > state.listDepth) return undefined;
  state.isInItem = false;
  return "ends";
}
