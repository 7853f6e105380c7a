import { parser } from "@prometheus-io/lezer-promql";

/** A node of the tree that the grammar of Prometheus makes of a query. */
export type SyntaxNode = ReturnType<typeof parser.parse>["topNode"];

const QUOTES = /#[^\n]*|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`[^`]*`|(?<open>["'`])/gs;

/** Brackets within brackets: the grammar's parser takes quadratic time over them. People write a handful. */
const MAX_BRACKETS = 20;
/** Steps of the parser, some three characters each in what people write. */
const MAX_STEPS = 1_000;

function bracketDepth(query: string): number {
  let depth = 0;
  let deepest = 0;
  for (const character of query) {
    if (character === "(" || character === "[" || character === "{") depth += 1;
    if (character === ")" || character === "]" || character === "}") depth -= 1;
    deepest = Math.max(deepest, depth);
  }
  return deepest;
}

let strict: typeof parser | undefined;

/** Stops at the first mistake, where recovering from it would take far longer. */
function strictParser(): typeof parser {
  strict ??= parser.configure({ strict: true });
  return strict;
}

/** Where the first mistake of a query is, in UTF-16 code units from 0; undefined where nobody can tell. */
export interface SyntaxMistake {
  readonly mistakeAt: number | undefined;
}

/** The syntax tree of a query, its first mistake, or undefined when reading it would take too long. */
export function parseSyntax(query: string): SyntaxNode | SyntaxMistake | undefined {
  if (bracketDepth(query) > MAX_BRACKETS) return undefined;
  const quote = unclosedQuote(query);
  try {
    const reading = strictParser().startParse(query);
    for (let step = 0; step < MAX_STEPS; step += 1) {
      const tree = reading.advance();
      if (tree !== null) return quote === undefined ? tree.topNode : { mistakeAt: quote };
    }
    return undefined;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    // The parser tells the place in its message only.
    const at = /[0-9]+$/.exec(error.message)?.[0];
    return { mistakeAt: at === undefined ? quote : Math.min(Number(at), quote ?? query.length) };
  }
}

/** The grammar takes a string whose closing quote is missing. */
function unclosedQuote(query: string): number | undefined {
  for (const { groups, index } of query.matchAll(QUOTES)) {
    if (groups?.["open"] !== undefined) return index;
  }
  return undefined;
}
