import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { tokenize } from "../../src/api/pattern/tokens.ts";

function kindsOf(source: string): string {
  const { tokens } = tokenize(source);
  return tokens.map(({ kind, start, end }) => `${kind} ${source.slice(start, end)}`).join(", ");
}

const split: readonly [source: string, tokens: string][] = [
  ["a\\.b", "atom a, atom \\., atom b"],
  ["[]a][^]a]", "atom []a], atom [^]a]"],
  ["[[:alpha:]][a\\]b]", "atom [[:alpha:]], atom [a\\]b]"],
  ["\\Qa)[\\E)", "quote \\Qa)[\\E"],
  ["\\Q(", "quote \\Q("],
  [
    "(a)(?:b)(?P<n>c)(?<m>d)(?i:e)",
    "open (, atom a, close ), open (?:, atom b, close ), open (?P<n>, atom c, close ), open (?<m>, atom d, close ), open (?i:, atom e, close )",
  ],
  ["(?i)(?-s)(?i-s)", "flags (?i), flags (?-s), flags (?i-s)"],
  [
    "(?=a)(?!b)(?<=c)(?<!d)",
    "look (?=, atom a, close ), look (?!, atom b, close ), look (?<=, atom c, close ), look (?<!, atom d, close )",
  ],
  [
    "a*b+?c??d{2}e{2,}?f{2,3}",
    "atom a, repeat *, atom b, repeat +?, atom c, repeat ??, atom d, repeat {2}, atom e, repeat {2,}?, atom f, repeat {2,3}",
  ],
  ["a{,2}", "atom a, atom {, atom ,, atom 2, atom }"],
  [
    "^a|b$\\b\\A\\z\\B",
    "assertion ^, atom a, bar |, atom b, assertion $, assertion \\b, assertion \\A, assertion \\z, assertion \\B",
  ],
  [
    "\\pL\\p{Greek}\\x41\\x{41}\\101\\d😀",
    "atom \\pL, atom \\p{Greek}, atom \\x41, atom \\x{41}, atom \\101, atom \\d, atom 😀",
  ],
  ["a[", "atom a"],
];

test("a pattern is split into the tokens of RE2's syntax", () => {
  for (const [source, expected] of split) assert.equal(kindsOf(source), expected);
});

test("tokens follow one another without a gap, up to the end or the first mistake", () => {
  const source = fc
    .array(
      fc.oneof(
        fc.constantFrom(..."()[]{}?*+|^$.\\:<=!-,12aQEpLx", "(?", "[:", ":]"),
        fc.string({ unit: "grapheme", maxLength: 2 }),
      ),
      { maxLength: 30 },
    )
    .map((all) => all.join(""));
  fc.assert(
    fc.property(source, (text) => {
      const { tokens, fault } = tokenize(text.toWellFormed());
      let end = 0;
      for (const token of tokens) {
        assert.equal(token.start, end);
        assert.ok(token.end > token.start);
        end = token.end;
      }
      if (fault === undefined) assert.equal(end, text.length);
      else assert.ok(fault.offset !== undefined && fault.offset <= text.length);
    }),
    { numRuns: 2000 },
  );
});
