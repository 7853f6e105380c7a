import { faulty, type Parsed, parsed } from "../parsed.ts";
import type { Value } from "./ast.ts";
import { unquote } from "./string.ts";

/** A piece of a template's source; white space inside an action separates operands and so is a token. */
export type Token = { readonly at: number } & (
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "constant"; readonly value: Value }
  | { readonly kind: "field" | "word"; readonly name: string }
  | { readonly kind: Mark }
);
type Mark = "open" | "close" | "space" | "pipe" | "left" | "right";

const OPEN_TRIMMING = /^\{\{-[ \t\r\n]/;
const CLOSE = /^(?:[ \t\r\n]-)?\}\}/;
/** Stops before the white space that belongs to a closing `-}}`. */
const SPACE = /^[ \t\r\n]+?(?=[ \t\r\n]-\}\})|^[ \t\r\n]+/;
const QUOTED = /^"(?:[^"\\\n]|\\[^\n])*"|^`[^`]*`/;
const NUMBER = /^[+-]?[.]?[0-9][\w.+-]*/;
const FIELD = /^[.][\p{L}\p{Nd}_]*/u;
const WORD = /^[\p{L}\p{Nd}_]+/u;
const MARKS: ReadonlyMap<string, Mark> = new Map([
  ["|", "pipe"],
  ["(", "left"],
  [")", "right"],
]);
const BLANKS_BEFORE = /[ \t\r\n]+$/;
const BLANKS_AFTER = /^[ \t\r\n]+/;

/** Splits a template of at most 1,024 characters into text and actions, with white space trimmed as the dashes ask. */
export function lexTemplate(source: string): Parsed<readonly Token[]> {
  const tokens: Token[] = [];
  let at = 0;
  while (at < source.length) {
    const open = source.indexOf("{{", at);
    const trims = open !== -1 && OPEN_TRIMMING.test(source.slice(open));
    const raw = source.slice(at, open === -1 ? undefined : open);
    const text = trims ? raw.replace(BLANKS_BEFORE, "") : raw;
    if (text !== "") tokens.push({ kind: "text", text, at });
    if (open === -1) break;

    const inside = open + (trims ? "{{- " : "{{").length;
    const end = lexBraces(source, { open, inside, tokens });
    if (!end.ok) return end;
    at = end.value;
  }
  return parsed(tokens);
}

interface Braces {
  readonly open: number;
  /** Behind the opening braces, their dash and its space. */
  readonly inside: number;
  readonly tokens: Token[];
}

/** Adds the tokens of one action, or none for a comment, and gives the offset where text goes on. */
function lexBraces(source: string, { open, inside, tokens }: Braces): Parsed<number> {
  if (source.startsWith("/*", inside)) return afterComment(source, inside);

  tokens.push({ kind: "open", at: open });
  let at = inside;
  while (at < source.length) {
    const rest = source.slice(at);
    const close = CLOSE.exec(rest)?.[0];
    if (close !== undefined) {
      tokens.push({ kind: "close", at });
      return parsed(afterClose(source, at, close));
    }
    const token = lexToken(rest, at);
    if (!token.ok) return token;
    tokens.push(token.value.token);
    at += token.value.length;
  }
  return faulty("the action is not closed", 'write "}}" at its end', open);
}

function afterComment(source: string, start: number): Parsed<number> {
  const end = source.indexOf("*/", start + 2);
  if (end === -1) return faulty("the comment is not closed", 'write "*/}}" at its end', start);
  const close = CLOSE.exec(source.slice(end + 2))?.[0];
  if (close !== undefined) return parsed(afterClose(source, end + 2, close));
  return faulty(
    "an action holds a comment or something else, never both",
    'close the comment with "*/}}" or "*/ -}}"',
    end,
  );
}

function afterClose(source: string, at: number, close: string): number {
  const end = at + close.length;
  if (close === "}}") return end;
  return end + (BLANKS_AFTER.exec(source.slice(end))?.[0].length ?? 0);
}

interface Lexed {
  readonly token: Token;
  readonly length: number;
}

function lexToken(rest: string, at: number): Parsed<Lexed> {
  const space = SPACE.exec(rest)?.[0];
  if (space !== undefined) return parsed({ token: { kind: "space", at }, length: space.length });
  const mark = MARKS.get(rest.charAt(0));
  if (mark !== undefined) return parsed({ token: { kind: mark, at }, length: 1 });
  const quoted = QUOTED.exec(rest)?.[0];
  if (quoted !== undefined) return stringToken(quoted, at);
  const number = NUMBER.exec(rest)?.[0];
  if (number !== undefined) return numberToken(number, at);
  const field = FIELD.exec(rest)?.[0];
  if (field !== undefined) {
    return parsed({ token: { kind: "field", name: field, at }, length: field.length });
  }
  const word = WORD.exec(rest)?.[0];
  if (word !== undefined) return parsed({ token: wordToken(word, at), length: word.length });
  return strangeCharacter(rest, at);
}

function wordToken(name: string, at: number): Token {
  if (name !== "true" && name !== "false") return { kind: "word", name, at };
  return { kind: "constant", value: name === "true", at };
}

function stringToken(literal: string, at: number): Parsed<Lexed> {
  const value = unquote(literal);
  if (value !== undefined) {
    return parsed({ token: { kind: "constant", value, at }, length: literal.length });
  }
  return faulty(
    "the text in quotes has an escape that is not available",
    String.raw`use \\, \", \n, \t or \u and four hexadecimal digits, or put the text between backquotes`,
    at,
  );
}

function numberToken(number: string, at: number): Parsed<Lexed> {
  const value = Number(number);
  if (/^[+-]?(?:0|[1-9][0-9]*)$/.test(number) && Number.isSafeInteger(value)) {
    // Adding zero turns -0 into 0, which is what Go writes.
    return parsed({ token: { kind: "constant", value: value + 0, at }, length: number.length });
  }
  const fix = "write a whole decimal number without leading zeros, or put it in quotes as text";
  return faulty(`the number ${JSON.stringify(number)} is not available`, fix, at);
}

function strangeCharacter(rest: string, at: number): Parsed<never> {
  if (rest.startsWith('"') || rest.startsWith("`")) {
    return faulty("the quoted text is not closed", `write ${rest.charAt(0)} at its end`, at);
  }
  if (rest.startsWith("$") || /^:?=/.test(rest)) {
    return faulty(
      "variables of one's own are not available in an image template",
      "repeat the expression where it is needed",
      at,
    );
  }
  const character = String.fromCodePoint(rest.codePointAt(0) ?? 0);
  const fix = 'put text between double quotes, and separate operands with spaces or "|"';
  return faulty(`an action cannot contain ${JSON.stringify(character)} here`, fix, at);
}
