import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { decode } from "../../src/api/decode.ts";
import { formatPath, isMistake, type Problem, problemText } from "../../src/api/problem.ts";
import { isRuleId } from "../../src/api/rules/catalogue.ts";
import { KINDS, type Kind } from "../../src/api/types.gen.ts";
import { changed, DIGEST, fullest, smallest } from "./valid-objects.ts";

function found(problems: readonly Problem[]): readonly string[] {
  return problems.map(({ rule, path }) => `${formatPath(path)} ${rule}`);
}

test("the smallest and the fullest object of each kind have no mistake and no warning", () => {
  for (const kind of KINDS) {
    for (const input of [smallest(kind), fullest(kind)]) {
      const { object, problems } = decode(kind, input);
      assert.deepEqual(found(problems), []);
      assert.ok(object);
    }
  }
});

interface Row {
  readonly kind: Kind;
  readonly field: string;
  readonly value: unknown;
  readonly expected: readonly string[];
  readonly says?: RegExp;
}

const image = (field: string, value: unknown, expected: string[], says?: RegExp): Row =>
  row("CachedImage", field, value, { expected, says });
const set = (field: string, value: unknown, expected: string[], says?: RegExp): Row =>
  row("CachedImageSet", field, value, { expected, says });
const discovery = (field: string, value: unknown, expected: string[], says?: RegExp): Row =>
  row("DiscoveryPolicy", field, value, { expected, says });
const pull = (field: string, value: unknown, expected: string[], says?: RegExp): Row =>
  row("PullPolicy", field, value, { expected, says });

function row(
  kind: Kind,
  field: string,
  value: unknown,
  { expected, says }: { expected: string[]; says: RegExp | undefined },
): Row {
  return { kind, field, value, expected, ...(says && { says }) };
}

const long = (count: number) => "x".repeat(count);

const ROWS: readonly Row[] = [
  image("apiVersion", "v1", ["apiVersion DROP1004"]),
  image("apiVersion", undefined, ["apiVersion DROP1003"]),
  image("kind", "PullPolicy", ["kind DROP1004"]),
  image("metadata", undefined, ["metadata DROP1003"]),
  image("metadata", [], ["metadata DROP1002"]),
  image("metadata.name", "Web_1", ["metadata.name DROP1023"]),
  image("metadata.name", "", ["metadata.name DROP1023"]),
  image("metadata.nam", "web", ["metadata.nam DROP1001"], /did you mean "name"\?/),
  image("metadata.labels", { "a b": "c" }, ["metadata.labels[a b] DROP1020"]),
  image("metadata.labels", { team: "a b" }, ["metadata.labels.team DROP1020"]),
  image("metadata.annotations", { "a b": "c" }, ["metadata.annotations[a b] DROP1020"]),
  image("metadata.annotations", { "Example.COM/note": "c" }, []),
  image("metadata.annotations", { note: 5 }, ["metadata.annotations.note DROP1002"], /"5"/),
  image(
    "metadata.annotations",
    { note: long(262_145) },
    ["metadata.annotations DROP1005"],
    /at most/,
  ),
  image("spec", undefined, ["spec DROP1003"]),
  image("spec", null, ["spec DROP1003"]),
  image("spec", "nginx", ["spec DROP1002"], /below it, indented, its fields/),
  image("spec.image", undefined, ["spec.image DROP1003"], /for example image: docker\.io/),
  image("spec.image", "", ["spec.image DROP1005"]),
  image("spec.image", 5, ["spec.image DROP1002"], /put it in quotes: "5"/),
  image("spec.image", "nginx:1.27", ["spec.image DROP1006"], /move the tag out/),
  image("spec.image", `nginx@${DIGEST}`, ["spec.image DROP1006"], /move the digest out/),
  image("spec.image", "https://nginx", ["spec.image DROP1010"], /no scheme/),
  image("spec.image", "docker.io/Library/nginx", ["spec.image DROP1010"], /lower-case/),
  image("spec.image", long(256), ["spec.image DROP1005"], /256 characters: at most 255/),
  image("spec.image", "nginx", ["spec.image DROP2003"], /"docker\.io\/library\/nginx"/),
  image("spec.tag", 1.1, ["spec.tag DROP1002"], /put it in quotes/),
  image("spec.tag", "", ["spec.tag DROP1008"]),
  image("spec.tag", "-1", ["spec.tag DROP1008"]),
  image("spec.tag", long(129), ["spec.tag DROP1005"]),
  image("spec.tag", undefined, [], undefined),
  image("spec.digest", DIGEST, ["spec.digest DROP1007"], /remove tag to pin/),
  image("spec.digest", "sha256:AB", ["spec.digest DROP1007", "spec.digest DROP1009"]),
  image("spec.imagePullPolicy", "always", ["spec.imagePullPolicy DROP1004"], /write Always/),
  image("spec.imagePullPolicy", "Never", ["spec.imagePullPolicy DROP2002"]),
  image("spec.imagePullSecrets", ["login"], ["spec.imagePullSecrets[0] DROP1002"]),
  image("spec.imagePullSecrets", "login", ["spec.imagePullSecrets DROP1002"], /"- "/),
  image(
    "spec.imagePullSecrets",
    [{ name: "a" }, { name: "a" }],
    ["spec.imagePullSecrets[1] DROP1024"],
  ),
  image(
    "spec.imagePullSecrets",
    [{ name: 5 }, { name: 5 }],
    ["spec.imagePullSecrets[0].name DROP1002", "spec.imagePullSecrets[1].name DROP1002"],
  ),
  image("spec.imagePullSecrets", [{}], ["spec.imagePullSecrets[0].name DROP1003"]),
  image("spec.imagePullSecrets", [{ name: "A" }], ["spec.imagePullSecrets[0].name DROP1023"]),
  image("spec.nodeSelector", { pool: null }, ["spec.nodeSelector.pool DROP1026"]),
  image("spec.nodeSelector", { pool: true }, ["spec.nodeSelector.pool DROP1002"], /"true"/),
  image("spec.nodeSelector", { "a/b/c": "d" }, ["spec.nodeSelector[a/b/c] DROP1020"]),
  image("spec.nodeSelector", { pool: "a b" }, ["spec.nodeSelector.pool DROP1020"]),
  image(
    "spec.nodeSelector",
    Object.fromEntries(Array.from({ length: 65 }, (_, at) => [`k${at}`, "v"])),
    ["spec.nodeSelector DROP1005"],
  ),
  image(
    "spec.tolerations",
    [{ effect: "Never" }],
    ["spec.tolerations[0].effect DROP1004", "spec.tolerations[0].operator DROP1021"],
  ),
  image(
    "spec.tolerations",
    [{ key: "a", operator: "Exists", value: "b" }],
    ["spec.tolerations[0].value DROP1021"],
  ),
  image("spec.priority", 1.5, ["spec.priority DROP1002"]),
  image("spec.priority", "5", ["spec.priority DROP1002"], /without quotes: 5/),
  image("spec.priority", 2_147_483_648, ["spec.priority DROP1005"], /2147483647 or less/),
  image("spec.priority", -2_147_483_649, ["spec.priority DROP1005"]),
  image("spec.priority", Number.NaN, ["spec.priority DROP1002"]),
  image("spec.priority", Number.POSITIVE_INFINITY, ["spec.priority DROP1002"]),
  image("spec.suspend", "true", ["spec.suspend DROP1002"], /without quotes/),
  image("spec.suspend", null, ["spec.suspend DROP2006"]),
  image("spec.policy", { name: "a" }, ["spec.policy DROP1001"]),
  image("spec.maxConcurrentNodes", 1, ["spec.maxConcurrentNodes DROP1001"]),
  image("spec.__proto__", { image: "x" }, ["spec.__proto__ DROP1001"]),
  image("spec.constructor", "x", ["spec.constructor DROP1001"]),
  image("status", { observedGeneration: "1" }, ["status.observedGeneration DROP1002"]),
  image("status", { lastPulledAt: "today" }, ["status.lastPulledAt DROP1002"], /2026-01-31/),
  set("metadata.name", "a.b", ["metadata.name DROP1023"], /not a name for a set/),
  set("metadata.name", "a".repeat(64), ["metadata.name DROP1005"]),
  set("spec.images", [{}], ["spec.images[0].image DROP1003"]),
  set("spec.images", [null], ["spec.images[0] DROP1002"]),
  set("spec.images", [{ image: "a.example/b", tag: "" }], ["spec.images[0].tag DROP1008"], /empty/),
  set(
    "spec.images",
    Array.from({ length: 100_000 }, () => ({ image: "a.example/b", tag: "1" })),
    ["spec.images DROP1005"],
    /at most 1000 entries/,
  ),
  set("spec.images", [{ image: "a.example/b", priority: 1 }], ["spec.images[0].priority DROP1001"]),
  set("spec.topX", 3, ["spec.topX DROP1001"], /did you mean|remove it/),
  set("spec.policyRef", "slow", ["spec.policyRef DROP1002"]),
  set("spec.policyRef", {}, ["spec.policyRef.name DROP1003"]),
  discovery("spec.sources", [], ["spec.sources DROP1005"], /the list is empty/),
  discovery("spec.sources", undefined, ["spec.sources DROP1003"]),
  discovery("spec.sources.0.type", "registry", ["spec.sources[0] DROP1011"]),
  discovery(
    "spec.sources.0.type",
    "promethus",
    ["spec.sources[0].type DROP1004"],
    /write prometheus/,
  ),
  discovery("spec.sources.0.type", undefined, ["spec.sources[0].type DROP1003"]),
  discovery("spec.sources.0.name", "a b", ["spec.sources[0].name DROP1023"]),
  discovery("spec.sources.0.name", "hub", ["spec.sources DROP1013"]),
  discovery("spec.sources.0.prometheus.endpoint", "ftp://a", [
    "spec.sources[0].prometheus.endpoint DROP1012",
  ]),
  discovery("spec.sources.0.prometheus.endpoint", "https://", [
    "spec.sources[0].prometheus.endpoint DROP1012",
  ]),
  discovery("spec.sources.0.prometheus.endpoint", "http://metrics", [
    "spec.sources[0].prometheus.endpoint DROP2005",
  ]),
  discovery("spec.sources.0.prometheus.query", "sum(", [
    "spec.sources[0].prometheus.query DROP2007",
  ]),
  discovery("spec.sources.0.prometheus.query", "sum(up)", [
    "spec.sources[0].prometheus.query DROP2008",
  ]),
  discovery("spec.sources.0.prometheus.step", "1s", ["spec.sources[0].prometheus.step DROP1022"]),
  discovery("spec.sources.0.prometheus.step", "0", ["spec.sources[0].prometheus.step DROP1018"]),
  discovery("spec.sources.0.prometheus.step", "0.0000000001ns", [
    "spec.sources[0].prometheus.step DROP1018",
  ]),
  discovery("spec.sources.0.prometheus.lookback", "7 days", [
    "spec.sources[0].prometheus.lookback DROP1016",
  ]),
  discovery(
    "spec.sources.1.registry.repositories",
    [""],
    ["spec.sources[1].registry.repositories[0] DROP1005"],
  ),
  discovery(
    "spec.sources.1.registry.repositories",
    ["a/b:1"],
    ["spec.sources[1].registry.repositories[0] DROP1010"],
  ),
  discovery("spec.sources.1.registry.repositories", "a/b", [
    "spec.sources[1].registry.repositories DROP1002",
  ]),
  discovery("spec.sources.1.registry.tagFilter", "(", [
    "spec.sources[1].registry.tagFilter DROP1015",
  ]),
  discovery("spec.sources.1.registry.tagFilter", "^(?=a)", [
    "spec.sources[1].registry.tagFilter DROP1015",
  ]),
  discovery("spec.sources.1.registry.tagFilter", "a{900}b{900}", [
    "spec.sources[1].registry.tagFilter DROP1025",
  ]),
  discovery("spec.sources.1.registry.imageTemplate", "{{ .Digest }}", [
    "spec.sources[1].registry.imageTemplate DROP1019",
  ]),
  discovery("spec.sources.1.registry.imageTemplate", "{{ .Tag }} {{ .Tag }}", [
    "spec.sources[1].registry.imageTemplate DROP1019",
  ]),
  discovery("spec.sources.1.registry.imageTemplate", "", [
    "spec.sources[1].registry.imageTemplate DROP1019",
  ]),
  discovery("spec.imageFilter", "^(?!a", ["spec.imageFilter DROP1025"]),
  discovery("spec.imageFilter", "", []),
  discovery("spec.interval", "30m", ["spec.interval DROP1014", "spec.interval DROP2004"]),
  discovery("spec.interval", "1h", ["spec.interval DROP2004"]),
  discovery("spec.topX", 20, ["spec.topX DROP2004"]),
  discovery("spec.topX", 21, ["spec.topX DROP1014", "spec.topX DROP2004"]),
  discovery("spec.maxImages", 0, ["spec.maxImages DROP1005"], /write 1 or more/),
  discovery("spec.maxImages", 1001, ["spec.maxImages DROP1005"]),
  discovery("spec.syncInterval", "0s", ["spec.syncInterval DROP1018"]),
  discovery("spec.syncInterval", 30, ["spec.syncInterval DROP1002"], /"30"/),
  pull("spec.maxConcurrentNodes", 0, ["spec.maxConcurrentNodes DROP1005"]),
  pull("spec.minDelayBetweenPulls", "-1s", ["spec.minDelayBetweenPulls DROP1016"]),
  pull("spec.minDelayBetweenPulls", "0", []),
  pull("spec.failureBackoff", { initial: "10m" }, ["spec.failureBackoff.initial DROP1017"]),
  pull("spec.failureBackoff", { initial: "8d", max: "1w" }, [
    "spec.failureBackoff.initial DROP1017",
  ]),
  pull("spec.failureBackoff", { initial: "99999h1ns", max: "99999h" }, [
    "spec.failureBackoff.initial DROP1017",
  ]),
  pull("spec.failureBackoff", null, ["spec.failureBackoff DROP2006"]),
  pull("spec.repullInterval", "0", []),
  pull("spec.repullInterval", "300y", ["spec.repullInterval DROP1005"]),
  pull("spec.pullTimeout", "0m", ["spec.pullTimeout DROP1018"]),
  pull("spec", null, ["spec DROP2006"]),
  pull("status", {}, ["status DROP1001"]),
];

for (const { kind, field, value, expected, says } of ROWS) {
  const name = `${kind} with ${field} = ${JSON.stringify(value)?.slice(0, 60)}`;
  test(`${name} has ${expected.join(", ") || "no problem"}`, () => {
    const { object, problems } = decode(kind, changed(fullest(kind), field, value));
    const rules = [...new Set(found(problems))];
    assert.deepEqual(rules, expected);
    assert.equal(rules.length, problems.length);
    assert.equal(object === undefined, problems.some(isMistake));
    if (says) assert.match(problems.map(problemText).join("\n"), says);
  });
}

test("problems come in the order of the object's fields, missing ones after their siblings", () => {
  const { problems } = decode("DiscoveryPolicy", {
    metadata: { name: "a" },
    spec: { topX: 0, sources: [{ prometheus: {} }, { type: "x" }], maxImages: 0 },
    apiVersion: "drop.corewire.io/v1alpha1",
    kind: "DiscoveryPolicy",
  });
  assert.deepEqual(found(problems), [
    "spec.topX DROP1005",
    "spec.sources[0].prometheus.endpoint DROP1003",
    "spec.sources[0].prometheus.query DROP1003",
    "spec.sources[0].type DROP1003",
    "spec.sources[1].type DROP1004",
    "spec.maxImages DROP1005",
  ]);
});

test("decode gives an answer to any value whatever, and never throws", () => {
  const any = fc.anything({ withNullPrototype: true, withMap: true, withBigInt: true });
  const anyObject = fc.dictionary(
    fc.constantFrom("apiVersion", "kind", "metadata", "spec", "status", "__proto__", "toString"),
    fc.oneof(any, fc.jsonValue()),
  );
  fc.assert(
    fc.property(
      fc.constantFrom(...KINDS),
      fc.oneof(any, fc.jsonValue(), anyObject),
      (kind, value) => {
        const { object, problems } = decode(kind, value);
        assert.equal(object === undefined, problems.some(isMistake));
        for (const problem of problems) assert.ok(isRuleId(problem.rule) && problemText(problem));
      },
    ),
    { numRuns: 500 },
  );
});

test("any value in any field gives an answer", () => {
  const fields = KINDS.flatMap((kind) => fieldsOf(fullest(kind)).map((field) => ({ kind, field })));
  fc.assert(
    fc.property(
      fc.constantFrom(...fields),
      fc.oneof(fc.anything(), fc.jsonValue(), fc.string({ unit: "binary" })),
      ({ kind, field }, value) => {
        const { object, problems } = decode(kind, changed(fullest(kind), field, value));
        assert.equal(object === undefined, problems.some(isMistake));
      },
    ),
    { numRuns: 1_000 },
  );
});

/** The dotted path of everything in an object. */
function fieldsOf(value: unknown, prefix = ""): readonly string[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, child]) => {
    const path = prefix === "" ? key : `${prefix}.${key}`;
    return key.includes(".") ? [] : [path, ...fieldsOf(child, path)];
  });
}

test("decoding what was decoded changes nothing and finds no mistake", () => {
  for (const kind of KINDS) {
    for (const input of [smallest(kind), fullest(kind)]) {
      const { object } = decode(kind, input);
      const again = decode(kind, structuredClone(object));
      assert.deepEqual(again.object, object);
      assert.deepEqual(again.problems.filter(isMistake), []);
    }
  }
});

test("the input is left as it was, and no decoded object shares its defaults with another", () => {
  const input = Object.freeze({ ...smallest("PullPolicy") });
  const [one, two] = [decode("PullPolicy", input).object, decode("PullPolicy", input).object];
  assert.equal("spec" in input, false);
  assert.deepEqual(one, two);
  assert.notEqual(one?.spec, two?.spec);
  const [first, second] = [1, 2].map(() => decode("CachedImage", smallest("CachedImage")).object);
  assert.notEqual(first?.status, second?.status);
});

test("ten thousand broken labels and unknown fields are judged without delay, and not each of them", () => {
  const labels = Object.fromEntries(Array.from({ length: 200_000 }, (_, at) => [`a b ${at}`, "x"]));
  const unknown = Object.fromEntries(Array.from({ length: 200_000 }, (_, at) => [`f${at}`, "x"]));
  const base = fullest("CachedImage");
  const { problems } = decode("CachedImage", {
    ...changed(base, "metadata.labels", labels),
    ...unknown,
  });
  assert.ok(problems.length > 20 && problems.length < 11_000, String(problems.length));
});

test("nothing that a problem says can forge a line or turn a terminal's text around", () => {
  const evil = "a\u001b[31m\n\u202e\u2066\u009b b";
  for (const kind of KINDS) {
    for (const field of fieldsOf(fullest(kind))) {
      for (const input of [
        changed(fullest(kind), field, evil),
        changed(fullest(kind), `${field}${evil.replaceAll(".", "")}`, evil),
      ]) {
        for (const problem of decode(kind, input).problems) {
          const text = `${formatPath(problem.path)} ${problemText(problem)}`;
          assert.doesNotMatch(text, /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u, text);
        }
      }
    }
  }
});
