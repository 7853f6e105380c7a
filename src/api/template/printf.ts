import { type Fault, type Parsed, parsed } from "../parsed.ts";
import { counted, MAX_OUTPUT_LENGTH, tooLong, type Value, type ValueType } from "./ast.ts";
import { quote } from "./string.ts";

/** One verb of a printf format; `precision` cuts a text to so many characters. */
interface Verb {
  readonly letter: string;
  readonly flag: string;
  readonly width: number;
  readonly precision: number;
}

/** A printf format: plain text, and the verbs that take one argument each. */
export type Format = readonly (string | Verb)[];

const VERB =
  /%(?:(?<flag>[-0]?)(?<width>[1-9][0-9]{0,2})?(?:[.](?<precision>[0-9]{1,3}))?(?<letter>[sqvd])|(?<percent>%)|.|$)/gsu;
const ACCEPTED: ReadonlyMap<string, readonly ValueType[]> = new Map([
  ["s", ["text"]],
  ["q", ["text"]],
  ["d", ["number"]],
  ["v", ["text", "number", "boolean"]],
]);
const AVAILABLE =
  "use %s, %q, %v, %d or %%, with a width such as %8s, %-8s or %08d, and %.7s to cut a text";

/** Splits a format into its pieces, or says which verb is not available. */
export function parseFormat(text: string): Parsed<Format> {
  const pieces: (string | Verb)[] = [];
  let copied = 0;
  for (const match of text.matchAll(VERB)) {
    const { flag = "", width = "0", precision, letter, percent } = match.groups ?? {};
    const zeroMisused = flag === "0" && letter !== "d";
    const cutMisused = precision !== undefined && letter !== "s";
    if (percent === undefined && (letter === undefined || zeroMisused || cutMisused)) {
      const what = `printf has no verb ${JSON.stringify(match[0])} in an image template`;
      return { ok: false, fault: { what, fix: AVAILABLE } };
    }
    pieces.push(text.slice(copied, match.index));
    copied = match.index + match[0].length;
    if (letter === undefined) pieces.push("%");
    else {
      const most = precision === undefined ? MAX_OUTPUT_LENGTH : Number(precision);
      pieces.push({ letter, flag, width: Number(width), precision: most });
    }
  }
  pieces.push(text.slice(copied));
  return parsed(pieces);
}

/** Why a format cannot take arguments of these types, each of which may turn out to be any of its list. */
export function formatFault(
  format: Format,
  args: readonly (readonly ValueType[])[],
): Fault | undefined {
  const verbs = format.filter((piece) => typeof piece !== "string");
  if (verbs.length !== args.length) {
    return {
      what: `the format has ${counted(verbs.length, "verb")} for ${counted(args.length, "value")}`,
      fix: "give printf one value for each verb, the piped one last",
    };
  }
  for (const [index, { letter }] of verbs.entries()) {
    const accepted = ACCEPTED.get(letter) ?? [];
    const wrong = args[index]?.find((type) => !accepted.includes(type));
    if (wrong === undefined) continue;
    const what = `the verb %${letter} takes a ${accepted.join(" or ")}, value ${index + 1} is a ${wrong}`;
    return { what, fix: "use %s for a text, %d for a number, %v for anything" };
  }
  return undefined;
}

/** The format with its values in place, as many and of such types as `formatFault` has checked. */
export function applyFormat(format: Format, values: readonly Value[]): Parsed<string> {
  const remaining = [...values];
  let text = "";
  for (const piece of format) {
    const next = typeof piece === "string" ? piece : formatted(piece, remaining.shift());
    if (text.length + next.length > MAX_OUTPUT_LENGTH) return tooLong();
    text += next;
  }
  return parsed(text);
}

function formatted({ letter, flag, width, precision }: Verb, value: Value | undefined): string {
  const whole = String(value);
  const plain = letter === "q" ? quote(whole) : cut(whole, precision);
  const missing = Math.max(0, width - Array.from(plain).length);
  if (flag === "-") return plain + " ".repeat(missing);
  if (flag !== "0") return " ".repeat(missing) + plain;
  const sign = plain.startsWith("-") ? "-" : "";
  return sign + "0".repeat(missing) + plain.slice(sign.length);
}

/** Counted in characters, as Go does, so that no surrogate pair is split. */
function cut(text: string, length: number): string {
  return text.length <= length ? text : Array.from(text).slice(0, length).join("");
}
