import { faulty, type Parsed, parsed } from "./parsed.ts";
import { MAX_OUTPUT_LENGTH, type TemplateVariables, tooLong } from "./template/ast.ts";
import { renderNodes } from "./template/eval.ts";
import { parseNodes } from "./template/parser.ts";

export type { TemplateVariables } from "./template/ast.ts";

/** A template for image references, in the part of Go's text/template that `AVAILABLE` lists. */
export interface Template {
  readonly source: string;
  /** The text for one image, not yet checked to be a reference; a fault when it has more than 4,096 characters. */
  render(variables: TemplateVariables): Parsed<string>;
}

/** Characters that a template's source may have. */
export const MAX_TEMPLATE_LENGTH = 1_024;

/**
 * Reads a template and checks the types in it: what Go would refuse while rendering, even in a branch that is never
 * taken, is refused here with its offset.
 */
export function parseTemplate(source: string): Parsed<Template> {
  if (source.length > MAX_TEMPLATE_LENGTH) {
    const what = `the template has ${source.length} characters, more than ${MAX_TEMPLATE_LENGTH}`;
    return faulty(what, "write a shorter one");
  }
  const nodes = parseNodes(source);
  if (!nodes.ok) return nodes;
  const render = (variables: TemplateVariables): Parsed<string> => {
    const { registry, repository, tag } = variables;
    const longest = Math.max(registry.length, repository.length, tag.length);
    return longest > MAX_OUTPUT_LENGTH ? tooLong() : renderNodes(nodes.value, variables);
  };
  return parsed({ source, render });
}
