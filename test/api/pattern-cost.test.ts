import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { RE2JS } from "re2js";
import { costOf, mayShrink } from "../../src/api/pattern/cost.ts";
import { tokenize } from "../../src/api/pattern/tokens.ts";

const atom = fc.constantFrom(
  "a",
  "Z",
  "é",
  "😀",
  ".",
  "\\d",
  "\\W",
  "\\pL",
  "\\PL",
  "\\P{Any}",
  "[a-c]",
);
const rare = fc.constantFrom(
  "[^a]",
  "[^\\x00-\\x{10FFFF}]",
  "[[:alpha:]]",
  "\\Qa.b\\E",
  "^",
  "$",
  "\\b",
  "",
);
const repeat = fc.constantFrom(
  "",
  "",
  "*",
  "+",
  "?",
  "*?",
  "{0}",
  "{1}",
  "{2}",
  "{0,1}",
  "{0,3}",
  "{2,}",
  "{2,3}?",
);

const { pattern } = fc.letrec<{ pattern: string; piece: string }>((tie) => ({
  pattern: fc.array(tie("piece"), { maxLength: 5 }).map((all) => all.join("")),
  piece: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    fc.tuple(fc.oneof(atom, rare), repeat).map(([text, times]) => text + (text && times)),
    fc
      .tuple(fc.constantFrom("(", "(?:", "(?i:"), tie("pattern"), repeat)
      .map(([opening, inner, times]) => `${opening}${inner})${times}`),
  ),
}));

test("a program never has fewer steps than its tokens say", () => {
  fc.assert(
    fc.property(pattern, (source) => {
      const { tokens, fault } = tokenize(source);
      if (fault !== undefined || tokens.some((token) => mayShrink(source, token))) return;
      const { steps } = costOf(source, tokens);
      assert.ok(steps <= RE2JS.compile(source).programSize(), `${source}: ${steps}`);
    }),
    { numRuns: 3_000 },
  );
});

test("stars and counted repetitions of plain characters are counted", () => {
  const counts = [
    ["x*".repeat(512), 1024],
    ["(?:x+y*){200}", 800],
    ["a{501}", 501],
    ["((a*)*)*", 2],
    ["a{0}b{0,3}", 3],
  ] as const;
  for (const [source, steps] of counts) {
    assert.equal(costOf(source, tokenize(source).tokens).steps, steps, source);
  }
});
