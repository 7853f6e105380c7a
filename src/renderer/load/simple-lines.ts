/** One entry of a block: the dash of a list, the key of a mapping, or a value that stands alone. */
export type SimpleLine =
  | { readonly type: "dash"; readonly indent: number }
  | { readonly type: "value"; readonly indent: number; readonly value: unknown }
  /** Without `value` what belongs to the key stands on the lines below. */
  | {
      readonly type: "key";
      readonly indent: number;
      readonly key: string;
      readonly value?: unknown;
    };

const TEXT = "[A-Za-z/][\\w./@-]*(?::[\\w./@-]+)*(?: [A-Za-z][\\w./@-]*)*";
const VERSION = "[0-9]+(?:\\.[0-9]+){2,}(?:-[A-Za-z][\\w.-]*)?";
const DURATION = "[0-9]+(?:ms|[smhdw])";
const NUMBER = "0|[1-9][0-9]{0,14}";
/** The escapes are those that JSON has too. */
const QUOTED = `"(?:[^"\\\\]|\\\\["\\\\/bfnrt])*"|'[^']*'`;
const KEY = `[A-Za-z][\\w./-]*|${QUOTED}`;
const VALUE = `${TEXT}|${VERSION}|${DURATION}|${NUMBER}|${QUOTED}|\\[\\]|\\{\\}`;

/** Unambiguous from left to right, so that it takes time linear to the line. Trailing spaces are gone before. */
const LINE = new RegExp(`^( *)(- (?! ))?(?:(${KEY}):(?: +(?! )|$))?(?:(${VALUE})(?: +#.*)?|#.*)?$`);

/** What readers of YAML take for a boolean or null in some case and version. */
const WORDS: ReadonlySet<string> = new Set([
  ...["y", "n", "yes", "no", "on", "off", "true", "false", "null"],
]);
const LONGEST_WORD = 5;

/** Beyond about as many a YAML parser wants keys written otherwise. In UTF-16 code units. */
const MAX_LINE = 1_000;

/** The entries of one line, none for a comment or an empty line; undefined when it is not of the simple kind. */
export function simpleLines(line: string): readonly SimpleLine[] | undefined {
  if (line.length > MAX_LINE) return undefined;
  const match = LINE.exec(line.trimEnd());
  if (match === null) return undefined;
  const [, space = "", dash, quotedKey, written] = match;
  const value = written === undefined ? undefined : scalarOf(written);
  if (written !== undefined && value === undefined) return undefined;
  const isEntry = quotedKey !== undefined || value !== undefined;
  if (dash !== undefined && !isEntry) return undefined;
  const indent = space.length + (dash === undefined ? 0 : dash.length);
  const entries: SimpleLine[] = dash === undefined ? [] : [{ type: "dash", indent: space.length }];
  if (quotedKey !== undefined) {
    const key = keyOf(quotedKey);
    if (key === undefined) return undefined;
    entries.push({ type: "key", indent, key, ...(value !== undefined && { value }) });
  } else if (value !== undefined) {
    entries.push({ type: "value", indent, value });
  }
  return entries;
}

function keyOf(written: string): string | undefined {
  if (isQuoted(written)) {
    const key = unquoted(written);
    return key === "__proto__" ? undefined : key;
  }
  return isWord(written) ? undefined : written;
}

function scalarOf(written: string): unknown {
  if (isQuoted(written)) return unquoted(written);
  if (written === "true" || written === "false") return written === "true";
  if (isWord(written)) return undefined;
  if (/^[0-9]+$/.test(written)) return Number(written);
  if (written === "[]") return [];
  return written === "{}" ? {} : written;
}

function unquoted(written: string): string {
  const hasEscapes = written.startsWith('"') && written.includes("\\");
  return hasEscapes ? String(JSON.parse(written)) : written.slice(1, -1);
}

function isQuoted(written: string): boolean {
  return written.startsWith('"') || written.startsWith("'");
}

function isWord(written: string): boolean {
  return written.length <= LONGEST_WORD && WORDS.has(written.toLowerCase());
}
