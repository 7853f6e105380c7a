import { printable } from "../../api/printable.ts";
import type { LocatedProblem } from "./problem-at.ts";

// All but these YAML calls printable (1.2.2, chapter 5.1), and kubectl's reader stops at them.
const STRANGE = /[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u;

/** What stands in a text where its bytes could not be decoded. */
const NOT_UTF8 = "\ufffe";

/** The first character of a text that YAML does not allow, such as those of a binary file or of an escape sequence. */
export function characterProblem(file: string, text: string): LocatedProblem | undefined {
  const offset = text.search(STRANGE);
  if (offset === -1) return undefined;
  const before = text.slice(0, offset);
  const lineStart = before.lastIndexOf("\n") + 1;
  const character = printable(String.fromCodePoint(text.codePointAt(offset) ?? 0));
  const words =
    character === NOT_UTF8
      ? { what: "not YAML: the bytes there are no UTF-8", fix: "save the file as UTF-8" }
      : {
          what: `not YAML: the character ${character} may not stand in it`,
          fix: "remove it, or write it as an escape inside double quotes",
        };
  return {
    rule: "DROP1101",
    home: "file",
    reason: "FieldValueInvalid",
    path: [],
    ...words,
    file,
    line: before.split("\n").length,
    column: offset - lineStart + 1,
  };
}
