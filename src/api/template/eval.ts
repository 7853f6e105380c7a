import { type Parsed, parsed } from "../parsed.ts";
import {
  type Expression,
  MAX_OUTPUT_LENGTH,
  type TemplateNode,
  type TemplateVariables,
  tooLong,
  type Value,
} from "./ast.ts";

/** What the nodes write, after what has been written already; a fault when that grows too long. */
export function renderNodes(
  nodes: readonly TemplateNode[],
  variables: TemplateVariables,
  written = "",
): Parsed<string> {
  let output = written;
  for (const node of nodes) {
    const next = renderNode(node, variables, output);
    if (!next.ok) return next;
    output = next.value;
  }
  return parsed(output);
}

function renderNode(
  node: TemplateNode,
  variables: TemplateVariables,
  written: string,
): Parsed<string> {
  if (node.kind === "text") return appended(written, node.text);
  if (node.kind === "print") {
    const value = evaluate(node.expression, variables);
    return value.ok ? appended(written, String(value.value), node.expression.at) : value;
  }
  for (const { condition, body } of node.branches) {
    const value = evaluate(condition, variables);
    if (!value.ok) return value;
    if (isTrue(value.value)) return renderNodes(body, variables, written);
  }
  return renderNodes(node.otherwise, variables, written);
}

function appended(written: string, text: string, at?: number): Parsed<string> {
  return written.length + text.length > MAX_OUTPUT_LENGTH ? tooLong(at) : parsed(written + text);
}

function evaluate(expression: Expression, variables: TemplateVariables): Parsed<Value> {
  if (expression.kind === "constant") return parsed(expression.value);
  if (expression.kind === "variable") return parsed(variables[expression.name]);
  const values: Value[] = [];
  for (const arg of expression.args) {
    const value = evaluate(arg, variables);
    if (!value.ok) return value;
    if (expression.kind === "choice" && isTrue(value.value) === expression.until) return value;
    values.push(value.value);
  }
  if (expression.kind === "choice") return parsed(values.at(-1) ?? "");
  const result = expression.apply(values);
  return result.ok ? result : tooLong(expression.at);
}

/** Go's truth: an empty text, zero and false are false. */
function isTrue(value: Value): boolean {
  return Boolean(value);
}
