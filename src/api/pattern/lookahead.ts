import { type Fault, faulty, type Parsed, parsed } from "../parsed.ts";
import { excerpt } from "./excerpt.ts";
import { isSubstantial, type Token } from "./tokens.ts";

/**
 * The beginning of a pattern that is split at its negative look-aheads, in the common part of RE2's and JavaScript's
 * syntax, so that a CEL rule can repeat it word for word.
 */
export const LOOK_AHEAD_PREFIX = "^(\\(\\?[isU]+\\))?(\\^|\\\\A)\\(\\?!";

const prefix = new RegExp(LOOK_AHEAD_PREFIX);

/** Whether only code can judge a pattern, because it begins with `^(?!`: everything else is plain RE2. */
export function beginsWithLookAhead(source: string): boolean {
  return prefix.test(source);
}

/** A pattern as RE2 can match it: `required` must match and `excluded`, when there is one, must not. */
export interface Halves {
  readonly required: string;
  readonly excluded?: string;
}

/**
 * Splits `FLAGS^(?!X)(?!Y)REST` into `FLAGS^(?:REST)` and `FLAGS^(?:(?:X)|(?:Y))`; any other look-around is a fault.
 * `tokens` may end early, at a mistake that the caller reports when this finds none. `excludeField` names the field
 * that says what to leave out, for the advice.
 */
export function splitLookAhead(
  source: string,
  tokens: readonly Token[],
  excludeField?: string,
): Parsed<Halves> {
  const groups = leadingLookAheads(source, tokens);
  const split = new Set(groups.map(({ look }) => look));
  const stray = tokens.find((token) => token.kind === "look" && !split.has(token));
  if (stray !== undefined) return { ok: false, fault: refusedLook(source, stray, excludeField) };
  const last = groups.at(-1);
  if (last === undefined) return parsed({ required: source });
  const rest = tokens.slice(last.next);
  const fault = restFault(source, rest);
  if (fault !== undefined) return { ok: false, fault };
  const flags = tokens[0]?.kind === "flags" ? source.slice(0, tokens[0].end) : "";
  const restText = closedQuote(source.slice(rest[0]?.start ?? source.length), rest.at(-1));
  const excluded = groups.map(({ text }) => `(?:${text})`).join("|");
  return parsed({ required: `${flags}^(?:${restText})`, excluded: `${flags}^(?:${excluded})` });
}

interface LookAhead {
  readonly look: Token;
  /** What must not match. */
  readonly text: string;
  /** The index of the first token after it. */
  readonly next: number;
}

/** The `(?!X)` one after another at the beginning, if the pattern begins as one that is split. */
function leadingLookAheads(source: string, tokens: readonly Token[]): readonly LookAhead[] {
  if (!beginsWithLookAhead(source)) return [];
  const groups: LookAhead[] = [];
  let next = tokens.findIndex((token) => token.kind === "look");
  for (let look = tokens[next]; look !== undefined && isNegativeAhead(source, look); ) {
    const close = closing(tokens, next);
    next = close + 1;
    groups.push({ look, text: source.slice(look.end, tokens[close]?.start), next });
    look = tokens[next];
  }
  return groups;
}

function isNegativeAhead(source: string, { start, end }: Token): boolean {
  return source.slice(start, end) === "(?!";
}

/** The index of the token that closes the group which opens at this one. */
function closing(tokens: readonly Token[], opening: number): number {
  let depth = 0;
  for (let index = opening; index < tokens.length; index += 1) {
    depth += nesting(tokens[index]);
    if (depth === 0) return index;
  }
  return tokens.length;
}

function nesting(token: Token | undefined): number {
  if (token?.kind === "open" || token?.kind === "look") return 1;
  return token?.kind === "close" ? -1 : 0;
}

/** `\Q` without `\E` lasts to the end of a pattern, and would swallow what is put behind it. */
function closedQuote(rest: string, last: Token | undefined): string {
  return last?.kind === "quote" && !last.closed ? `${rest}\\E` : rest;
}

function restFault(source: string, rest: readonly Token[]): Fault | undefined {
  const next = rest.find(isSubstantial);
  if (next?.kind === "repeat") {
    const what = `the repetition ${excerpt(source, next.start, next.end)} follows a look-ahead, which cannot be repeated`;
    return faulty(what, "remove it", next.start).fault;
  }
  let depth = 0;
  for (const token of rest) {
    if (token.kind === "bar" && depth === 0) {
      return faulty(
        'this "|" ends what the look-ahead at the beginning is about, so that the alternative after it would not be checked',
        'write a group around the alternatives, as in "^(?!a)(?:b|c)"',
        token.start,
      ).fault;
    }
    depth += nesting(token);
  }
  return undefined;
}

function refusedLook(
  source: string,
  { start, end }: Token,
  excludeField: string | undefined,
): Fault {
  const group = source.slice(start, end);
  const exclude = excludeField === undefined ? "" : `, or write X into ${excludeField}`;
  switch (group) {
    case "(?=":
      return faulty(
        '"(?=" is a look-ahead, which RE2 does not have',
        'write "(?:" in its place, with what follows it behind; for two conditions write both orders: "a.*b|b.*a"',
        start,
      ).fault;
    case "(?<=":
      return faulty(
        '"(?<=" is a look-behind, which RE2 does not have',
        'write "(?:" in its place: only whether the whole matches counts, not where it begins',
        start,
      ).fault;
    case "(?<!":
      return faulty(
        '"(?<!" is a negative look-behind, which RE2 does not have',
        `write what may stand there, as in "(?:^|[^-])rc" for "(?<!-)rc" — or begin with "^(?!X)"${exclude} to leave out what X matches`,
        start,
      ).fault;
    default:
      return faulty(
        '"(?!" is a negative look-ahead, which RE2 does not have; it is understood only as the first thing in a pattern, and without look-around inside or behind it',
        `write "^(?!X)REST", with no more than "(?i)", "(?s)" or "(?U)" before it${exclude}, to leave out what X matches`,
        start,
      ).fault;
  }
}
