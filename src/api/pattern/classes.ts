import { faulty, type Parsed, parsed } from "../parsed.ts";
import { readCharacter } from "./escapes.ts";
import { excerpt, matchAt } from "./excerpt.ts";

/** A set of characters in a pattern; `end` is the offset after it. */
export interface CharacterClass {
  readonly end: number;
  /** Code points that its ranges name one by one: what folding their case costs. */
  readonly width: number;
  /** How many tables of Unicode (`\pL`) it draws on. */
  readonly tables: number;
}

const PERL_CLASS = /\\[dDsSwW]/y;
const UNICODE_CLASS = /\\[pP](?:\{([^}]*)\}|([^{]|$))/uy;
const POSIX_NAME =
  /^\^?(?:alnum|alpha|ascii|blank|cntrl|digit|graph|lower|print|punct|space|upper|word|xdigit)$/;
const CATEGORY = /^(?:Any|C[cfnos]?|L[CLlmotu]?|M[cen]?|N[dlo]?|P[cdefios]?|S[ckmo]?|Z[lps]?)$/;

/** The scripts of Unicode 15 that Go's regexp takes by one word: re2js knows later ones, which an API server refuses. */
const SCRIPTS: ReadonlySet<string> = new Set(
  `Adlam Ahom Arabic Armenian Avestan Balinese Bamum Batak Bengali Bhaiksuki Bopomofo Brahmi Braille
  Buginese Buhid Carian Chakma Cham Cherokee Chorasmian Common Coptic Cuneiform Cypriot Cyrillic
  Deseret Devanagari Dogra Duployan Elbasan Elymaic Ethiopic Georgian Glagolitic Gothic Grantha Greek
  Gujarati Gurmukhi Han Hangul Hanunoo Hatran Hebrew Hiragana Inherited Javanese Kaithi Kannada
  Katakana Kawi Kharoshthi Khmer Khojki Khudawadi Lao Latin Lepcha Limbu Lisu Lycian Lydian Mahajani
  Makasar Malayalam Mandaic Manichaean Marchen Medefaidrin Miao Modi Mongolian Mro Multani Myanmar
  Nabataean Nandinagari Newa Nko Nushu Ogham Oriya Osage Osmanya Palmyrene Phoenician Rejang Runic
  Samaritan Saurashtra Sharada Shavian Siddham Sinhala Sogdian Soyombo Sundanese Syriac Tagalog
  Tagbanwa Takri Tamil Tangsa Tangut Telugu Thaana Thai Tibetan Tifinagh Tirhuta Toto Ugaritic Vai
  Vithkuqi Wancho Yezidi Yi`.split(/\s+/),
);

/** `\d`, `\pL` and their like at this offset; nothing when there is none. */
export function readNamedSet(source: string, start: number): Parsed<CharacterClass> | undefined {
  if (matchAt(PERL_CLASS, source, start) !== undefined) {
    return parsed({ end: start + 2, width: 0, tables: 0 });
  }
  if (!source.startsWith("\\p", start) && !source.startsWith("\\P", start)) return undefined;
  const found = matchAt(UNICODE_CLASS, source, start);
  const end = found === undefined ? source.length : start + found[0].length;
  const name = (found?.[1] ?? found?.[2] ?? "").replace(/^\^/, "");
  if (CATEGORY.test(name) || SCRIPTS.has(name)) return parsed({ end, width: 0, tables: 1 });
  return faulty(
    `RE2 has no set of characters ${excerpt(source, start, end)}`,
    'name a general category or a script exactly, as in "\\pL" or "\\p{Greek}", or list the characters: "[a-z]"',
    start,
  );
}

/** The class whose "[" is at this offset, as Go's regexp reads it: a "]" that comes first is a member. */
export function readClass(source: string, start: number): Parsed<CharacterClass> {
  let end = source[start + 1] === "^" ? start + 2 : start + 1;
  let width = 0;
  let tables = 0;
  for (let first = true; first || source[end] !== "]"; first = false) {
    if (end >= source.length) return unclosed(start);
    const member = readMember(source, end);
    if (!member.ok) return member;
    end = member.value.end;
    width += member.value.width;
    tables += member.value.tables;
  }
  return parsed({ end: end + 1, width, tables });
}

function unclosed(start: number): Parsed<CharacterClass> {
  return faulty(
    'this "[" opens a class of characters that no "]" closes',
    'close it with "]" (a "]" right after "[" is a member), or write "\\[" for the character itself',
    start,
  );
}

function readMember(source: string, start: number): Parsed<CharacterClass> {
  if (source.startsWith("[:", start)) {
    const close = source.indexOf(":]", start + 1);
    if (close >= 0) return readPosix(source, start, close);
  }
  return readNamedSet(source, start) ?? readRange(source, start);
}

function readPosix(source: string, start: number, close: number): Parsed<CharacterClass> {
  const end = close + 2;
  if (POSIX_NAME.test(source.slice(start + 2, close))) return parsed({ end, width: 0, tables: 0 });
  return faulty(
    `RE2 has no set of characters ${excerpt(source, start, end)}`,
    'write one such as "[[:alpha:]]" or "[[:digit:]]", or "\\[" for the character itself',
    start,
  );
}

function readRange(source: string, start: number): Parsed<CharacterClass> {
  const low = readCharacter(source, start);
  if (!low.ok) return low;
  const dash = low.value.end;
  const next = source[dash + 1];
  if (source[dash] !== "-" || next === undefined || next === "]") {
    return parsed({ end: dash, width: 1, tables: 0 });
  }
  const high = readCharacter(source, dash + 1);
  if (!high.ok) return high;
  const width = high.value.codePoint - low.value.codePoint + 1;
  if (width >= 1) return parsed({ end: high.value.end, width, tables: 0 });
  return faulty(
    `the range ${excerpt(source, start, high.value.end)} runs backwards`,
    'swap its ends, or write "\\-" when the character "-" itself is meant',
    start,
  );
}
