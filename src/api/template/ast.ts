import { faulty, type Parsed } from "../parsed.ts";

/** What a template is filled in with. */
export interface TemplateVariables {
  /** `host[:port]`, without a scheme. */
  readonly registry: string;
  readonly repository: string;
  readonly tag: string;
}

/** What an expression stands for while a template is rendered. */
export type Value = string | number | boolean;

/** The kinds of value; the mistakes that a template's author reads call them by these words. */
export type ValueType = "text" | "number" | "boolean";

interface Typed {
  /** Every type that the value can turn out to have: `or .Tag 5` has two. */
  readonly types: readonly ValueType[];
  /** Where the expression begins in the source. */
  readonly at: number;
}

/** What can stand between braces or parentheses, known to have sound types throughout. */
export type Expression =
  | (Typed & { readonly kind: "constant"; readonly value: Value })
  | (Typed & { readonly kind: "variable"; readonly name: keyof TemplateVariables })
  | (Typed & {
      readonly kind: "call";
      readonly args: readonly Expression[];
      readonly apply: (values: readonly Value[]) => Parsed<Value>;
    })
  /** `and` (until a false value) and `or` (until a true one): the value stopped at, else the last. */
  | (Typed & {
      readonly kind: "choice";
      readonly args: readonly Expression[];
      readonly until: boolean;
    });

/** One condition of an `if` and what is written when it is the first to hold. */
export interface Branch {
  readonly condition: Expression;
  readonly body: readonly TemplateNode[];
}

/** A piece of a template. */
export type TemplateNode =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "print"; readonly expression: Expression }
  | {
      readonly kind: "if";
      readonly branches: readonly Branch[];
      readonly otherwise: readonly TemplateNode[];
    };

/** Characters that a rendered template, and every text on the way to it, may have. */
export const MAX_OUTPUT_LENGTH = 4_096;

/** The mistake of a template that writes more than `MAX_OUTPUT_LENGTH` characters. */
export function tooLong(at?: number): Parsed<never> {
  return faulty(
    `the template writes more than ${MAX_OUTPUT_LENGTH} characters`,
    "write less: an image reference has at most a few hundred",
    at,
  );
}

/** A number with its noun, for messages: `1 operand`, `2 operands`. */
export function counted(count: number, noun: string): string {
  return count === 1 ? `1 ${noun}` : `${count} ${noun}s`;
}
