import { type Fault, type Parsed, parsed } from "../parsed.ts";
import { type CharacterClass, readClass, readNamedSet } from "./classes.ts";
import { readCharacter } from "./escapes.ts";
import { matchAt } from "./excerpt.ts";
import { readOpening, repeatedName, unclosedGroup, unopenedGroup } from "./groups.ts";
import { idleRepeat, readRepeat, stackedRepeat } from "./repeats.ts";

/** One piece of a pattern's syntax; offsets in UTF-16 code units, `end` exclusive. */
export type Token = { readonly start: number; readonly end: number } & Piece;

type Piece =
  /** Matches one character. `width` and `tables` say what its class costs. */
  | { readonly kind: "atom"; readonly width: number; readonly tables: number }
  /** `\Q…\E`, with the number of code points between them; without `\E` it lasts to the end and is not `closed`. */
  | { readonly kind: "quote"; readonly characters: number; readonly closed: boolean }
  /** `^ $ \A \z \b \B`. */
  | { readonly kind: "assertion" }
  /** `(?i)`: holds until the group around it ends. */
  | { readonly kind: "flags" }
  | { readonly kind: "open"; readonly name?: string }
  /** `(?=`, `(?!`, `(?<=` or `(?<!`, closed by a `close` like any group. */
  | { readonly kind: "look" }
  | { readonly kind: "close" }
  | { readonly kind: "bar" }
  /** At most `most` times; 1 for `?`, `*` and `+`. */
  | { readonly kind: "repeat"; readonly most: number };

/** A pattern's tokens, up to the first mistake when there is one. */
export interface Tokens {
  readonly tokens: readonly Token[];
  readonly fault?: Fault;
}

const ASSERTION = /[\^$]|\\[AzbB]/y;

/**
 * Splits a well-formed string into the tokens of RE2's syntax (as Go's regexp/syntax reads it), look-around included.
 * Total and linear; everything that Go's parser refuses, but look-around and sizes, is a fault with its offset.
 */
export function tokenize(source: string): Tokens {
  const tokens: Token[] = [];
  const names = new Set<string>();
  const open: number[] = [];
  for (let at = 0; at < source.length; at = tokens.at(-1)?.end ?? source.length) {
    const token = readToken(source, at);
    if (!token.ok) return { tokens, fault: token.fault };
    const fault = take(token.value, { source, tokens, names, open });
    if (fault !== undefined) return { tokens, fault };
    tokens.push(token.value);
  }
  const unclosed = open.at(-1);
  return unclosed === undefined ? { tokens } : { tokens, fault: unclosedGroup(unclosed) };
}

function readToken(source: string, start: number): Parsed<Token> {
  switch (source[start]) {
    case "(":
      return readOpening(source, start);
    case ")":
      return parsed({ kind: "close", start, end: start + 1 });
    case "|":
      return parsed({ kind: "bar", start, end: start + 1 });
    case "[":
      return atom(start, readClass(source, start));
    default:
      return readRepeat(source, start) ?? readPosition(source, start);
  }
}

function readPosition(source: string, start: number): Parsed<Token> {
  const assertion = matchAt(ASSERTION, source, start);
  if (assertion !== undefined) {
    return parsed({ kind: "assertion", start, end: start + assertion[0].length });
  }
  if (source.startsWith("\\Q", start)) return parsed(readQuote(source, start));
  const set = readNamedSet(source, start);
  if (set !== undefined) return atom(start, set);
  const character = readCharacter(source, start);
  if (!character.ok) return character;
  return parsed({ kind: "atom", start, end: character.value.end, width: 0, tables: 0 });
}

function atom(start: number, set: Parsed<CharacterClass>): Parsed<Token> {
  if (!set.ok) return set;
  const { end, width, tables } = set.value;
  return parsed({ kind: "atom", start, end, width, tables });
}

function readQuote(source: string, start: number): Token {
  const close = source.indexOf("\\E", start + 2);
  const textEnd = close < 0 ? source.length : close;
  const characters = Array.from(source.slice(start + 2, textEnd)).length;
  return {
    kind: "quote",
    start,
    end: close < 0 ? textEnd : close + 2,
    characters,
    closed: close >= 0,
  };
}

interface Before {
  readonly source: string;
  readonly tokens: readonly Token[];
  /** Names of groups so far. */
  readonly names: Set<string>;
  /** Offsets of the groups still open. */
  readonly open: number[];
}

/** Adds a token's group and name to what came before it, or says why it cannot stand there. */
function take(token: Token, before: Before): Fault | undefined {
  switch (token.kind) {
    case "look":
      before.open.push(token.start);
      return undefined;
    case "open":
      before.open.push(token.start);
      return takeName(token, before.names);
    case "close":
      return before.open.pop() === undefined ? unopenedGroup(token.start) : undefined;
    case "repeat":
      return misplacedRepeat(token, before);
    default:
      return undefined;
  }
}

function takeName(
  { start, name }: Token & { kind: "open" },
  names: Set<string>,
): Fault | undefined {
  if (name === undefined) return undefined;
  if (names.has(name)) return repeatedName(name, start);
  names.add(name);
  return undefined;
}

function misplacedRepeat({ start, end }: Token, { source, tokens }: Before): Fault | undefined {
  if (tokens.at(-1)?.kind === "repeat") return stackedRepeat(source, start, end);
  const subject = tokens.findLast(isSubstantial)?.kind;
  const isIdle = subject === undefined || subject === "open" || subject === "bar";
  return isIdle || subject === "look" ? idleRepeat(source, start, end) : undefined;
}

/** Flags and an empty `\Q\E` leave no trace: a repetition after them is about what stands before them. */
export function isSubstantial(token: Token): boolean {
  return token.kind !== "flags" && !(token.kind === "quote" && token.characters === 0);
}
