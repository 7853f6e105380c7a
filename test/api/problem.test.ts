import assert from "node:assert/strict";
import { test } from "node:test";
import { decode } from "../../src/api/decode.ts";
import {
  type FieldPath,
  formatPath,
  isMistake,
  type Problem,
  problemOf,
  problemText,
  severityOf,
  withoutIgnored,
} from "../../src/api/problem.ts";
import { isRuleId, RULES } from "../../src/api/rules/catalogue.ts";
import { changed, smallest } from "./valid-objects.ts";

const PATHS: readonly (readonly [FieldPath, string])[] = [
  [[], ""],
  [["spec"], "spec"],
  [["spec", "sources", 1, "registry", "tagFilter"], "spec.sources[1].registry.tagFilter"],
  [["spec", "nodeSelector", "kubernetes.io/arch"], "spec.nodeSelector[kubernetes.io/arch]"],
  [["spec", "nodeSelector", "pool"], "spec.nodeSelector.pool"],
  [["items", 0, "spec"], "items[0].spec"],
  [["", "a"], "[].a"],
  [["a\nb\u001b[31m\u202e"], "[a\\u{a}b\\u{1b}[31m\\u{202e}]"],
  [["x y".repeat(200)], `[${"x y".repeat(200).slice(0, 317)}…]`],
];

for (const [path, text] of PATHS) {
  test(`the path ${JSON.stringify(path).slice(0, 60)} is written ${text.slice(0, 60)}`, () => {
    assert.equal(formatPath(path), text);
  });
}

function problem(rule: Problem["rule"]): Problem {
  return problemOf({ what: "wrong", fix: "mend it" }, { rule, home: "code", path: ["spec"] });
}

test("a problem reads as what is wrong, how to mend it, and its rule", () => {
  assert.equal(problemText(problem("DROP2003")), "wrong; mend it [DROP2003]");
});

test("a fault without a place gives a problem without one", () => {
  assert.equal("offset" in problem("DROP1008"), false);
  const fault = { what: "wrong", fix: "mend it", offset: 0 };
  assert.equal(problemOf(fault, { rule: "DROP1008", home: "cel", path: [] }).offset, 0);
});

test("rules from 2000 on are warnings, all others mistakes", () => {
  for (const rule of Object.keys(RULES)) {
    assert.ok(isRuleId(rule));
    assert.equal(isMistake({ rule }), rule < "DROP2000", rule);
    assert.equal(severityOf({ rule }), rule < "DROP2000" ? "error" : "warning");
  }
  assert.equal(isRuleId("toString"), false);
});

const ANNOTATIONS: readonly (readonly [text: unknown, kept: readonly string[]])[] = [
  ["DROP2003", ["DROP1008", "DROP2001"]],
  ["DROP2003,DROP2001", ["DROP1008"]],
  [" DROP2001 \n DROP2003 ", ["DROP1008"]],
  ["DROP1008", ["DROP1008", "DROP2001", "DROP2003"]],
  ["drop2003", ["DROP1008", "DROP2001", "DROP2003"]],
  ["all", ["DROP1008", "DROP2001", "DROP2003"]],
  ["", ["DROP1008", "DROP2001", "DROP2003"]],
  [["DROP2003"], ["DROP1008", "DROP2001", "DROP2003"]],
];

for (const [text, kept] of ANNOTATIONS) {
  test(`the annotation ${JSON.stringify(text)} leaves ${kept.join(", ")}`, () => {
    const problems = [problem("DROP1008"), problem("DROP2001"), problem("DROP2003")];
    const annotations = { "drop.corewire.io/ignore-rules": text };
    assert.deepEqual(
      withoutIgnored(problems, annotations).map(({ rule }) => rule),
      kept,
    );
  });
}

test("an object silences its own warnings, never its mistakes", () => {
  const rulesOf = (value: string, field: string, rule: string) => {
    const annotations = { "drop.corewire.io/ignore-rules": rule };
    const object = changed(smallest("CachedImage"), "metadata.annotations", annotations);
    return decode("CachedImage", changed(object, field, value)).problems.map((found) => found.rule);
  };
  assert.deepEqual(rulesOf("nginx", "spec.image", "DROP9999"), ["DROP2003"]);
  assert.deepEqual(rulesOf("nginx", "spec.image", "DROP2003"), []);
  assert.deepEqual(rulesOf("a b", "spec.tag", "DROP1008"), ["DROP1008"]);
});
