import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  dnsLabelFault,
  dnsSubdomainFault,
  labelKeyFault,
  labelValueFault,
  type TolerationFields,
  tolerationFaults,
} from "../../src/api/label-syntax.ts";
import type { Fault } from "../../src/api/parsed.ts";

const x = (length: number): string => "x".repeat(length);
/** A DNS name of 253 characters: four labels, the longest that fit. */
const LONGEST_NAME = `${x(63)}.${x(63)}.${x(63)}.${x(61)}`;

type Row = readonly [text: string, what?: RegExp, fix?: RegExp, offset?: number];

function assertRows(rows: readonly Row[], check: (text: string) => Fault | undefined): void {
  for (const [text, what, fix, offset] of rows) {
    const fault = check(text);
    const label = JSON.stringify(text.slice(0, 80));
    if (what === undefined) {
      assert.equal(fault, undefined, label);
      continue;
    }
    assert.match(fault?.what ?? "accepted", what, label);
    if (fix !== undefined) assert.match(fault?.fix ?? "", fix, label);
    if (offset !== undefined) assert.equal(fault?.offset, offset, label);
  }
}

const keys: readonly Row[] = [
  ["pool"],
  ["a"],
  ["A.b_c-D9"],
  ["kubernetes.io/arch"],
  ["node-role.kubernetes.io/control-plane"],
  ["__proto__", /separator where a letter/, /between them/],
  ["constructor"],
  [x(63)],
  [`${LONGEST_NAME}/${x(63)}`],
  ["", /label key is empty/, /write one/],
  [x(64), /64 characters, more than 63/, /shorter/],
  [x(100_000), /100000 characters/, /shorter/],
  ["/pool", /prefix is empty/, /write one/],
  ["example.com/", /label key's name is empty/, /write one/],
  ["a/b/c", /more than one "\/"/, /at most one prefix/, 3],
  ["https://example.com/x", /more than one "\/"/, /at most one prefix/, 7],
  ["Example.com/pool", /prefix cannot contain "E"/, /write "example.com"/, 0],
  ["exa_mple.com/pool", /prefix cannot contain "_"/, /lower-case letters/, 3],
  ["example..com/pool", /separator where a letter/, /single dots/],
  [".example.com/pool", /separator where a letter/, /single dots/],
  [`${LONGEST_NAME}x/pool`, /254 characters, more than 253/, /shorter/],
  ["po ol", /cannot contain " "/, /letters, digits/, 2],
  ["example.com/po ol", /label key's name cannot contain " "/, /letters, digits/, 14],
  ["pool=x", /cannot contain "="/, /letters, digits/, 4],
  ["-pool", /separator where a letter/, /between them/],
  ["pool.", /separator where a letter/, /between them/],
  ["pöol", /cannot contain "ö"/, /letters, digits/, 1],
  ["🙂", /cannot contain "🙂"/, /letters, digits/, 0],
  ["pool\n", /cannot contain "\\n"/, /letters, digits/, 4],
];

test("a label key is a name with at most one DNS prefix", () => {
  assertRows(keys, labelKeyFault);
});

const values: readonly Row[] = [
  [""],
  ["true"],
  ["amd64"],
  ["A-b_c.9"],
  ["9"],
  [x(63)],
  [x(64), /64 characters, more than 63/, /shorter/],
  ["a b", /cannot contain " "/, /letters, digits/, 1],
  ["a/b", /cannot contain "\/"/, /letters, digits/, 1],
  ["a:b", /cannot contain ":"/, /letters, digits/, 1],
  ["_a", /separator where a letter/, /between them/],
  ["a-", /separator where a letter/, /between them/],
  ["-", /separator where a letter/, /between them/],
  [" ", /cannot contain " "/, /letters, digits/, 0],
  ["a\n", /cannot contain "\\n"/, /letters, digits/, 1],
  ["é", /cannot contain "é"/, /letters, digits/, 0],
];

test("a label value is empty or a short name", () => {
  assertRows(values, labelValueFault);
});

const names: readonly Row[] = [
  ["nginx"],
  ["a.b-c.9"],
  ["9"],
  [LONGEST_NAME],
  [`${x(64)}.a`],
  ["", /name is empty/, /write one/],
  [x(254), /254 characters, more than 253/, /shorter/],
  ["Nginx", /cannot contain "N"/, /write "nginx"/, 0],
  ["My_Images", /cannot contain "M"/, /lower-case letters and digits/, 0],
  ["my_images", /cannot contain "_"/, /lower-case letters and digits/, 2],
  ["a..b", /separator where a letter/, /single dots/],
  ["a.-b", /separator where a letter/, /single dots/],
  ["-a", /separator where a letter/, /single dots/],
  ["a.", /separator where a letter/, /single dots/],
  ["a/b", /cannot contain "\/"/, /lower-case letters and digits/, 1],
  ["a\n", /cannot contain "\\n"/, /lower-case letters and digits/, 1],
];

test("an object name is a DNS subdomain", () => {
  assertRows(names, dnsSubdomainFault);
});

const labels: readonly Row[] = [
  ["nginx"],
  ["a-b-9"],
  [x(63)],
  [x(64), /64 characters, more than 63/, /shorter/],
  ["", /name is empty/, /write one/],
  ["a.b", /name has a dot/, /write "-" in its place: "a-b"/, 1],
  ["Nginx", /cannot contain "N"/, /write "nginx"/, 0],
  ["a_b", /cannot contain "_"/, /lower-case letters/, 1],
  ["-a", /separator where a letter/, /between them/],
  ["a-", /separator where a letter/, /between them/],
];

test("a name without dots is a DNS label", () => {
  assertRows(labels, dnsLabelFault);
});

const tolerations: readonly [
  toleration: TolerationFields,
  ...faults: [string, RegExp, RegExp][],
][] = [
  [{ operator: "Exists" }],
  [{ key: "", operator: "Exists", value: "", effect: "" }],
  [{ key: "gpu" }],
  [{ key: "gpu", value: "a100" }],
  [{ key: "gpu", operator: "", value: "a100" }],
  [{ key: "gpu", operator: "Equal", value: "a100", effect: "NoSchedule" }],
  [{ key: "example.com/gpu", operator: "Exists", effect: "PreferNoSchedule" }],
  [{ key: "gpu", operator: "Exists", effect: "NoExecute" }],
  [{ key: "gpu", operator: "Exists", effect: "NoExecute", tolerationSeconds: 0 }],
  [{ key: "gpu", operator: "Exists", effect: "NoExecute", tolerationSeconds: -1 }],
  [{ key: undefined, operator: "Exists", tolerationSeconds: undefined }],
  [{}, ["operator", /without a key/, /operator: Exists/]],
  [{ effect: "NoSchedule" }, ["operator", /without a key/, /write a key/]],
  [{ value: "a" }, ["operator", /without a key/, /write a key/]],
  [{ operator: "Equal" }, ["operator", /without a key/, /operator: Exists/]],
  [{ key: "gpu", operator: "Exists", value: "a" }, ["value", /takes no value/, /operator: Equal/]],
  [{ operator: "Exists", value: "a" }, ["value", /takes no value/, /leave the value out/]],
  [{ key: "gpu", operator: "exists" }, ["operator", /no such operator/, /Equal .* Exists/]],
  [{ key: "gpu", operator: "In", value: "a b" }, ["operator", /no such operator/, /Exists/]],
  [
    { key: "gpu", operator: "Lt", value: "5" },
    ["operator", /Lt works only .* feature gate/, /Exists/],
  ],
  [
    { key: "gpu", operator: "Gt", value: "5" },
    ["operator", /Gt works only .* feature gate/, /Exists/],
  ],
  [{ key: "gpu", value: "a b" }, ["value", /cannot contain " "/, /letters/]],
  [{ key: "gpu", value: x(64) }, ["value", /64 characters/, /shorter/]],
  [{ key: "g pu", operator: "Exists" }, ["key", /cannot contain " "/, /letters/]],
  [{ key: "Example.com/gpu" }, ["key", /prefix cannot contain "E"/, /example.com/]],
  [{ key: "gpu", effect: "NoSchedul" }, ["effect", /no such taint effect/, /NoSchedule, Prefer/]],
  [{ key: "gpu", effect: "noschedule" }, ["effect", /no such taint effect/, /leave it out/]],
  [
    { key: "gpu", tolerationSeconds: 5 },
    ["tolerationSeconds", /NoExecute alone/, /effect: NoExecute/],
  ],
  [
    { key: "gpu", effect: "NoSchedule", tolerationSeconds: 5 },
    ["tolerationSeconds", /NoExecute alone/, /leave it out/],
  ],
  [
    { value: "a b", effect: "x", tolerationSeconds: 5 },
    ["operator", /without a key/, /write a key/],
    ["value", /cannot contain " "/, /letters/],
    ["effect", /no such taint effect/, /leave it out/],
    ["tolerationSeconds", /NoExecute alone/, /leave it out/],
  ],
];

test("a toleration is checked as Kubernetes checks it for a Pod", () => {
  for (const [toleration, ...expected] of tolerations) {
    const faults = tolerationFaults([toleration]);
    const label = JSON.stringify(toleration);
    assert.deepEqual(
      faults.map(({ path }) => path),
      expected.map(([field]) => [0, field]),
      label,
    );
    for (const [index, [, what, fix]] of expected.entries()) {
      assert.match(faults[index]?.fault.what ?? "", what, label);
      assert.match(faults[index]?.fault.fix ?? "", fix, label);
    }
  }
});

test("every toleration's mistakes are reported at its own index, in order", () => {
  const faults = tolerationFaults([{ key: "a b" }, { operator: "Exists" }, {}, { key: "c d" }]);
  assert.deepEqual(
    faults.map(({ path }) => path),
    [
      [0, "key"],
      [2, "operator"],
      [3, "key"],
    ],
  );
  assert.deepEqual(tolerationFaults([]), []);
});

const text = fc.oneof(
  fc.string({ unit: "binary", maxLength: 80 }),
  fc
    .array(fc.constantFrom("a", "A", "9", "-", "_", ".", "/", "é", "\n", " "), { maxLength: 70 })
    .map((parts) => parts.join("")),
);

test("keys, values and names agree with Kubernetes' own regular expressions", () => {
  const name = /^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/;
  const subdomain = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
  const isName = (part: string) => part.length <= 63 && name.test(part);
  const isKey = (key: string) => {
    const parts = key.split("/");
    const [prefix = "", own = ""] = parts;
    if (parts.length === 1) return isName(key);
    return parts.length === 2 && prefix.length <= 253 && subdomain.test(prefix) && isName(own);
  };
  fc.assert(
    fc.property(text, (value) => {
      assert.equal(labelKeyFault(value) === undefined, isKey(value));
      assert.equal(labelValueFault(value) === undefined, value === "" || isName(value));
      assert.equal(dnsSubdomainFault(value) === undefined, subdomain.test(value));
      const isLabel = value.length <= 63 && !value.includes(".") && subdomain.test(value);
      assert.equal(dnsLabelFault(value) === undefined, isLabel);
    }),
    { numRuns: 3000 },
  );
});

test("arbitrary tolerations give faults with fixes, never an exception", () => {
  const field = fc.option(text, { nil: undefined });
  const toleration = fc.record(
    {
      key: field,
      operator: fc.oneof(field, fc.constantFrom("Exists", "Equal", "Lt")),
      value: field,
      effect: fc.oneof(field, fc.constantFrom("NoExecute", "NoSchedule")),
      tolerationSeconds: fc.option(fc.integer(), { nil: undefined }),
    },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(fc.array(toleration, { maxLength: 4 }), (list) => {
      for (const { path, fault } of tolerationFaults(list)) {
        assert.ok(Number(path[0]) < list.length);
        assert.ok(fault.what !== "" && fault.fix !== "");
      }
    }),
  );
});
