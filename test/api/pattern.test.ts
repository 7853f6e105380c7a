import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { RE2JS } from "re2js";
import {
  beginsWithLookAhead,
  isRe2,
  LOOK_AHEAD_PREFIX,
  type Pattern,
  parsePattern,
} from "../../src/api/pattern.ts";

function patternOf(source: string): Pattern {
  const result = parsePattern(source);
  if (!result.ok) assert.fail(`${source}: ${result.fault.what}`);
  return result.value;
}

const nginx = "docker.io/library/nginx:1.27";
const ecr = "123.dkr.ecr.eu-west-1.amazonaws.com/x:1";

const accepted: readonly [source: string, keeps: readonly string[], drops: readonly string[]][] = [
  ["", ["", "a", "\n"], []],
  ["nginx", [nginx, "nginx"], ["ngin", ""]],
  ["^docker\\.io/", [nginx], ["xdocker.io/", "dockerxio/"]],
  ["^v\\d+\\.\\d+\\.\\d+$", ["v1.2.3", "v10.20.30"], ["1.2.3", "v1.2", "v1.2.3-rc1", "v1.2.3\n"]],
  ["^(?!.*ecr\\..*amazonaws\\.com).*$", [nginx, ""], [ecr]],
  ["^\\d+\\.\\d+(?:\\.\\d+)?$", ["1.27", "1.27.3"], ["1", "1.27.3.4"]],
  ["alpine|slim", ["3.20-alpine", "bookworm-slim"], ["bookworm"]],
  ["^(alpine|slim)$", ["alpine", "slim"], ["3-alpine"]],
  ["(?i)LATEST", ["latest", "Latest"], ["lates"]],
  ["(?i:A)b", ["ab", "Ab"], ["aB"]],
  ["(?-i)a", ["a"], ["A"]],
  ["a.c", ["abc", "a😀c"], ["a\nc", "ac"]],
  ["(?s)a.c", ["a\nc"], ["ac"]],
  ["(?m)^b$", ["a\nb\nc"], ["ab"]],
  ["^b$", ["b"], ["a\nb", "b\n"]],
  ["(?U)a+b", ["aab"], ["b"]],
  ["[]a]", ["]", "a"], ["["]],
  ["[^]a]", ["b", "["], ["]", "a", "]a"]],
  ["[a-]", ["a", "-"], ["b"]],
  ["[-a]", ["a", "-"], ["b"]],
  ["[a-c-e]", ["b", "-", "e"], ["d"]],
  ["[\\d-z]", ["5", "-", "z"], ["a"]],
  ["[\\]\\\\]", ["]", "\\"], ["["]],
  ["[[:alpha:]]", ["x"], ["1"]],
  ["[[:^digit:]]", ["x"], ["1"]],
  ["[[:digit:]x[:space:]]", ["x", "7", " "], ["y"]],
  ["[[]", ["["], ["]"]],
  ["[(|)*]{2}", ["(|", "**"], ["(a"]],
  ["\\Qa.b*\\E$", ["a.b*"], ["axb", "a.bb"]],
  ["\\Q(?!", ["x(?!"], ["!"]],
  ["a\\Q\\E+", ["a", "aa"], ["b"]],
  ["\\Q\\\\E", ["\\"], ["E"]],
  ["(?P<year>\\d{4})", ["2025"], ["202"]],
  ["(?<year>\\d{4})", ["2025"], ["202"]],
  ["a{2}b{1,}c{0,1}$", ["aab", "aabbc"], ["ab", "aabcc"]],
  ["^a{2}?$", ["aa"], ["a"]],
  ["^a*?b+?c??$", ["b", "aabbc"], ["a"]],
  ["a{,2}", ["a{,2}"], ["aa"]],
  ["a{01}", ["a{01}"], ["a"]],
  ["a{", ["a{"], ["a"]],
  ["x{y}", ["x{y}"], ["xy"]],
  ["}]", ["}]"], ["}"]],
  ["\\x41\\x{1F600}", ["A😀"], ["A"]],
  ["\\101", ["A"], ["a"]],
  ["\\0", ["\0"], ["0"]],
  ["\\t\\n\\v\\f\\r\\a", ["\t\n\v\f\r\x07"], ["t"]],
  ["\\pL", ["é"], ["1"]],
  ["\\p{Greek}+", ["ω"], ["w"]],
  ["[\\PL\\p{^Nd}]", ["a", "1"], []],
  ["\\bx\\B", ["a xy"], ["a x", "axy"]],
  ["\\Aa\\z", ["a"], ["ab", "a\n"]],
  ["^*a", ["ba"], ["b"]],
  ["()|a", ["", "b"], []],
  ["(?:(?:a{10}){10}){4}b", [`${"a".repeat(400)}b`], [`${"a".repeat(399)}b`]],
  ["\\_\\-\\/\\ ", ["_-/ "], ["_-/"]],
  ["😀", ["a😀"], ["a"]],
  ["(?i)straße", ["STRAßE"], ["STRASSE"]],
];

test("a pattern keeps what it matches anywhere and drops the rest", () => {
  for (const [source, keeps, drops] of accepted) {
    const pattern = patternOf(source);
    assert.equal(pattern.source, source);
    for (const text of keeps) assert.equal(pattern.matches(text), true, `${source} on ${text}`);
    for (const text of drops) assert.equal(pattern.matches(text), false, `${source} on ${text}`);
  }
});

test("a pattern gives the same answer however often it is asked", () => {
  const pattern = patternOf("^(?!.*ecr\\..*amazonaws\\.com).*$");
  for (let round = 0; round < 3; round += 1) {
    assert.equal(pattern.matches(ecr), false);
    assert.equal(pattern.matches(nginx), true);
  }
});

const hostileText = fc.oneof(
  fc.string({ unit: "binary", maxLength: 60 }),
  // Half characters too, which no well-formed text holds.
  fc
    .array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 20 })
    .map((units) => String.fromCharCode(...units)),
  fc
    .array(fc.constantFrom(..."()[]{}?*+|^$.\\:<>=!-,019abdpPQExizsU\n"), { maxLength: 40 })
    .map((all) => all.join("")),
  fc
    .array(
      fc.constantFrom(
        "(?!",
        "(?<",
        "(?P<n>",
        "(?i)",
        "[[:",
        ":]",
        "\\Q",
        "\\E",
        "\\p{",
        "\\x{",
        "{1000}",
        "^",
        "a",
        ")",
        "|",
        "]",
      ),
      { maxLength: 25 },
    )
    .map((all) => all.join("")),
);

test("no text makes the parser or a pattern throw, and a refusal says what, how to fix it and where", () => {
  fc.assert(
    fc.property(hostileText, hostileText, (source, input) => {
      const result = parsePattern(source);
      assert.equal(typeof beginsWithLookAhead(source), "boolean");
      assert.equal(typeof isRe2(source), "boolean");
      if (result.ok) {
        assert.equal(typeof result.value.matches(input), "boolean");
        return;
      }
      const { what, fix, offset } = result.fault;
      assert.match(what, /^[\x20-\x7e…]+$/);
      assert.match(fix, /^[\x20-\x7e…—]+$/);
      if (offset !== undefined)
        assert.ok(offset >= 0 && offset < source.length, `${offset} in ${source}`);
    }),
    { numRuns: 4000 },
  );
});

test("every mistake of syntax is found with its place, before the engine is asked", () => {
  fc.assert(
    fc.property(hostileText, (source) => {
      const result = parsePattern(source);
      if (result.ok || result.fault.offset !== undefined) return;
      assert.match(result.fault.what, /at most \d+ are allowed$/);
    }),
    { numRuns: 4000 },
  );
});

test("a plain pattern matches exactly what the engine matches", () => {
  const texts = fc
    .array(fc.constantFrom("a", "b", "A", "\n", "1"), { maxLength: 8 })
    .map((all) => all.join(""));
  fc.assert(
    fc.property(fc.constantFrom(...accepted.map(([source]) => source)), texts, (source, text) => {
      if (beginsWithLookAhead(source)) return;
      assert.equal(patternOf(source).matches(text), RE2JS.compile(source).test(text));
    }),
    { numRuns: 1000 },
  );
});

test("the pattern of a leading look-ahead says the same in RE2 as in JavaScript", () => {
  const inRe2 = RE2JS.compile(LOOK_AHEAD_PREFIX);
  const heads = fc.array(
    fc.constantFrom("(?i)", "(?isU)", "(?m)", "^", "\\A", "(?!", "(?=", "a", " "),
    { maxLength: 4 },
  );
  fc.assert(
    fc.property(
      heads.map((all) => all.join("")),
      (source) => {
        assert.equal(beginsWithLookAhead(source), inRe2.test(source));
      },
    ),
  );
  for (const source of ["^(?!a)", "\\A(?!", "(?i)^(?!a)b", "(?sU)\\A(?!a)"]) {
    assert.equal(beginsWithLookAhead(source), true, source);
  }
  for (const source of [
    "",
    "(?!a)",
    "^a(?!b)",
    "(?m)^(?!a)",
    "(?i)(?s)^(?!a)",
    "^^(?!a)",
    "^(?=a)",
    " ^(?!a)",
  ]) {
    assert.equal(beginsWithLookAhead(source), false, source);
  }
});

test("what RE2 itself reads is told apart from what is allowed", () => {
  for (const source of [
    "",
    "a",
    "a{1000}",
    "(?:a{10}){100}",
    "(?:a{10}b{10}){100}",
    "\\pL".repeat(100),
  ]) {
    assert.equal(isRe2(source), true, source);
  }
  for (const source of [
    "^(?!a)",
    "a(?=b)",
    "(a)\\1",
    "a{1001}",
    "(?:a{10}){101}",
    "(?:(?:a{100}){11}){0}",
    "[",
  ]) {
    assert.equal(isRe2(source), false, source);
  }
  fc.assert(
    fc.property(hostileText, (source) => {
      if (parsePattern(source).ok && !beginsWithLookAhead(source))
        assert.equal(isRe2(source), true);
    }),
    { numRuns: 2000 },
  );
});
