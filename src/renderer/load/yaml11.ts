/** How a reader of YAML 1.1 takes a plain scalar: a boolean, null or number, or undefined for a text. */
export type Yaml11Value = boolean | null | number | undefined;

const TRUE = new Set(["y", "Y", "yes", "Yes", "YES", "on", "On", "ON", "true", "True", "TRUE"]);
const FALSE = new Set(["n", "N", "no", "No", "NO", "off", "Off", "OFF", "false", "False", "FALSE"]);
const NULL = new Set(["", "~", "null", "Null", "NULL"]);
const FLOAT = /^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$/;

/**
 * Reads a plain scalar as kubectl does, whose reader is go-yaml v2 (`resolve.go`): booleans in eleven spellings each,
 * octal numbers with a leading 0, `0b` and `0x`, and underscores inside numbers.
 */
export function readYaml11(source: string): Yaml11Value {
  if (TRUE.has(source)) return true;
  if (FALSE.has(source)) return false;
  if (NULL.has(source)) return null;
  if (!/^[-+.0-9]/.test(source)) return undefined;
  return readNumber(source.replaceAll("_", ""));
}

const INTEGER = /^([-+]?)(0[bB][01]+|0[xX][0-9a-fA-F]+|0[oO]?[0-7]+)$/;

function readNumber(digits: string): number | undefined {
  const [, sign, number] = INTEGER.exec(digits) ?? [];
  const integer = number === undefined ? undefined : readInteger(sign === "-", number);
  if (integer !== undefined) return integer;
  if (FLOAT.test(digits)) return Number(digits);
  const infinite = /^([-+]?)\.(inf|Inf|INF)$/.exec(digits);
  if (infinite !== null) return infinite[1] === "-" ? -Infinity : Infinity;
  return /^\.(nan|NaN|NAN)$/.test(digits) ? Number.NaN : undefined;
}

/** An integer with a prefix, unless it is too large for 64 bits: then go-yaml tries a float. */
function readInteger(isNegative: boolean, number: string): number | undefined {
  const value = BigInt(/^0[0-7]/.test(number) ? `0o${number}` : number.toLowerCase());
  if (value > (isNegative ? 2n ** 63n : 2n ** 64n - 1n)) return undefined;
  // Never the negative zero, which an integer does not have.
  return Number(isNegative ? -value : value);
}

/**
 * Whether a plain scalar means one thing here and another to kubectl. `value` is what YAML 1.2 makes of it. Equal
 * numbers in two spellings agree.
 */
export function readsDifferently(source: string, value: unknown): boolean {
  const other = readYaml11(source);
  if (typeof value === "string") return other !== undefined;
  return !Object.is(other, value);
}
