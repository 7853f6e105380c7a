const SHOWN_CHARACTERS = 24;

/** A part of a pattern for a message, in double quotes: at most 24 characters, and all but printable ASCII as `\x{…}`. */
export function excerpt(source: string, start: number, end: number): string {
  // A code point has at most two code units, so only a bounded piece is ever spread out.
  const characters = Array.from(source.slice(start, Math.min(end, start + 4 * SHOWN_CHARACTERS)));
  const shown = characters.slice(0, SHOWN_CHARACTERS).map(printable).join("");
  return characters.length > SHOWN_CHARACTERS ? `"${shown}…"` : `"${shown}"`;
}

function printable(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  return code >= 0x20 && code <= 0x7e ? character : `\\x{${code.toString(16)}}`;
}

/** What a sticky (`y`) regular expression finds at exactly this offset. */
export function matchAt(sticky: RegExp, source: string, at: number): RegExpExecArray | undefined {
  sticky.lastIndex = at;
  return sticky.exec(source) ?? undefined;
}
