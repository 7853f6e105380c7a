import assert from "node:assert/strict";
import { test } from "node:test";
import type { Fault } from "../../src/api/parsed.ts";
import { parsePattern } from "../../src/api/pattern.ts";

function faultOf(source: string, excludeField?: string): Fault {
  const result = parsePattern(source, excludeField);
  if (result.ok) assert.fail(`${source} was accepted`);
  return result.fault;
}

const noPlace = undefined;

const refused: readonly [source: string, offset: number | undefined, what: string, fix?: string][] =
  [
    // Look-around.
    ["a(?=b)", 1, '"(?=" is a look-ahead', '"(?:"'],
    ["^(?=.*a)(?=.*b)", 1, '"(?=" is a look-ahead', "a.*b|b.*a"],
    ["(?!a)b", 0, '"(?!" is a negative look-ahead', "^(?!X)REST"],
    ["a(?!b)", 1, '"(?!" is a negative look-ahead', "^(?!X)REST"],
    ["(?m)^(?!a)b", 5, '"(?!" is a negative look-ahead'],
    ["(?i)(?s)^(?!a)b", 9, '"(?!" is a negative look-ahead'],
    ["(^(?!a))", 2, '"(?!" is a negative look-ahead'],
    ["^(?!a)b(?!c)", 7, '"(?!" is a negative look-ahead'],
    ["^(?!a)(?i)(?!c)", 10, '"(?!" is a negative look-ahead'],
    ["^(?!a(?!b))c", 5, '"(?!" is a negative look-ahead'],
    ["^(?!a(?=b))c", 5, '"(?=" is a look-ahead'],
    ["^(?!a)(?=b)", 6, '"(?=" is a look-ahead'],
    ["^(?!(?<=a)b)", 4, '"(?<=" is a look-behind'],
    ["(?<=a)b", 0, '"(?<=" is a look-behind', '"(?:"'],
    ["a|(?<!b)c", 2, '"(?<!" is a negative look-behind', "(?:^|[^-])rc"],
    ["x😀(?!y)", 3, '"(?!" is a negative look-ahead'],
    ["[(?!]\\Q(?=\\E\\((?=a)", 14, '"(?=" is a look-ahead'],
    ["^(?!a)b|c", 7, 'this "|" ends what the look-ahead', "^(?!a)(?:b|c)"],
    ["^(?!a)|b", 6, 'this "|" ends what the look-ahead'],
    ["^(?!a)*b", 6, '"*" follows a look-ahead', "remove it"],
    ["^(?!a){2}b", 6, '"{2}" follows a look-ahead', "remove it"],
    ["^(?!a)(?i)+b", 10, '"+" follows a look-ahead', "remove it"],
    ["^(?!a", 1, 'this "(" opens a group'],
    ["^(?!a\\Q)", 1, 'this "(" opens a group'],
    ["^(?!a)b)", 7, 'this ")" closes a group'],
    ["^(?!a)b)(c", 7, 'this ")" closes a group'],
    ["(?=a)[", 0, '"(?=" is a look-ahead'],
    // What other engines have.
    ["(a)\\1", 3, '"\\1" is a back-reference', "second time"],
    ["\\9", 0, '"\\9" is a back-reference'],
    ["(?P<n>a)\\k<n>", 8, '"\\k<n>" is a back-reference'],
    ["(?P<n>a)(?P=n)", 8, '"(?P=n)" is a back-reference'],
    ["(a)\\g{1}", 3, '"\\g{1}" is a back-reference'],
    ["(?>a+)b", 0, '"(?>" is an atomic group', '"(?:"'],
    ["(a)?(?(1)b|c)", 4, '"(?(" is a conditional', "alternatives"],
    ["a++", 2, 'this "+" makes the repetition before it possessive', 'remove the "+"'],
    ["a*+b", 2, "possessive"],
    ["a?+b", 2, "possessive"],
    ["a{2}+b", 4, "possessive"],
    ["a(?R)?b", 1, '"(?R" is a recursion'],
    ["(?P>n)", 0, '"(?P>" is a recursion'],
    ["(?#note)a", 0, '"(?#" is a comment', "remove it"],
    ["(?|a|b)", 0, '"(?|" is a branch reset', '"(?:"'],
    ["(?x) a", 0, 'sets the flag "x"', "blanks"],
    ["(?'n'a)", 0, "name is not complete", "(?P<name>"],
    ["(?<n", 0, "name is not complete"],
    ["(?P<a-b>c)", 0, "name is not complete"],
    ["(?P<n>a)(?<n>b)", 8, 'another group is named "n"', "rename"],
    ["(?y)a", 0, 'no group that begins with "(?y"'],
    ["(?i-)a", 0, 'no group that begins with "(?i"'],
    ["(?", 0, 'no group that begins with "(?"'],
    // Escapes.
    ["a\\", 1, 'ends with a single "\\"', "\\\\"],
    ["a\\Z", 1, 'no escape "\\Z"', "\\z"],
    ["\\h+", 0, 'no escape "\\h"', "[ \\t]"],
    ["\\C", 0, 'no escape "\\C"', '"."'],
    ["a\\E", 1, 'no escape "\\E"', "\\Q"],
    ["\\u0041", 0, 'no escape "\\u"', "\\x{"],
    ["\\x4", 0, 'no escape "\\x"', "hexadecimal"],
    ["\\x{110000}", 0, 'no escape "\\x"', "10FFFF"],
    ["\\y", 0, 'no escape "\\y"', "remove"],
    ["\\😀", 0, 'no escape "\\\\x{1f600}"', "remove"],
    ["\\p{Klingon}", 0, 'no set of characters "\\p{Klingon}"', "\\p{Greek}"],
    ["\\p{Emoji}", 0, 'no set of characters "\\p{Emoji}"'],
    ["\\p{Old_Italic}", 0, "no set of characters"],
    ["\\pX", 0, 'no set of characters "\\pX"'],
    ["\\p", 0, 'no set of characters "\\p"'],
    ["\\p{L", 0, 'no set of characters "\\p{L"'],
    // Classes.
    ["a[b", 1, 'this "[" opens a class', '"\\["'],
    ["[]", 0, 'this "[" opens a class'],
    ["[^]", 0, 'this "[" opens a class'],
    ["a[z-a]", 2, 'range "z-a" runs backwards', "swap"],
    ["[+--]x[a--]", 7, 'range "a--" runs backwards'],
    ["[[:foo:]]", 1, 'no set of characters "[:foo:]"', "[[:alpha:]]"],
    ["[a-\\d]", 3, 'no escape "\\d"'],
    ["[\\b]", 1, 'no escape "\\b"', "\\x08"],
    ["[\\1]", 1, '"\\1" is a back-reference'],
    // Repetitions.
    ["*.ecr.*", 0, '"*" has nothing before it', "not a glob"],
    ["+a", 0, '"+" has nothing before it', '"\\+"'],
    ["a|?", 2, '"?" has nothing before it'],
    ["^(?!*a)b", 4, '"*" has nothing before it'],
    ["(?:{2})", 3, '"{2}" has nothing before it'],
    ["(?i)*", 4, '"*" has nothing before it'],
    ["a**", 2, '"*" follows another repetition', "(?:a{2}){3}"],
    ["a{2}{3}", 4, '"{3}" follows another repetition'],
    ["a{5,2}", 1, '"{5,2}" has a maximum below its minimum', "{2,5}"],
    ["a{1001}", 1, '"{1001}" is above RE2\'s limit of 1000'],
    ["a{99999999999999999999}", 1, "is above RE2's limit of 1000"],
    // Groups.
    ["(a", 0, 'this "(" opens a group', '"\\("'],
    ["a)", 1, 'this ")" closes a group', '"\\)"'],
    // Text.
    ["ab\ud800c", 2, "half a character"],
    ["\udc00", 0, "half a character"],
    // Cost.
    ["a".repeat(1025), noPlace, "longer than 1024 characters", "shorten"],
    ["😀".repeat(1025), noPlace, "longer than 1024 characters"],
    ["a{500}b{501}", noPlace, "counted repetitions come to 1001"],
    ["(?:a{10}b{10}){51}", noPlace, "counted repetitions come to 1020"],
    ["((a{100}){100}){100}", noPlace, "counted repetitions come to 1000000"],
    ["(?:(?:a{10}){0}b{1000}){2}", noPlace, "counted repetitions come to 2020"],
    [`(?:${"a".repeat(900)}){1000}`, noPlace, "has 903000 parts", "shorter group"],
    [
      `${"(".repeat(200)}${")".repeat(200)}{1000}`,
      noPlace,
      "parts once its counted repetitions are written out",
    ],
    ["\\Qabc\\E{1000}", noPlace, "has 3000 parts"],
    ["a{600}", noPlace, "takes at least 600 steps once compiled; at most 500", "lower"],
    ["a{0,300}", noPlace, "steps once compiled"],
    ["^(?!a{260})b{260}", noPlace, "steps once compiled"],
    ["\\pL".repeat(9), noPlace, "has 9 sets of Unicode characters", "[a-z]"],
    ["[\\pL\\pN\\pZ\\pS\\pP\\pM\\pC\\PL\\PN]", noPlace, "has 9 sets of Unicode characters"],
    ["(?i)[\\x{100}-\\x{4000}]", noPlace, "characters whose case", 'remove the "i"'],
    ["(?i:[\\x{100}-\\x{4000}])", noPlace, "characters whose case"],
  ];

test("a mistake is refused with its place, what is wrong and what to write instead", () => {
  for (const [source, offset, what, fix = ""] of refused) {
    const fault = faultOf(source);
    assert.ok(fault.what.includes(what), `${source}: ${fault.what}`);
    assert.ok(fault.fix.includes(fix), `${source}: ${fault.fix}`);
    assert.equal(fault.offset, offset, `the place in ${source}`);
  }
});

test("a limit itself is still within the limit", () => {
  const withinLimits = [
    "[ab]".repeat(256),
    "[😀b]".repeat(256),
    "a{498}",
    "(?:[ab]{40}){12}",
    "\\pL".repeat(8),
    "(?i)[\\x{100}-\\x{2000}]",
    "[\\x{0}-\\x{10FFFF}]",
    "^(?!a{200})b{200}",
  ];
  for (const source of withinLimits) {
    const result = parsePattern(source);
    assert.ok(result.ok, `${source}: ${result.ok ? "" : result.fault.what}`);
  }
});

test("the advice names the field that says what to leave out only where there is one", () => {
  for (const source of ["a(?!b)", "(?<!a)b"]) {
    assert.doesNotMatch(faultOf(source).fix, /excludeFilter/);
    assert.match(faultOf(source, "excludeFilter").fix, /or write X into excludeFilter/);
  }
});

test("a message shows only a printable piece of a hostile pattern", () => {
  const { what } = faultOf(`\\p{${"\u202e\n".repeat(200)}}`);
  assert.match(what, /^[\x20-\x7e…]+$/);
  assert.ok(what.length < 250, what);
});
