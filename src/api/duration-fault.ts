import type { Fault } from "./parsed.ts";

const SPELLINGS: ReadonlyMap<string, string> = new Map(
  [
    ["ns", "nano", "nanos", "nanosecond", "nanoseconds"],
    ["us", "\u00b5s", "\u03bcs", "micro", "micros", "microsecond", "microseconds"],
    ["ms", "msec", "msecs", "milli", "millis", "millisecond", "milliseconds"],
    ["s", "sec", "secs", "second", "seconds"],
    ["m", "min", "mins", "minute", "minutes"],
    ["h", "hr", "hrs", "hour", "hours"],
    ["d", "day", "days"],
    ["w", "wk", "wks", "week", "weeks"],
    ["y", "yr", "yrs", "year", "years"],
  ].flatMap(([unit = "", ...words]) => [unit, ...words].map((word) => [word, unit])),
);

const EXAMPLE = 'write numbers with units, such as "30s", "1h30m" or "7d"';
const ISO_8601 = /^P(?:[0-9.]+[YWD])*(?:T(?:[0-9.]+[HMS])+)?$/i;
const BARE_NUMBER = /^[0-9]+(?:[.][0-9]+)?$/;
const TERM = /([0-9]+(?:[.][0-9]+)?)(?:[.](?=[a-z]))?([a-z\u00b5\u03bc]*)/gi;

/** Why a text of at most 64 characters is no duration by its grammar, and what its author probably meant. */
export function durationFault(text: string, grammar: RegExp): Fault {
  const guess = corrected(text);
  const fix = grammar.test(guess) ? `write "${guess}"` : EXAMPLE;
  const bare = text.trim();
  if (bare === "") return { what: "the duration is empty", fix };
  if (/^[+-]/.test(bare))
    return { what: "a duration has no sign", fix, offset: text.search(/[+-]/) };
  if (/^P.*[0-9]/i.test(bare) && ISO_8601.test(bare)) {
    return { what: "the duration is written as in ISO 8601", fix, offset: 0 };
  }
  if (/\s/.test(text)) {
    return { what: "a duration has no white space in it", fix, offset: text.search(/\s/) };
  }
  if (BARE_NUMBER.test(text)) {
    return { what: "the duration has no unit", fix, offset: text.length };
  }
  return unreadable(text, fix);
}

function unreadable(text: string, fix: string): Fault {
  const known = /^(?:[0-9]+(?:[.][0-9]+)?(?:ns|us|\u00b5s|\u03bcs|ms|[smhdwy])(?![a-zA-Z]))*/;
  const offset = known.exec(text)?.[0].length ?? 0;
  const rest = text.slice(offset);
  const [, number = "", unit = ""] =
    /^([0-9]+(?:[.][0-9]+)?)([a-z\u00b5\u03bc]*)/i.exec(rest) ?? [];
  if (number === "") {
    return { what: `${JSON.stringify(rest)} does not begin with a number`, fix, offset };
  }
  if (unit !== "") {
    const what = `${JSON.stringify(unit)} is none of the units ns, us, ms, s, m, h, d, w, y`;
    return { what, fix, offset: offset + number.length };
  }
  return { what: `no unit follows ${number}`, fix, offset: offset + number.length };
}

/** The text in this grammar as far as it can be guessed; the caller checks whether the guess is a duration. */
function corrected(text: string): string {
  const unsigned = text.trim().replace(/^[+-]\s*/, "");
  if (/^0+(?:[.]0+)?$/.test(unsigned)) return "0";
  if (BARE_NUMBER.test(unsigned)) return `${unsigned}s`;
  const plain = ISO_8601.test(unsigned) ? unsigned.slice(1).replace(/T/i, "") : unsigned;
  const joined = plain
    .replace(/\band\b/gi, "")
    .replace(/,\s|\s/g, "")
    .replace(",", ".")
    .replace(/(?<![0-9])[.](?=[0-9])/g, "0.");
  return joined.replace(
    TERM,
    (_term, number: string, word: string) => number + (SPELLINGS.get(word.toLowerCase()) ?? word),
  );
}
