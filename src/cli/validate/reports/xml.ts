// XML 1.0 allows tab, line feed and carriage return of the control characters, no half of a surrogate pair, and
// neither U+FFFE nor U+FFFF, not even as references.
const FORBIDDEN = /[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu;

// A parser turns line ends in attributes to spaces, and drops carriage returns everywhere, unless written so.
const MARKUP = /[&<>"'\t\n\r]/g;

const REFERENCES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&apos;",
};

/** An element with its attributes; the children are XML already. */
export function element(
  name: string,
  attributes: Readonly<Record<string, string | number>>,
  children: readonly string[] = [],
): string {
  const written = Object.entries(attributes).map(([key, value]) => ` ${key}="${escaped(value)}"`);
  const start = `<${name}${written.join("")}`;
  return children.length === 0 ? `${start}/>` : `${start}>${children.join("")}</${name}>`;
}

/** Text between tags. Characters that XML cannot hold are written as `\u{…}`. */
export function xmlText(text: string): string {
  return allowed(text).replace(/[&<>\r]/g, reference);
}

function escaped(value: string | number): string {
  return allowed(String(value)).replace(MARKUP, reference);
}

function allowed(text: string): string {
  return text.replace(FORBIDDEN, (char) => `\\u{${(char.codePointAt(0) ?? 0).toString(16)}}`);
}

function reference(char: string): string {
  return REFERENCES[char] ?? `&#${char.charCodeAt(0)};`;
}
