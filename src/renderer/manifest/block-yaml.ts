import { isRecord, type UnknownRecord } from "../../api/record.ts";
import { isPlainText, isQuotedField } from "./yaml-quoting.ts";

/** Beyond this the YAML library writes keys in a form of their own. In UTF-16 code units. */
const MAX_KEY_LENGTH = 512;

/**
 * A mapping as a block of YAML, byte for byte what the YAML library writes for it and many times as fast; undefined
 * for what only the library knows how to write: null, numbers other than small integers, a list in a list, odd keys.
 */
export function blockYaml(value: unknown): string | undefined {
  if (!isRecord(value) || isEmpty(value)) return undefined;
  const lines: string[] = [];
  return addFields(lines, value, { indent: "", first: "", quoted: false })
    ? `${lines.join("\n")}\n`
    : undefined;
}

interface Place {
  readonly indent: string;
  /** What stands before the first field: its indentation, or the dash of the list entry that it begins. */
  readonly first: string;
  /** Whether a field above wants its texts in quotes. */
  readonly quoted: boolean;
}

/** Whether every field could be written. */
function addFields(lines: string[], record: UnknownRecord, place: Place): boolean {
  let start = place.first;
  for (const key of Object.keys(record)) {
    const value = record[key];
    if (key === "" || key.length > MAX_KEY_LENGTH) return false;
    const quoted = place.quoted || isQuotedField(key);
    const head = `${start}${textOf(key, false)}:`;
    if (!addValue(lines, value, { head, indent: place.indent, quoted })) return false;
    start = place.indent;
  }
  return true;
}

interface Field {
  readonly head: string;
  readonly indent: string;
  readonly quoted: boolean;
}

function addValue(lines: string[], value: unknown, { head, indent, quoted }: Field): boolean {
  const inner = `${indent}  `;
  if (Array.isArray(value) && value.length > 0) {
    lines.push(head);
    return value.every((item) =>
      addItem(lines, item, { head: `${inner}-`, indent: inner, quoted }),
    );
  }
  if (isRecord(value) && !isEmpty(value)) {
    lines.push(head);
    return addFields(lines, value, { indent: inner, first: inner, quoted });
  }
  const text = scalarOf(value, quoted);
  if (text === undefined) return false;
  lines.push(`${head} ${text}`);
  return true;
}

function addItem(lines: string[], item: unknown, field: Field): boolean {
  if (Array.isArray(item) && item.length > 0) return false;
  if (!isRecord(item) || isEmpty(item)) return addValue(lines, item, field);
  const inner = `${field.indent}  `;
  return addFields(lines, item, { indent: inner, first: `${field.head} `, quoted: field.quoted });
}

/** Also the two collections that are written on the line of their key: empty ones. */
function scalarOf(value: unknown, quoted: boolean): string | undefined {
  if (typeof value === "string") return textOf(value, quoted);
  if (typeof value === "boolean") return String(value);
  if (typeof value === "number") return isPlainNumber(value) ? String(value) : undefined;
  if (Array.isArray(value)) return "[]";
  return isRecord(value) ? "{}" : undefined;
}

/** A text as a scalar: in quotes, as JSON has it, where some reader would take it for something else, or where asked. */
export function textOf(text: string, quoted: boolean): string {
  return !quoted && isPlainText(text) ? text : JSON.stringify(text);
}

function isPlainNumber(value: number): boolean {
  return Number.isSafeInteger(value) && !Object.is(value, -0);
}

function isEmpty(record: UnknownRecord): boolean {
  for (const key in record) if (Object.hasOwn(record, key)) return false;
  return true;
}
