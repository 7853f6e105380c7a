// Unicode's own property for this, East Asian Width, is not to be had in regular expressions: the scripts that it
// calls wide are, and so are the emoji. Half-width forms of Katakana and Hangul belong to those scripts but are narrow.
const WIDE =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Bopomofo}\p{Script=Yi}\p{Emoji_Presentation}\u3000-\u303e\uff01-\uff60\uffe0-\uffe6]/u;
const NARROW = /[\uff61-\uffdc\u{1f1e6}-\u{1f1ff}]/u;
const COMBINING = /[\p{Mn}\p{Me}]/u;
const PLAIN = /^[\u0020-\u007e]*$/;

/** How many columns of a terminal a text without control characters takes. */
export function displayWidth(text: string): number {
  if (PLAIN.test(text)) return text.length;
  let width = 0;
  for (const char of text) width += charWidth(char);
  return width;
}

function charWidth(char: string): 0 | 1 | 2 {
  if (COMBINING.test(char)) return 0;
  return WIDE.test(char) && !NARROW.test(char) ? 2 : 1;
}

/** The text filled up with spaces to so many columns. */
export function padToWidth(text: string, columns: number): string {
  return text + " ".repeat(Math.max(0, columns - displayWidth(text)));
}

/** The beginning of a text that fits into so many columns, with "…" at its end where something is cut off. */
export function cutToWidth(text: string, columns: number): string {
  if (displayWidth(text) <= columns) return text;
  return columns < 1 ? "" : `${fitting(text, columns - 1)}…`;
}

/** The end of a text that fits into so many columns, with "…" at its beginning where something is cut off. */
export function cutStartToWidth(text: string, columns: number): string {
  if (displayWidth(text) <= columns) return text;
  if (columns < 1) return "";
  const reversed = Array.from(text).reverse();
  return `…${Array.from(fitting(reversed, columns - 1))
    .reverse()
    .join("")}`;
}

function fitting(chars: Iterable<string>, columns: number): string {
  let taken = "";
  let width = 0;
  for (const char of chars) {
    width += charWidth(char);
    if (width > columns) break;
    taken += char;
  }
  return taken;
}
