// Control characters, line and paragraph separators, and the marks that turn the direction of text around:
// any of them could forge a line of a log or a terminal.
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

/** Text from outside, safe to print on one line: unprintable characters as `\u{…}`, cut to `max` characters. */
export function printable(text: string, max = 200): string {
  const cut = text.length > max ? `${text.slice(0, max)}…` : text;
  return cut.replaceAll(UNPRINTABLE, (char) => `\\u{${(char.codePointAt(0) ?? 0).toString(16)}}`);
}

/** A value as people know it from YAML and JSON, on one line, cut to `max` characters. */
export function shown(value: unknown, max = 60): string {
  if (Array.isArray(value)) return value.length === 0 ? "an empty list" : "a list";
  if (typeof value === "object" && value !== null) return "a mapping";
  if (typeof value === "string") return printable(JSON.stringify(value.slice(0, max + 1)), max + 2);
  return printable(String(value), max);
}
