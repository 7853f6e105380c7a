import { faulty, type Parsed, parsed } from "../parsed.ts";
import type { Expression, TemplateVariables, ValueType } from "./ast.ts";
import { callFunction, FUNCTION_NAMES } from "./functions.ts";
import type { Token } from "./lexer.ts";

/** The place that a parser has reached in a template's tokens. */
export interface Cursor {
  readonly tokens: readonly Token[];
  index: number;
  /** The length of the source, where a mistake at its end is. */
  readonly end: number;
}

/** How deep `if` and parentheses may stand inside each other. */
export const MAX_DEPTH = 20;

/** What the author of a refused template may use instead. */
export const AVAILABLE = `use .Registry, .Repository, .Tag, text in double quotes, if/else/end and the functions ${FUNCTION_NAMES.join(", ")}`;

const VARIABLES: ReadonlyMap<string, keyof TemplateVariables> = new Map([
  [".Registry", "registry"],
  [".Repository", "repository"],
  [".Tag", "tag"],
]);

/** The token at the cursor, or at the first one after white space; undefined at the end. */
export function peekToken(cursor: Cursor): Token | undefined {
  while (cursor.tokens[cursor.index]?.kind === "space") cursor.index++;
  return cursor.tokens[cursor.index];
}

/** The mistake of a template that nests deeper than `MAX_DEPTH`. */
export function tooDeep(at: number): Parsed<never> {
  const what = `the template nests more than ${MAX_DEPTH} deep`;
  return faulty(what, "use fewer parentheses and if inside each other", at);
}

/** Reads `command | command …` and the `}}` or `)` behind it. */
export function parsePipeline(
  cursor: Cursor,
  closer: "close" | "right",
  depth: number,
): Parsed<Expression> {
  let value: Expression | undefined;
  for (;;) {
    const command = parseCommand(cursor, value, depth);
    if (!command.ok) return command;
    value = command.value;
    const token = peekToken(cursor);
    cursor.index++;
    if (token?.kind === "pipe") continue;
    if (token?.kind === closer) return parsed(value);
    const what = closer === "right" ? '"(" is not closed' : '")" closes nothing';
    return faulty(what, 'write a ")" for each "("', token?.at ?? cursor.end);
  }
}

/** Reads operands up to `|`, `)` or `}}`; with several, or a piped value, the first one is a function. */
function parseCommand(
  cursor: Cursor,
  piped: Expression | undefined,
  depth: number,
): Parsed<Expression> {
  const first = peekToken(cursor);
  const at = first?.at ?? cursor.end;
  const name = first?.kind === "word" ? first.name : undefined;
  if (name !== undefined) {
    if (!FUNCTION_NAMES.includes(name)) return unknownWord(name, at);
    cursor.index++;
  }
  const operands = parseOperands(cursor, name !== undefined, depth);
  if (!operands.ok) return operands;

  const args = piped === undefined ? operands.value : [...operands.value, piped];
  if (name !== undefined) return callFunction({ name, args, at });
  const [value] = operands.value;
  if (value === undefined) return faulty("a value is missing", 'write one, such as ".Tag"', at);
  if (args.length === 1) return parsed(value);
  const what = "only a function takes operands or a piped value";
  return faulty(what, "write the function first, as in lower .Tag or .Tag | lower", at);
}

function parseOperands(
  cursor: Cursor,
  afterName: boolean,
  depth: number,
): Parsed<readonly Expression[]> {
  const operands: Expression[] = [];
  let joined = afterName;
  for (;;) {
    const spaced = cursor.tokens[cursor.index]?.kind === "space";
    const token = peekToken(cursor);
    if (token === undefined || ["pipe", "right", "close"].includes(token.kind)) {
      return parsed(operands);
    }
    if (joined && !spaced) return touching(token);
    const operand = parseOperand(cursor, token, depth);
    if (!operand.ok) return operand;
    operands.push(operand.value);
    joined = true;
  }
}

function touching({ kind, at }: Token): Parsed<never> {
  if (kind !== "field") return faulty("two operands touch", "put a space between them", at);
  return faulty(
    "a value has no fields of its own",
    "leave out what follows it, or put a space",
    at,
  );
}

function parseOperand(cursor: Cursor, token: Token, depth: number): Parsed<Expression> {
  cursor.index++;
  if (token.kind === "constant") {
    const { value, at } = token;
    return parsed({ kind: "constant", value, types: [typeOf(value)], at });
  }
  if (token.kind === "field") return variable(token.name, token.at);
  if (token.kind === "left") {
    return depth >= MAX_DEPTH ? tooDeep(token.at) : parsePipeline(cursor, "right", depth + 1);
  }
  const name = token.kind === "word" ? token.name : token.kind;
  if (!FUNCTION_NAMES.includes(name)) return unknownWord(name, token.at);
  const what = `the function ${name} stands where a value belongs`;
  return faulty(what, `put its call in parentheses, as in (${name} …)`, token.at);
}

function variable(field: string, at: number): Parsed<Expression> {
  const name = VARIABLES.get(field);
  if (name !== undefined) return parsed({ kind: "variable", name, types: ["text"], at });
  const meant = [...VARIABLES.keys()].find((key) => key.toLowerCase() === field.toLowerCase());
  const fix = meant === undefined ? AVAILABLE : `write ${meant}`;
  return faulty(`there is no variable ${field}`, fix, at);
}

/** A word that is no function of image templates: Go's other functions and keywords, and what is misspelt. */
function unknownWord(name: string, at: number): Parsed<never> {
  const meant = FUNCTION_NAMES.find((known) => known.toLowerCase() === name.toLowerCase());
  const fix = meant === undefined ? AVAILABLE : `write ${meant}`;
  return faulty(`${JSON.stringify(name)} is not available in an image template`, fix, at);
}

function typeOf(value: string | number | boolean): ValueType {
  if (typeof value === "string") return "text";
  return typeof value === "number" ? "number" : "boolean";
}
