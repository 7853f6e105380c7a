import { faulty, type Parsed, parsed } from "../parsed.ts";
import type { Branch, TemplateNode } from "./ast.ts";
import { lexTemplate } from "./lexer.ts";
import { type Cursor, MAX_DEPTH, parsePipeline, peekToken, tooDeep } from "./pipeline.ts";

/** Reads a template of at most 1,024 characters into its nodes, every type in it checked. */
export function parseNodes(source: string): Parsed<readonly TemplateNode[]> {
  const tokens = lexTemplate(source);
  if (!tokens.ok) return tokens;
  const cursor = { tokens: tokens.value, index: 0, end: source.length };
  const body = parseBody(cursor, 0);
  if (!body.ok) return body;
  const { nodes, stop, at } = body.value;
  if (stop === "source") return parsed(nodes);
  const what = `"${stop}" belongs to no "if"`;
  return faulty(what, "leave it out, or write the if that it ends", at);
}

interface Body {
  readonly nodes: readonly TemplateNode[];
  /** What ended it; after `end` the cursor is behind its braces, after `else` behind the word. */
  readonly stop: "end" | "else" | "source";
  readonly at: number;
}

function parseBody(cursor: Cursor, depth: number): Parsed<Body> {
  const nodes: TemplateNode[] = [];
  for (let token = peekToken(cursor); token !== undefined; token = peekToken(cursor)) {
    cursor.index++;
    if (token.kind === "text") {
      nodes.push({ kind: "text", text: token.text });
      continue;
    }
    const stop = takeKeyword(cursor, "end") ?? takeKeyword(cursor, "else");
    if (stop === "else") return parsed({ nodes, stop, at: token.at });
    if (stop === "end") {
      const closed = expectClose(cursor, stop);
      return closed.ok ? parsed({ nodes, stop, at: token.at }) : closed;
    }
    const node = parseAction(cursor, token.at, depth);
    if (!node.ok) return node;
    nodes.push(node.value);
  }
  return parsed({ nodes, stop: "source", at: cursor.end });
}

function parseAction(cursor: Cursor, at: number, depth: number): Parsed<TemplateNode> {
  if (takeKeyword(cursor, "if") !== undefined) {
    return depth >= MAX_DEPTH ? tooDeep(at) : parseIf(cursor, at, depth);
  }
  const expression = parsePipeline(cursor, "close", depth);
  return expression.ok ? parsed({ kind: "print", expression: expression.value }) : expression;
}

function parseIf(cursor: Cursor, at: number, depth: number): Parsed<TemplateNode> {
  const branches: Branch[] = [];
  for (;;) {
    const condition = parsePipeline(cursor, "close", depth + 1);
    if (!condition.ok) return condition;
    const body = parseBody(cursor, depth + 1);
    if (!body.ok) return body;
    branches.push({ condition: condition.value, body: body.value.nodes });
    if (body.value.stop === "source") return unended(at);
    if (body.value.stop === "end") return parsed({ kind: "if", branches, otherwise: [] });
    if (takeKeyword(cursor, "if") === undefined) return parseElse(cursor, { branches, at, depth });
  }
}

interface Unfinished {
  readonly branches: readonly Branch[];
  readonly at: number;
  readonly depth: number;
}

function parseElse(cursor: Cursor, { branches, at, depth }: Unfinished): Parsed<TemplateNode> {
  const closed = expectClose(cursor, "else");
  if (!closed.ok) return closed;
  const body = parseBody(cursor, depth + 1);
  if (!body.ok) return body;
  const { nodes, stop } = body.value;
  if (stop === "source") return unended(at);
  if (stop === "end") return parsed({ kind: "if", branches, otherwise: nodes });
  const fix = 'write "else if" for every case but the last';
  return faulty('an "if" has two "else"', fix, body.value.at);
}

function unended(at: number): Parsed<never> {
  return faulty('the "if" has no end', "write {{ end }} where it ends", at);
}

function takeKeyword<Word extends string>(cursor: Cursor, word: Word): Word | undefined {
  const token = peekToken(cursor);
  if (token?.kind !== "word" || token.name !== word) return undefined;
  cursor.index++;
  return word;
}

function expectClose(cursor: Cursor, word: string): Parsed<undefined> {
  const token = peekToken(cursor);
  cursor.index++;
  if (token?.kind === "close") return parsed(undefined);
  return faulty(`"${word}" takes no value`, `write {{ ${word} }}`, token?.at ?? cursor.end);
}
