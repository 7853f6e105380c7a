import { type Fault, faulty, type Parsed, parsed } from "../parsed.ts";
import {
  counted,
  type Expression,
  MAX_OUTPUT_LENGTH,
  tooLong,
  type Value,
  type ValueType,
} from "./ast.ts";
import { applyFormat, formatFault, parseFormat } from "./printf.ts";

/** A call with its operands in order, the piped one last. */
interface Call {
  readonly name: string;
  readonly args: readonly Expression[];
  readonly at: number;
}

type TextFunction = (...texts: readonly string[]) => Parsed<string>;

/** Functions of texts alone, with their operands' names in sprig's order: what is worked on comes last. */
const TEXT_FUNCTIONS: ReadonlyMap<string, readonly [operands: string, apply: TextFunction]> =
  new Map([
    [
      "trimPrefix",
      ["prefix text", (prefix = "", text = "") => parsed(withoutPrefix(text, prefix))],
    ],
    [
      "trimSuffix",
      ["suffix text", (suffix = "", text = "") => parsed(withoutSuffix(text, suffix))],
    ],
    ["replace", ["old new text", (old = "", by = "", text = "") => replaced(text, old, by)]],
    ["lower", ["text", (text = "") => parsed(mapped(text, lowered))]],
    ["upper", ["text", (text = "") => parsed(mapped(text, raised))]],
  ]);

const LOGIC: ReadonlyMap<string, (call: Call) => Parsed<Expression>> = new Map([
  ["printf", printf],
  ["eq", equality],
  ["ne", equality],
  ["and", choice],
  ["or", choice],
  ["not", negation],
]);

/** The functions of an image template, in the order in which messages list them. */
export const FUNCTION_NAMES: readonly string[] = [...LOGIC.keys(), ...TEXT_FUNCTIONS.keys()];

/** A call of one of `FUNCTION_NAMES` if number and types of its operands are right in every case, else why not. */
export function callFunction(call: Call): Parsed<Expression> {
  const build = LOGIC.get(call.name) ?? textCall;
  return build(call);
}

function textCall({ name, args, at }: Call): Parsed<Expression> {
  const [operands, apply] = TEXT_FUNCTIONS.get(name) ?? ["", undefined];
  const names = operands.split(" ");
  if (apply === undefined) return faulty(`there is no function ${name}`, "leave it out", at);
  if (args.length !== names.length) {
    const what = `${name} takes ${counted(names.length, "operand")} and has ${args.length}`;
    return faulty(what, `write ${name} ${operands.replaceAll(/\w+/g, "<$&>")}`, at);
  }
  const wrong = args.find((arg) => !isOnly(arg, "text"));
  if (wrong !== undefined) {
    const what = `${name} takes texts, and this operand can be a ${otherType(wrong, "text")}`;
    return faulty(what, 'put it in double quotes, or write it with printf "%v"', wrong.at);
  }
  return parsed({
    kind: "call",
    args,
    types: ["text"],
    at,
    apply: (values) => apply(...values.map(String)),
  });
}

function printf({ args, at }: Call): Parsed<Expression> {
  const [template, ...values] = args;
  if (template?.kind !== "constant" || typeof template.value !== "string") {
    const fix = 'write printf "%s-%s" <value> <value>, with the format in quotes';
    return faulty("printf does not begin with a format in quotes", fix, template?.at ?? at);
  }
  const format = parseFormat(template.value);
  const fault = format.ok
    ? formatFault(
        format.value,
        values.map((value) => value.types),
      )
    : format.fault;
  if (!format.ok || fault !== undefined) return located(fault, template.at);
  return parsed({
    kind: "call",
    args: values,
    types: ["text"],
    at,
    apply: (operands) => applyFormat(format.value, operands),
  });
}

function equality({ name, args, at }: Call): Parsed<Expression> {
  const [first, second] = args;
  if (first === undefined || second === undefined || (name === "ne" && args.length > 2)) {
    const wanted = name === "ne" ? "two operands" : "two operands or more";
    return faulty(`${name} takes ${wanted} and has ${args.length}`, `write ${name} <a> <b>`, at);
  }
  const [type = "text"] = first.types;
  const wrong = args.find((arg) => !isOnly(arg, type));
  if (wrong !== undefined) {
    const what = `${name} compares a ${type} with what can be a ${otherType(wrong, type)}`;
    return faulty(what, "compare values of one type: put a number in double quotes", wrong.at);
  }
  const equal = (values: readonly Value[]) => values.slice(1).includes(values[0] ?? "");
  return parsed({
    kind: "call",
    args,
    types: ["boolean"],
    at,
    apply: (values) => parsed(equal(values) === (name === "eq")),
  });
}

function choice({ name, args, at }: Call): Parsed<Expression> {
  if (args.length === 0) return faulty(`${name} has no operand`, `write ${name} <a> <b>`, at);
  const types = [...new Set(args.flatMap((arg) => arg.types))];
  return parsed({ kind: "choice", args, until: name === "or", types, at });
}

function negation({ args, at }: Call): Parsed<Expression> {
  if (args.length !== 1) {
    return faulty(`not takes one operand and has ${args.length}`, "write not <value>", at);
  }
  return parsed({
    kind: "call",
    args,
    types: ["boolean"],
    at,
    apply: ([value]) => parsed(!value),
  });
}

function isOnly(expression: Expression, type: ValueType): boolean {
  return expression.types.every((own) => own === type);
}

function otherType(expression: Expression, type: ValueType): ValueType {
  return expression.types.find((own) => own !== type) ?? type;
}

function located(fault: Fault | undefined, at: number): Parsed<never> {
  return faulty(fault?.what ?? "", fault?.fix ?? "", at);
}

function withoutPrefix(text: string, prefix: string): string {
  return text.startsWith(prefix) ? text.slice(prefix.length) : text;
}

function withoutSuffix(text: string, suffix: string): string {
  return text.endsWith(suffix) ? text.slice(0, text.length - suffix.length) : text;
}

/** As in Go, an empty `old` stands before every character and at the end. */
function replaced(text: string, old: string, by: string): Parsed<string> {
  const parts = old === "" ? ["", ...text, ""] : text.split(old);
  const kept = old === "" ? text.length : text.length - (parts.length - 1) * old.length;
  const length = kept + (parts.length - 1) * by.length;
  return length > MAX_OUTPUT_LENGTH ? tooLong() : parsed(parts.join(by));
}

function mapped(text: string, change: (character: string) => string): string {
  return Array.from(text, change).join("");
}

/** Go maps one character to one: where Unicode's full mapping gives several, the first is the simple one. */
function lowered(character: string): string {
  return Array.from(character.toLowerCase())[0] ?? character;
}

/** Go maps one character to one and leaves alone what would become several, such as the German sharp s. */
function raised(character: string): string {
  const upper = character.toUpperCase();
  return Array.from(upper).length === 1 ? upper : character;
}
