import { limitSteps } from "./limits.ts";
import { type SimpleLine, simpleLines } from "./simple-lines.ts";
import { allAtOnce } from "./steps.ts";

/** In UTF-16 code units. */
const MAX_LENGTH = 512 * 1024;
const MAX_DEPTH = 32;
const PLAIN_CHARACTERS = /^[\n\x20-\x7e]*$/;
/** Without any of these, in quotes and comments too, a text is within the limits. */
const COUNTED = /[[{,&!?]|[-:] +[-:] +[-:]/;

/** One document: its value, and where the first of its entries stands, line and column counted from 1. */
export interface SimpleDocument {
  readonly value: unknown;
  readonly start: { readonly line: number; readonly column: number };
}

/**
 * The documents of a text where it is written in the simple part of YAML that most manifests keep to: ASCII,
 * block mappings and lists, one-line scalars that every reader understands alike, comments. Undefined for any other
 * text, also where the full reader would find a mistake; what is read is what the full reader reads, many times as fast.
 */
export function readSimpleYaml(text: string): readonly SimpleDocument[] | undefined {
  if (text.length > MAX_LENGTH || !PLAIN_CHARACTERS.test(text)) return undefined;
  if (COUNTED.test(text) && allAtOnce(limitSteps(text)) !== undefined) return undefined;
  const documents: (SimpleDocument | undefined)[] = [];
  let open: Draft = { lines: [], firstLine: 0 };
  let number = 0;
  let begun = false;
  for (const line of text.split("\n")) {
    number += 1;
    if (line === "---") {
      if (begun || open.lines.length > 0) documents.push(documentOf(open));
      open = { lines: [], firstLine: 0 };
      begun = true;
      continue;
    }
    const found = simpleLines(line);
    if (found === undefined) return undefined;
    if (open.lines.length === 0) open.firstLine = number;
    for (const one of found) open.lines.push(one);
  }
  documents.push(documentOf(open));
  return documents.every((document) => document !== undefined) ? documents : undefined;
}

/** What has been read of a document. */
interface Draft {
  readonly lines: SimpleLine[];
  firstLine: number;
}

/** Where reading has got to. */
interface Cursor {
  readonly lines: readonly SimpleLine[];
  at: number;
}

function documentOf({ lines, firstLine }: Draft): SimpleDocument | undefined {
  const cursor = { lines, at: 0 };
  const [first] = lines;
  if (first === undefined || first.type === "value") return undefined;
  const value = readBlock(cursor, first.indent, 0);
  if (value === undefined || cursor.at !== lines.length) return undefined;
  return { value, start: { line: firstLine, column: first.indent + 1 } };
}

/** The block whose entries stand at an indentation; undefined where one does not stand as it should. */
function readBlock(cursor: Cursor, indent: number, depth: number): unknown {
  if (depth > MAX_DEPTH) return undefined;
  const isList = cursor.lines[cursor.at]?.type === "dash";
  return isList ? readList(cursor, indent, depth) : readMapping(cursor, indent, depth);
}

function readList(cursor: Cursor, indent: number, depth: number): unknown {
  const items: unknown[] = [];
  for (let line = lineAt(cursor, indent); line?.type === "dash"; line = lineAt(cursor, indent)) {
    cursor.at += 1;
    const item = readItem(cursor, depth);
    if (item === undefined) return undefined;
    items.push(item);
  }
  return items;
}

/** What follows a dash on its line. */
function readItem(cursor: Cursor, depth: number): unknown {
  const line = cursor.lines[cursor.at];
  if (line?.type === "key") return readMapping(cursor, line.indent, depth + 1);
  if (line?.type !== "value") return undefined;
  cursor.at += 1;
  return line.value;
}

function readMapping(cursor: Cursor, indent: number, depth: number): unknown {
  const mapping: Record<string, unknown> = {};
  for (let line = lineAt(cursor, indent); line?.type === "key"; line = lineAt(cursor, indent)) {
    cursor.at += 1;
    const value = line.value ?? readBelow(cursor, indent, depth);
    if (value === undefined || Object.hasOwn(mapping, line.key)) return undefined;
    mapping[line.key] = value;
  }
  return mapping;
}

/** The block below a key: further in, or a list right under it. A key without a value is null, and not simple. */
function readBelow(cursor: Cursor, indent: number, depth: number): unknown {
  const next = cursor.lines[cursor.at];
  if (next === undefined || next.type === "value") return undefined;
  const isBelow = next.indent > indent || (next.indent === indent && next.type === "dash");
  return isBelow ? readBlock(cursor, next.indent, depth + 1) : undefined;
}

/** The next entry if it stands at that indentation. What stands elsewhere ends the block, and is its parents' or wrong. */
function lineAt({ lines, at }: Cursor, indent: number): SimpleLine | undefined {
  const line = lines[at];
  return line?.indent === indent ? line : undefined;
}
