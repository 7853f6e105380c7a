import assert from "node:assert/strict";
import { test } from "node:test";
import { type Pattern, parsePattern } from "../../src/api/pattern.ts";

function patternOf(source: string): Pattern {
  const result = parsePattern(source);
  if (!result.ok) assert.fail(`${source}: ${result.fault.what}`);
  return result.value;
}

const length = 100_000;
const a = "a".repeat(length);
const spaces = " ".repeat(length);
const digits = "1".repeat(length);
const mixed = "ab".repeat(length / 2);
const wide = "é😀".repeat(length / 3);

/** Patterns on which a backtracking engine takes exponential, or a high power of, time, with long texts that bring it out. */
const corpus: readonly [source: string, text: string, isKept: boolean][] = [
  ["^(a+)+$", `${a}!`, false],
  ["^(a+)+$", a, true],
  ["^(a*)*$", `${a}!`, false],
  ["^(a|a)*$", `${a}!`, false],
  ["^(a|aa)+$", `${a}!`, false],
  ["^(a|a?)+$", `${a}!`, false],
  ["^(a?){90}a{90}$", a, false],
  ["^(?:a?){100}a{100}$", "a".repeat(150), true],
  ["^(.*a){20}$", `${a}!`, false],
  ["^(.*a){20}", a, true],
  ["(.*)*x", a, false],
  ["(.*)+x$", `${a}x`, true],
  ["(.+)+x", a, false],
  ["([a-zA-Z]+)*[0-9]", a, false],
  ["^([a-zA-Z]+)*$", `${a}!`, false],
  ["^(([a-z])+.)+[A-Z]([a-z])+$", a, false],
  ["(x+x+)+y", "x".repeat(length), false],
  ["(x+x+)+y", `${"x".repeat(length)}y`, true],
  ["^(aa|aab?)*$", `${a}c`, false],
  ["^((a+)*)*$", `${a}!`, false],
  ["^((((a*)*)*)*)*$", `${a}!`, false],
  ["(a*)*b", a, false],
  ["(a*a*)*b", a, false],
  ["a*a*a*a*a*a*a*b", a, false],
  ["^a*a*a*a*a*a*$", `${a}!`, false],
  ["\\s+$", `${spaces}x`, false],
  ["^\\s+|\\s+$", `x${spaces}x`, false],
  ["\\s*,\\s*", `${spaces}x`, false],
  ["(\\d+)*\\.(\\d+)*$", digits, false],
  ["^\\d+\\d+\\d+\\d+$", `${digits}x`, false],
  ["^(\\d+)+\\.$", digits, false],
  ["^(\\w+\\s?)*$", `${a}!`, false],
  ["^(\\w+\\s?)*$", "a ".repeat(length / 2), true],
  ["^\\w+([-+.]\\w+)*@\\w+([-.]\\w+)*\\.\\w+$", a, false],
  ["^([a-zA-Z0-9._-]+)+@", `${a}!`, false],
  ["^([a-z0-9]+(?:[._-][a-z0-9]+)*/)*[a-z0-9]+$", `${"a/".repeat(length / 2)}!`, false],
  ["^([a-z0-9]+(?:[._-][a-z0-9]+)*/)*[a-z0-9]+$", `${"a/".repeat(length / 2)}b`, true],
  ["^(?:.*?,){11}P", ",".repeat(length), false],
  ["^(?:.*?,){11}P", `${",".repeat(11)}P`, true],
  ["<(?:[^<>]+)*>", `<${a}`, false],
  ['"(?:[^"\\\\]|\\\\.)*"', `"${"\\a".repeat(length / 2)}`, false],
  ["/\\*(?:[^*]|\\*)*\\*/", `/*${"*".repeat(length)}`, false],
  ["^(?:a|b|ab)*c$", mixed, false],
  ["^(?:a|b|ab)*$", mixed, true],
  ["^(?:(?:ab)*|(?:a|b)*)*c$", mixed, false],
  ["(?:a|b)*a[ab]{12}c", mixed, false],
  ["[ab]*a[ab]{200}[cd]", mixed, false],
  ["(?:a.{60}|b.{50})(?:a.{60}|b.{50})[xy]", mixed, false],
  ["^(?i)(?:A|a|[aA])*!$", a, false],
  ["(?s).*.*.*.*=.*", a, false],
  ["(?:\\w*\\d*\\s*){30}[!?]", a, false],
  ["(?:.{1,12}){20}[!?]", a, false],
  ["^(?:é|😀|.)*x$", wide, false],
  ["^(?:é|😀|[^x])*$", wide, true],
  ["(?:\\pL*\\PL*)*1", wide, false],
  ["^(?!(a+)+$)", `${a}!`, true],
  ["^(?!(a+)+$)", a, false],
  ["^(?!(a|aa)+$)(a|a)*!$", `${a}!`, true],
  ["^(?!.*(.*b)*c)(?:.*a)*$", a, true],
  ["^(?!(.*)*x)(?!(\\w+\\s?)*$)a", a, false],
];

test("patterns that make other engines hang give the right answer on long texts", () => {
  assert.ok(new Set(corpus.map(([source]) => source)).size >= 50);
  for (const [source, text, isKept] of corpus) {
    assert.equal(patternOf(source).matches(text), isKept, source);
  }
});

/** Patterns that are expensive to read or to compile, most at full length, and why they are refused, if they are. */
const costly: readonly [source: string, refusal: string | undefined][] = [
  ["(".repeat(1024), "opens a group"],
  [`${"(".repeat(512)}${")".repeat(512)}`, "parts once"],
  [`${"(?:".repeat(250)}a${")".repeat(250)}`, undefined],
  [`${"(?:".repeat(200)}a${")*".repeat(200)}`, undefined],
  ["[".repeat(1024), "opens a class"],
  ["[[:".repeat(341), "opens a class"],
  ["[[:a]".repeat(204), undefined],
  ["{".repeat(1024), "steps once compiled"],
  ["{1".repeat(512), "steps once compiled"],
  ["a{1".repeat(341), "steps once compiled"],
  ["a{1000}".repeat(146), "counted repetitions come to"],
  ["(?:a{1000}){1000}", "counted repetitions come to"],
  [`${"(?:".repeat(100)}a${"){1000}".repeat(100)}`, "counted repetitions come to"],
  [`(?:${"(a)".repeat(330)}){1000}`, "parts once"],
  [`(?:${"|".repeat(1000)}){1000}`, "parts once"],
  [`\\Q${"a".repeat(1000)}\\E{1000}`, "parts once"],
  ["|".repeat(1024), undefined],
  ["a|".repeat(512), undefined],
  ["()".repeat(512), "parts once"],
  ["^".repeat(1024), "steps once compiled"],
  ["$".repeat(1024), "steps once compiled"],
  ["\\b".repeat(512), "steps once compiled"],
  ["\\".repeat(1023), "escapes nothing"],
  ["\\Q".repeat(512), "steps once compiled"],
  ["\\x{".repeat(341), "no escape"],
  ["\\p{".repeat(341), "no set of characters"],
  ["\\pL".repeat(341), "sets of Unicode"],
  [`[${"\\pL".repeat(340)}]`, "sets of Unicode"],
  ["(?i)".repeat(256), undefined],
  [`(?i)${"\\PL".repeat(300)}`, "sets of Unicode"],
  [`(?i)[${"\u0100-\u{1e900}".repeat(200)}]`, "must fold"],
  ["(?!".repeat(341), "negative look-ahead"],
  ["(?P<n>".repeat(170), "is named"],
  [`^${"(?!a)".repeat(200)}`, undefined],
  [`^${"(?!.*a.*b)".repeat(100)}`, "steps once compiled"],
  [`^(?!${"(".repeat(500)}${")".repeat(500)})`, "parts once"],
  ["a?".repeat(512), "steps once compiled"],
  ["(?:a|bb)".repeat(128), "steps once compiled"],
  ["(?:aa|bb|cc)".repeat(85), "steps once compiled"],
  ["a".repeat(5_000_000), "longer than"],
  ["\ud800".repeat(1024), "half a character"],
  ["😀".repeat(1024), "steps once compiled"],
];

test("a pattern that is expensive for its length is refused with the reason, or else read", () => {
  for (const [source, refusal] of costly) {
    const result = parsePattern(source);
    const shown = source.slice(0, 40);
    if (result.ok) {
      assert.equal(refusal, undefined, shown);
      assert.equal(typeof result.value.matches("a".repeat(1000)), "boolean");
    } else {
      assert.ok(
        refusal !== undefined && result.fault.what.includes(refusal),
        `${shown}: ${result.fault.what}`,
      );
    }
  }
});
