import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { lintPromQL } from "../../src/api/promql.ts";

const keeping: readonly string[] = [
  "x",
  'container_memory_working_set_bytes{container!="", container!="POD", namespace="build-stuff"}',
  'count(container_memory_working_set_bytes{container!="",\n  namespace="b"\n}) by (image)',
  "count by (image) (x)",
  "COUNT(x) BY (image)",
  'sum by ("image") (x)',
  "sum by (`image`, namespace,) (x)",
  'sum by ("ima\\u0067e") (x)',
  "sum without (pod) (x)",
  "sum without () (x)",
  'sum without ("ima\\u0067e") (x)',
  "topk(30, count by (image) (x))",
  "topk by (namespace) (5, x)",
  "bottomk(5, x)",
  "limitk(5, x)",
  "limit_ratio(0.5, x)",
  'count_values("image", x)',
  'count_values by (namespace) ("image", x)',
  'count_values(("image"), x)',
  "sort_desc(sum by (image) (rate(x[5m])))",
  "sum by (image) (sum_over_time(x[1h:5m] offset 1d))",
  "max_over_time((count by (image) (x))[1d:1h])",
  "(x)",
  "-x",
  "x @ end()",
  "x offset 5m",
  'label_replace(sum(x), "image", "nginx", "", "")',
  'label_replace(x, "pod", "$1", "name", "(.*)")',
  'label_replace(sum(x), "ima\\u0067e", "nginx", "", "")',
  'label_join(sum by (a, b) (x), "image", "/", "a", "b")',
  'absent(x{image="nginx"})',
  'absent_over_time({"ima\\u0067e"="nginx"}[5m])',
  "info(sum(x))",
  "x * 2",
  "2 * x",
  "x > bool 0",
  "x * time()",
  "x + y",
  "x and on (namespace) sum by (namespace) (y)",
  "x unless sum(y)",
  "sum(x) or y",
  "y or sum(x)",
  "x * on (namespace) group_left () sum by (namespace) (y)",
  "sum by (namespace) (y) * on (namespace) group_right () x",
  "sum by (pod) (x) * on (pod) group_left (image) y",
  "x * on (image) y",
  "x * on (image, pod) group_left () y",
  "x * ignoring (pod) y",
  'x * on ("ima\\u0067e") y',
  'sum by (pod) (x) * on (pod) group_left ("ima\\u0067e") y',
  "x + fill(0) sum(y)",
  "histogram_quantile(0.9, sum by (le, image) (rate(x[5m])))",
  "clamp_max(x, scalar(sum(y)))",
];

test("a query whose result can have the label image is left in peace", () => {
  for (const query of keeping) {
    assert.deepEqual(lintPromQL(query), { parses: true, losesImage: false }, query);
  }
});

const losing: readonly string[] = [
  "sum(x)",
  "count(x) by (namespace)",
  "count by (namespace, pod) (x)",
  "count by (images) (x)",
  "count by () (x)",
  "sum without (image) (x)",
  'sum without ("image", pod) (x)',
  "SUM WITHOUT (image) (x)",
  "quantile(0.9, x)",
  'count_values("version", x)',
  "group(x)",
  "stddev(x) by (pod)",
  "topk(5, sum(x))",
  "bottomk by (image) (5, sum(x))",
  "sum by (image) (sum by (pod) (x))",
  "sum by (image) (sum(x))",
  "(sum(x))",
  "-sum(x)",
  "sum(x) offset 5m",
  "sum(x) @ 100",
  "max_over_time(sum(x)[1h:5m])",
  "sort_desc(sum(x))",
  "clamp(sum(x), 0, 1)",
  "histogram_quantile(0.9, sum by (le) (rate(x[5m])))",
  'label_replace(sum(x), "pod", "$1", "image", "(.*)")',
  'label_join(sum(x), "pod", "/", "image")',
  "absent(x)",
  'absent_over_time(x{pod="a"}[5m])',
  "vector(1)",
  "vector(time())",
  "scalar(x)",
  "time()",
  "pi()",
  "hour()",
  "1",
  "-1.5e3",
  '"image"',
  "1 + 1",
  "2 * sum(x)",
  "sum(x) / 2",
  "sum(x) > bool 1",
  "sum(x) + sum(y)",
  "x + sum(y)",
  "sum(x) + y",
  "sum(x) and y",
  "sum(x) unless y",
  "sum(x) or vector(0)",
  "x * on (pod) y",
  "x * on () y",
  "x * ignoring (image) y",
  "x * on (image) sum(y)",
  "x * ignoring (pod) sum(y)",
  "sum by (pod) (x) * on (pod) group_left () y",
  "sum by (pod) (x) * on (pod) group_left (node) y",
  "x * on (pod) group_left (image) sum by (pod) (y)",
  "sum(x) + fill(0) sum(y)",
];

test("a query whose result certainly lacks the label image is reported", () => {
  for (const query of losing) {
    assert.deepEqual(lintPromQL(query), { parses: true, losesImage: true }, query);
  }
});

const unparsed: readonly [query: string, offset: number][] = [
  ["", 0],
  ["   ", 3],
  ["x +", 3],
  ["sum(x", 5],
  ["sum(x))", 6],
  ["sum by image (x)", 7],
  ["x{", 2],
  ["x{a=}", 4],
  ["x{a=b}", 4],
  ['x{a="b}', 4],
  ["x{a='b}", 4],
  ['x{a="b\\"}', 4],
  ['"abc', 0],
  ["x y", 2],
  ["rollup_rate(x[5m])", 11],
  ["x keep_metric_names", 2],
  ["WITH (a = 1) a", 5],
  ["sum(x) limit 5", 7],
  ["x[5]m", 4],
  ["$x", 0],
  ["🙂", 0],
];

test("a query that Prometheus' grammar refuses is told where, and nothing else", () => {
  for (const [query, offset] of unparsed) {
    assert.deepEqual(lintPromQL(query), { parses: false, offset, losesImage: false }, query);
  }
});

test("what is nested too deeply to judge is not reported", () => {
  assert.ok(lintPromQL(`${"abs(".repeat(15)}sum(x)${")".repeat(15)}`).losesImage);
  assert.ok(!lintPromQL(`${"abs(".repeat(300)}sum(x)${")".repeat(300)}`).losesImage);
});

test("hostile queries of eight kilobytes neither overflow nor throw", () => {
  const fragments = [
    ...[
      "(",
      ")",
      "x+",
      "x^",
      "-",
      "sum(",
      "abs(",
      "[",
      "{",
      "{a=",
      "by(",
      "x offset ",
      "x[5m:",
      "1e",
    ],
    ...[
      '"',
      '"\\',
      "#\n",
      "\u0000",
      "\ud800",
      "x and ",
      "absent(",
      "on(",
      "a,",
      "label_replace(x,",
    ],
  ];
  for (const fragment of fragments) {
    const query = fragment.repeat(Math.floor(8_000 / fragment.length));
    assert.ok(!lintPromQL(query).losesImage, fragment);
    assert.equal(typeof lintPromQL(`${query}x`).parses, "boolean", fragment);
  }
});

const leaf = fc.constantFrom(
  "x",
  'x{image!=""}',
  "1",
  "vector(1)",
  "time()",
  "sum(x)",
  "rate(x[5m])",
);
const labels = fc.subarray(["image", "pod", "namespace"]).map((names) => `(${names.join(", ")})`);
const { query } = fc.letrec<{ query: string }>((tie) => ({
  query: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    leaf,
    fc
      .tuple(
        fc.constantFrom("sum", "count", "max"),
        fc.constantFrom("by", "without"),
        labels,
        tie("query"),
      )
      .map(([op, how, names, inner]) => `${op} ${how} ${names} (${inner})`),
    fc
      .tuple(tie("query"), fc.constantFrom("+", "and", "or", "unless", ">"), tie("query"))
      .map(([left, op, right]) => `(${left}) ${op} (${right})`),
    tie("query").map((inner) => `topk(5, ${inner})`),
  ),
}));

test("a well-formed query parses, and so do its parts in parentheses", () => {
  fc.assert(
    fc.property(query, (text) => {
      const plain = lintPromQL(text);
      assert.ok(plain.parses, text);
      assert.deepEqual(lintPromQL(`((${text}))`), plain);
      assert.ok(lintPromQL(`sum(${text})`).losesImage);
      assert.ok(lintPromQL(`sum without (image) (${text})`).losesImage);
      assert.equal(lintPromQL(`sum by (image) (${text})`).losesImage, plain.losesImage);
    }),
  );
});

test("arbitrary text is linted, never an exception", () => {
  const piece = fc.constantFrom(
    ...[
      "sum",
      "by",
      "(",
      ")",
      "x",
      "{",
      "}",
      "image",
      '"',
      "'",
      ",",
      "+",
      "on",
      "[",
      "5m",
      "]",
      "#",
    ],
    ...["offset", "@", "=", "=~", "1", " ", "\n", "é", "\ud800", "or", "group_left", "bool"],
  );
  const text = fc.oneof(
    fc.string({ unit: "binary", maxLength: 60 }),
    fc.array(piece, { maxLength: 20 }).map((parts) => parts.join(" ")),
  );
  fc.assert(
    fc.property(text, (value) => {
      const { parses, offset } = lintPromQL(value);
      assert.equal(parses, offset === undefined);
      assert.ok((offset ?? 0) <= value.length);
    }),
    { numRuns: 2000 },
  );
});
