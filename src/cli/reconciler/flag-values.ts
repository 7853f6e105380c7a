import { InvalidArgumentError } from "commander";
import { isZero, parseDuration } from "../../api/duration.ts";
import { labelKeyFault, labelValueFault } from "../../api/label-syntax.ts";

/** Reads a whole number within bounds, both included. */
export function parseWholeNumber({
  least,
  most,
}: {
  readonly least: number;
  readonly most: number;
}) {
  return (text: string): number => {
    const number = /^[0-9]{1,9}$/.test(text) ? Number(text) : Number.NaN;
    if (number >= least && number <= most) return number;
    throw new InvalidArgumentError(`write a whole number from ${least} to ${most}`);
  };
}

/** Reads a duration such as 6h or 1d12h into milliseconds, more than none. */
export function parseDurationMs(text: string): number {
  const duration = parseDuration(text);
  if (!duration.ok) throw new InvalidArgumentError(`${duration.fault.what}; ${duration.fault.fix}`);
  if (isZero(duration.value)) throw new InvalidArgumentError("write more than 0");
  return duration.value.milliseconds;
}

/** Pairs gathered so far; commander hands over what an earlier use of the flag gave. */
type Pairs = Readonly<Record<string, string>>;

/** Reads `key=value` as a label, and adds it to those before. */
export function parseLabel(text: string, before: Pairs): Pairs {
  const [key, value] = pair(text);
  const fault = labelValueFault(value);
  if (fault !== undefined) throw new InvalidArgumentError(`${fault.what}; ${fault.fix}`);
  return { ...before, [key]: value };
}

/** Reads `key=value` as an annotation, whose value is any text, and adds it to those before. */
export function parseAnnotation(text: string, before: Pairs): Pairs {
  const [key, value] = pair(text);
  return { ...before, [key]: value };
}

function pair(text: string): readonly [key: string, value: string] {
  const equals = text.indexOf("=");
  if (equals < 1) throw new InvalidArgumentError("write key=value");
  const key = text.slice(0, equals);
  const fault = labelKeyFault(key);
  if (fault !== undefined) throw new InvalidArgumentError(`${fault.what}; ${fault.fix}`);
  if (key.split("/")[0]?.endsWith("drop.corewire.io") === true) {
    throw new InvalidArgumentError("drop.corewire.io/ is Drop's own");
  }
  return [key, text.slice(equals + 1)];
}
