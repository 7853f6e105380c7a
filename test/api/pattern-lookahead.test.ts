import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type Pattern, parsePattern } from "../../src/api/pattern.ts";

function patternOf(source: string): Pattern {
  const result = parsePattern(source);
  if (!result.ok) assert.fail(`${source}: ${result.fault.what}`);
  return result.value;
}

const split: readonly [source: string, keeps: readonly string[], drops: readonly string[]][] = [
  ["^(?!a)", ["", "b", "ba"], ["a", "ab"]],
  ["^(?!a)b", ["b", "bc"], ["a", "ab", "cb", ""]],
  ["\\A(?!a)b", ["b"], ["ab", "cb"]],
  ["^(?!a$)", ["", "ab", "a\n"], ["a"]],
  ["^(?!.*a$)", ["ab", "a\n"], ["ba", "a"]],
  ["^(?!)", [], ["", "a"]],
  ["^(?!)b", [], ["b"]],
  ["^(?!$)", ["a"], [""]],
  ["^(?!^a)b", ["b"], ["a"]],
  ["^(?!a|b)", ["c", ""], ["a", "bc"]],
  ["^(?!a|)", [], ["", "a", "c"]],
  ["^(?!(?:a|b)c)(?:a|b)", ["ad", "b"], ["ac", "bc", "c"]],
  ["^(?!a)(?!b).", ["c", "cb"], ["a", "b", ""]],
  ["^(?!(?i)a)(?!b).", ["c", "B"], ["a", "A", "b"]],
  ["(?i)^(?!A)B$", ["b", "B"], ["a", "ab"]],
  ["(?s)^(?!.*x).+$", ["a\nb"], ["a\nx", "x"]],
  ["^(?!.*x).*", ["a\nx"], ["ax\n"]],
  ["(?U)^(?!a+)b", ["b"], ["ab"]],
  ["(?isU)\\A(?!a.b)a", ["axc", "A"], ["a\nB"]],
  ["^(?!\\))b", ["b"], [")b", "a"]],
  ["^(?![)])b", ["b"], [")b"]],
  ["^(?![])])b", ["b"], ["]b"]],
  ["^(?!\\Q)\\E)b", ["b"], [")"]],
  ["^(?!a)\\Qb|c", ["b|c"], ["b", "c"]],
  ["^(?!a)\\Qb\\", ["b\\"], ["b"]],
  ["^(?!a)[|]b", ["|b"], ["b"]],
  ["^(?!a)\\|b", ["|b"], ["b"]],
  ["^(?!a){", ["{"], ["b"]],
  ["^(?!(?P<n>a))(?P<m>b)", ["b"], ["a"]],
  ["^(?!.*-(?:rc|alpha|beta))v\\d+\\.\\d+\\.\\d+", ["v1.2.3", "v1.2.3-1"], ["v1.2.3-rc1", "1.2.3"]],
  ["^(?!.*(?:amazonaws|azurecr)\\.).*$", ["docker.io/x"], ["1.amazonaws.com/x", "y.azurecr.io/z"]],
];

test("a leading negative look-ahead removes what it matches at the beginning and keeps what the rest matches", () => {
  for (const [source, keeps, drops] of split) {
    const pattern = patternOf(source);
    assert.equal(pattern.source, source);
    for (const text of keeps) assert.equal(pattern.matches(text), true, `${source} on ${text}`);
    for (const text of drops) assert.equal(pattern.matches(text), false, `${source} on ${text}`);
  }
});

// Only syntax that JavaScript and RE2 both have, with the same meaning.
const atom = fc.constantFrom(
  "a",
  "b",
  "c",
  "A",
  ".",
  "\\.",
  "[ab]",
  "[^a]",
  "[)a]",
  "[a|b]",
  "\\d",
  "\\w",
  "\\W",
  "\\)",
  "\\|",
  "^",
  "$",
  "\\b",
);
const repeat = fc.constantFrom("", "", "", "*", "+", "?", "*?", "+?", "{2}", "{1,2}", "{0,1}");

// JavaScript repeats no assertion but look-aheads; RE2 would.
function repeated(text: string, times: string): string {
  return /^(?:\^|\$|\\b)$/.test(text) ? text : text + times;
}

const { body } = fc.letrec<{ body: string; piece: string; choice: string }>((tie) => ({
  body: fc.array(tie("piece"), { maxLength: 4 }).map((all) => all.join("")),
  piece: fc.oneof(
    { maxDepth: 2, withCrossShrink: true },
    fc.tuple(atom, repeat).map(([text, times]) => repeated(text, times)),
    fc
      .tuple(fc.constantFrom("(", "(?:"), tie("choice"), repeat)
      .map(([open, text, times]) => `${open}${text})${times}`),
  ),
  choice: fc.oneof(
    tie("body"),
    fc.tuple(tie("body"), tie("body")).map((both) => both.join("|")),
  ),
}));

const lookAhead = fc
  .oneof(
    body,
    fc.tuple(body, body).map((both) => both.join("|")),
  )
  .map((text) => `(?!${text})`);
const flags = fc.constantFrom("", "", "i", "s", "is");
const texts = fc.array(
  fc
    .array(fc.constantFrom("a", "b", "c", "A", "B", ".", "1", ")", "|", "\n", "-"), {
      maxLength: 6,
    })
    .map((all) => all.join("")),
  { minLength: 12, maxLength: 12 },
);

test("a split pattern keeps exactly what JavaScript's own look-ahead keeps", () => {
  const anchor = fc.constantFrom("^", "^", "\\A");
  const lookAheads = fc.array(lookAhead, { minLength: 1, maxLength: 3 });
  fc.assert(
    fc.property(flags, anchor, lookAheads, body, texts, (letters, start, heads, rest, inputs) => {
      const tail = `${heads.join("")}${rest}`;
      const result = parsePattern(`${letters === "" ? "" : `(?${letters})`}${start}${tail}`);
      // Large ones are refused, everything else must be understood.
      if (!result.ok) {
        assert.match(result.fault.what, /at most \d+ are allowed$/);
        return;
      }
      const pattern = result.value;
      const expected = new RegExp(`^${tail}`, letters);
      for (const input of inputs) {
        assert.equal(
          pattern.matches(input),
          expected.test(input),
          `${expected} on ${JSON.stringify(input)}`,
        );
      }
    }),
    { numRuns: 4000 },
  );
});
