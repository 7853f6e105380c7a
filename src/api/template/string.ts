const SIMPLE: ReadonlyMap<string, string> = new Map([
  ["a", "\u0007"],
  ["b", "\b"],
  ["f", "\f"],
  ["n", "\n"],
  ["r", "\r"],
  ["t", "\t"],
  ["v", "\v"],
  ["\\", "\\"],
  ['"', '"'],
]);
const LETTERS: ReadonlyMap<string, string> = new Map(
  Array.from(SIMPLE, ([letter, character]) => [character, letter]),
);
const ESCAPE =
  /\\(?:([abfnrtv\\"])|x([0-9a-fA-F]{2})|([0-7]{3})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|.|$)/gsu;
const PRINTABLE = /^[ \p{L}\p{M}\p{N}\p{P}\p{S}]$/u;

/**
 * The text of a Go string literal in double or back quotes, or undefined when an escape is wrong or stands for a byte
 * that is no character of its own.
 */
export function unquote(literal: string): string | undefined {
  const body = literal.slice(1, -1);
  if (literal.startsWith("`")) return body.replaceAll("\r", "");
  let text = "";
  let copied = 0;
  for (const match of body.matchAll(ESCAPE)) {
    const [written, letter, hex, octal, short, long] = match;
    const character = SIMPLE.get(letter ?? "") ?? encoded({ hex, octal, unicode: short ?? long });
    if (character === undefined) return undefined;
    text += body.slice(copied, match.index) + character;
    copied = match.index + written.length;
  }
  return text + body.slice(copied);
}

interface Code {
  readonly hex: string | undefined;
  readonly octal: string | undefined;
  readonly unicode: string | undefined;
}

function encoded({ hex, octal, unicode }: Code): string | undefined {
  if (unicode !== undefined) {
    const code = Number.parseInt(unicode, 16);
    const valid = code <= 0x10_ffff && (code < 0xd800 || code > 0xdfff);
    return valid ? String.fromCodePoint(code) : undefined;
  }
  const byte = hex === undefined ? Number.parseInt(octal ?? "", 8) : Number.parseInt(hex, 16);
  return byte < 0x80 ? String.fromCodePoint(byte) : undefined;
}

/** A text as a Go string literal in double quotes, the verb %q. */
export function quote(text: string): string {
  const quoted = Array.from(text.toWellFormed(), (character) => {
    const letter = LETTERS.get(character);
    if (letter !== undefined) return `\\${letter}`;
    return PRINTABLE.test(character) ? character : escaped(character.codePointAt(0) ?? 0);
  });
  return `"${quoted.join("")}"`;
}

function escaped(code: number): string {
  const hex = code.toString(16);
  if (code < 0x80) return `\\x${hex.padStart(2, "0")}`;
  return code < 0x1_0000 ? `\\u${hex.padStart(4, "0")}` : `\\U${hex.padStart(8, "0")}`;
}
