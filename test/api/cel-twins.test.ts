import assert from "node:assert/strict";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { readKinds } from "../../scripts/generate/crd.ts";
import { celRules } from "../../scripts/generate/schemas.ts";
import { brokenRules, splitMessage } from "../../src/api/cel.ts";
import type { CelRule } from "../../src/api/cel-rules.gen.ts";
import { keepsRule } from "../../src/api/cel-twins.ts";
import { DURATION_PATTERN } from "../../src/api/duration.ts";
import { DIGEST_PATTERN, TAG_PATTERN } from "../../src/api/image-reference.ts";
import { LOOK_AHEAD_PREFIX } from "../../src/api/pattern.ts";
import { formatPath, type Problem, problemText } from "../../src/api/problem.ts";
import { isRuleId } from "../../src/api/rules/catalogue.ts";
import type { Schema } from "../../src/api/schema.ts";
import { SCHEMAS } from "../../src/api/schemas.gen.ts";
import { KINDS } from "../../src/api/types.gen.ts";
import { changed, DIGEST, fullest } from "./valid-objects.ts";

const RULES = celRules(readKinds(fileURLToPath(new URL("../../crds", import.meta.url))));

/** For each CEL rule values that keep it, and values that break it. */
const EXAMPLES: Readonly<
  Record<CelRule, { readonly keep: readonly unknown[]; readonly break: readonly unknown[] }>
> = {
  "!(has(self.tag) && has(self.digest))": {
    keep: [{}, { tag: "1" }, { digest: "" }, "text", undefined, null, 5],
    break: [
      { tag: "1", digest: DIGEST },
      { tag: "", digest: "" },
    ],
  },
  "!self.matches(r'(@|:[^/]*$)')": {
    keep: ["nginx", "localhost:5000/nginx", "", 5, undefined],
    break: ["nginx:1", `nginx@${DIGEST}`, "nginx:", "@", "localhost:5000"],
  },
  [`self.matches(r'${TAG_PATTERN}')` as const]: {
    keep: ["1.27", "_", "a".repeat(128), 5],
    break: ["", "-a", ".a", "a b", "a".repeat(129), "ä", "a\n"],
  },
  [`self.matches(r'${DIGEST_PATTERN}')` as const]: {
    keep: [DIGEST, `sha512:${"0".repeat(128)}`, null],
    break: ["", "sha256:", DIGEST.toUpperCase(), `${DIGEST}0`, `md5:${"a".repeat(32)}`],
  },
  "self.matches(r'^https?://[^/@?#\\s\\\\]+(/[^?#\\s\\\\]*)?$')": {
    keep: ["http://a", "https://a:1/b/", "https://a\u00a0b", "https://a/@"],
    break: [
      "",
      "a",
      "ftp://a",
      "https://",
      "https:///a",
      "https://u@a",
      "https://a?b",
      "https://a b",
    ],
  },
  [`self.matches(r'${DURATION_PATTERN}')` as const]: {
    keep: ["0", "1h30m", "1.5d", "1µs", "1μs", "00s"],
    break: ["", "1", "-1s", "1 s", "1S", "00", ".5s", "s", "1h\n"],
  },
  "self.matches(r'[1-9]') || !self.matches(r'^[0-9]')": {
    keep: ["1s", "0.1s", "", "s", 0],
    break: ["0", "0s", "0h0m", "00"],
  },
  [`self.matches(r'${LOOK_AHEAD_PREFIX}') || ''.matches(self) in [true, false]` as const]: {
    keep: ["", "a", "^(?!a", "(?U)\\A(?!a", "\\Qa", 5],
    break: ["(", "a**", "(?=a)", "x(?!a)", "\\1", "[z-a]", "a{1001}"],
  },
  "self.type == 'prometheus' ? has(self.prometheus) && !has(self.registry) : has(self.registry) && !has(self.prometheus)":
    {
      keep: [
        { type: "prometheus", prometheus: {} },
        { type: "registry", registry: {} },
        { type: "somebody's" },
        {},
        5,
      ],
      break: [
        { type: "prometheus" },
        { type: "prometheus", registry: {} },
        { type: "registry", prometheus: {}, registry: {} },
      ],
    },
  "self.all(a, !has(a.name) || self.exists_one(b, has(b.name) && b.name == a.name))": {
    keep: [[], [{}, {}], [{ name: "a" }, { name: "A" }], "text", [null, null]],
    break: [
      [{ name: "a" }, {}, { name: "a" }],
      [{ name: "" }, { name: "" }],
    ],
  },
  "!has(self.interval) || self.interval == self.syncInterval || self.syncInterval == '30m'": {
    keep: [
      {},
      { interval: "1h", syncInterval: "30m" },
      { interval: "1h", syncInterval: "1h" },
      { interval: 5, syncInterval: "1h" },
      { interval: "1h", syncInterval: 5 },
    ],
    break: [
      { interval: "30m", syncInterval: "1h" },
      { interval: "60m", syncInterval: "1h" },
    ],
  },
  "!has(self.topX) || self.topX == self.maxImages || self.maxImages == 50": {
    keep: [{}, { topX: 5, maxImages: 50 }, { topX: 5, maxImages: 5 }, { topX: "5", maxImages: 6 }],
    break: [{ topX: 50, maxImages: 5 }],
  },
  "!has(self.initial) || !has(self.max) || !self.initial.matches(r'^([0-9]{1,5}(\\.[0-9]{1,9})?(ns|us|ms|s|m|h)){1,4}$') || !self.max.matches(r'^([0-9]{1,5}(\\.[0-9]{1,9})?(ns|us|ms|s|m|h)){1,4}$') || duration(self.initial) <= duration(self.max)":
    {
      keep: [
        {},
        { initial: "5m" },
        { initial: "5m", max: "5m" },
        { initial: "60s", max: "1m" },
        { initial: "8d", max: "1w" },
        { initial: "0.9999999999h", max: "1s" },
        { initial: 5, max: "1s" },
        { initial: "0.5ns", max: "0.1ns" },
      ],
      break: [
        { initial: "5m1ns", max: "5m" },
        { initial: "99999h1ns", max: "99999h" },
        { initial: "1.5us", max: "1us" },
      ],
    },
};

test("every CEL rule of the CRDs has examples here, and a twin", () => {
  assert.deepEqual(Object.keys(EXAMPLES).toSorted(), RULES.toSorted());
  assert.throws(() => keepsRule("self == 1", 1), /no twin/);
});

for (const [rule, examples] of Object.entries(EXAMPLES)) {
  test(`the twin tells what keeps from what breaks ${rule.slice(0, 70)}`, () => {
    for (const value of examples.keep) assert.ok(keepsRule(rule, value), JSON.stringify(value));
    for (const value of examples.break) assert.ok(!keepsRule(rule, value), JSON.stringify(value));
  });
}

test("the grammars of tags, digests, durations and look-aheads stand verbatim in the rules", () => {
  for (const pattern of [TAG_PATTERN, DIGEST_PATTERN, DURATION_PATTERN, LOOK_AHEAD_PREFIX]) {
    assert.ok(
      RULES.some((rule) => rule.includes(`r'${pattern}'`)),
      pattern,
    );
  }
});

test("every message of the CRDs says what is wrong, how to mend it, and the id of a rule", () => {
  for (const { message } of KINDS.flatMap((kind) => validationsOf(SCHEMAS[kind]))) {
    const { what, fix, rule } = splitMessage(message);
    assert.equal(problemText({ what, fix, rule }), message);
    assert.ok(isRuleId(rule) && what.length > 10 && fix.length > 10, message);
    assert.doesNotMatch(message, /\n|\s{2}|;.*;.*;/);
  }
});

test("a message without its parts is a bug, not a mistake of the user's", () => {
  for (const message of [
    "wrong",
    "wrong; mend it",
    "wrong; mend it [DROP9999]",
    "wrong [DROP1001]",
  ]) {
    assert.throws(() => splitMessage(message), /without its parts/);
  }
});

interface Validation {
  readonly message: string;
}

function validationsOf(schema: Schema): readonly Validation[] {
  const below = [
    ...Object.values(schema.properties ?? {}),
    ...(schema.items ? [schema.items] : []),
  ];
  return [...(schema["x-kubernetes-validations"] ?? []), ...below.flatMap(validationsOf)];
}

test("a broken rule is reported at its field, with the message of the CRD", () => {
  const object = changed(fullest("CachedImage"), "spec.digest", DIGEST);
  const [problem, ...others] = brokenRules(SCHEMAS.CachedImage, object);
  assert.deepEqual(others, []);
  assert.equal(formatPath(problem?.path ?? []), "spec.digest");
  assert.equal(problem?.rule, "DROP1007");
  assert.equal(problem?.reason, "FieldValueForbidden");
  assert.equal(problem?.value, DIGEST);
});

test("a rule on a list or mapping is reported without a value to print", () => {
  const object = changed(fullest("DiscoveryPolicy"), "spec.sources.0.name", "hub");
  const problems: readonly Problem[] = brokenRules(SCHEMAS.DiscoveryPolicy, object);
  assert.deepEqual(
    problems.map(({ rule, path, value }) => [rule, formatPath(path), value]),
    [["DROP1013", "spec.sources", undefined]],
  );
});
