import { type Fault, faulty } from "../parsed.ts";
import type { Token } from "./tokens.ts";

/** Characters in a pattern, as the API server counts them: code points. */
export const MAX_LENGTH = 1024;
/** Counted repetitions: nested ones multiply, and the products are added up; Go adds nothing up. */
const MAX_REPEATS = 1000;
/** Tokens after every counted repetition is written out: well above what a program of 500 steps needs. */
const MAX_EXPANDED = 1200;
/** Steps of a compiled pattern, both halves of a split one together. */
export const MAX_PROGRAM = 500;
/** Tables of Unicode (`\pL`): each has hundreds of ranges. */
const MAX_TABLES = 8;
/** Code points in ranges of a pattern that folds case, each of which is folded by itself. */
const MAX_FOLDED = 8192;

interface Cost {
  readonly repeats: number;
  readonly expanded: number;
  /** The largest product of counted repetitions within one another. */
  readonly deepest: number;
  /** The program has at least as many steps, unless a token of it `mayShrink`. */
  readonly steps: number;
}

const nothing: Cost = { repeats: 0, expanded: 0, deepest: 1, steps: 0 };

/** Whether Go's regexp/syntax takes a pattern's counted repetitions: 1,000 for those within one another, multiplied. */
export function goTakesRepeats(source: string, tokens: readonly Token[]): boolean {
  return costOf(source, tokens).deepest <= MAX_REPEATS;
}

/** Why a pattern would cost too much to compile, decided from its tokens alone, before anything is compiled. */
export function costFault(source: string, tokens: readonly Token[]): Fault | undefined {
  const { repeats, expanded, steps } = costOf(source, tokens);
  if (repeats > MAX_REPEATS) {
    return faulty(
      `its counted repetitions come to ${amount(repeats)}, nested ones multiplied; at most ${MAX_REPEATS} are allowed`,
      'write lower counts, or "*" or "+" for any number',
    ).fault;
  }
  if (expanded > MAX_EXPANDED) {
    return faulty(
      `it has ${amount(expanded)} parts once its counted repetitions are written out; at most ${MAX_EXPANDED} are allowed`,
      "lower its counted repetitions, or shorten it: a shorter group costs less each time",
    ).fault;
  }
  const least = tokens.some((token) => mayShrink(source, token)) ? 0 : steps;
  return least > MAX_PROGRAM ? sizeFault(`at least ${least}`) : setFault(source, tokens);
}

/** Alternatives may share steps; where a class holds nothing, what is beside it takes none. */
export function mayShrink(source: string, { kind, start }: Token): boolean {
  return (
    kind === "bar" || (kind === "atom" && /^(?:\[\^|\\[pP])/.test(source.slice(start, start + 2)))
  );
}

/** `steps` is how many the program has. */
export function sizeFault(steps: string): Fault {
  return faulty(
    `it takes ${steps} steps once compiled; at most ${MAX_PROGRAM} are allowed`,
    "lower its counted repetitions, or shorten it",
  ).fault;
}

/** What all tokens of a pattern come to. */
export function costOf(source: string, tokens: readonly Token[]): Cost {
  const outer: Cost[] = [];
  let group = nothing;
  let last = nothing;
  for (const [index, token] of tokens.entries()) {
    if (token.kind === "open" || token.kind === "look") {
      outer.push(sum(group, last));
      group = nothing;
      last = { ...nothing, expanded: 2 };
      continue;
    }
    if (token.kind === "repeat") {
      last = repeated(last, { token, before: tokens[index - 1], source });
      continue;
    }
    group = sum(group, last);
    last = alone(token);
    if (token.kind !== "close") continue;
    last = sum(group, last);
    group = outer.pop() ?? nothing;
  }
  return outer.reduce(sum, sum(group, last));
}

function alone(token: Token): Cost {
  if (token.kind === "atom") return { ...nothing, expanded: 1, steps: 1 };
  if (token.kind !== "quote") return { ...nothing, expanded: 1 };
  return { ...nothing, expanded: token.characters, steps: token.characters };
}

interface Repetition {
  readonly source: string;
  readonly token: Token & { readonly kind: "repeat" };
  readonly before: Token | undefined;
}

function repeated(cost: Cost, { source, token, before }: Repetition): Cost {
  const all = multiplied(cost, token.most);
  // Of a quote only the last character is repeated.
  if (before?.kind === "quote") return { ...all, steps: Math.max(0, cost.steps - 1) };
  // A star takes a step, but of stars within one another only one is left.
  const isStep = before?.kind === "atom" && /[?*+]/.test(source[token.start] ?? "");
  return isStep ? { ...all, steps: all.steps + 1 } : all;
}

function amount(count: number): string {
  return count > 1_000_000 ? "over a million" : String(count);
}

function sum(a: Cost, b: Cost): Cost {
  return {
    repeats: a.repeats + b.repeats,
    expanded: a.expanded + b.expanded,
    deepest: Math.max(a.deepest, b.deepest),
    steps: a.steps + b.steps,
  };
}

/** `?`, `*`, `+`, `{0}` and `{1}` repeat nothing, and take a step of their own. */
function multiplied({ repeats, expanded, deepest, steps }: Cost, most: number): Cost {
  if (most === 0) {
    // Go looks at what is repeated before it sees that none of it is left.
    const kept = deepest > MAX_REPEATS ? deepest : 1;
    return { repeats, expanded: expanded + 1, deepest: kept, steps: 0 };
  }
  if (most === 1) return { repeats, expanded: expanded + 1, deepest, steps };
  return {
    repeats: most * Math.max(1, repeats),
    expanded: most * expanded,
    deepest: most * deepest,
    steps: most * steps,
  };
}

function setFault(source: string, tokens: readonly Token[]): Fault | undefined {
  let tables = 0;
  let width = 0;
  let folds = false;
  for (const token of tokens) {
    if (token.kind === "atom") {
      tables += token.tables;
      width += token.width;
    } else if (token.kind === "flags" || token.kind === "open") {
      folds ||= /^\(\?[a-zA-Z]*i/.test(source.slice(token.start, token.end));
    }
  }
  if (tables > MAX_TABLES) {
    return faulty(
      `it has ${tables} sets of Unicode characters such as "\\pL"; at most ${MAX_TABLES} are allowed`,
      'list the characters that can occur, as in "[a-z]"',
    ).fault;
  }
  if (!folds || width <= MAX_FOLDED) return undefined;
  return faulty(
    `its classes name ${width} characters whose case "(?i)" must fold; at most ${MAX_FOLDED} are allowed`,
    'name smaller ranges, or remove the "i"',
  ).fault;
}
