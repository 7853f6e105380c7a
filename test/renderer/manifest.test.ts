import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { parse } from "yaml";
import { hashOf } from "../../src/renderer/canonical.ts";
import { desiredChildren } from "../../src/renderer/manifest/desired.ts";
import { kustomization, writtenResources } from "../../src/renderer/manifest/kustomization.ts";
import { libraryYaml, readYaml, yamlText } from "../../src/renderer/manifest/yaml-text.ts";
import { aSet, ranked } from "./builders.ts";

test("a child is written in a fixed order with every default and nothing that moves", () => {
  const set = aSet("web", {
    policyRef: { name: "gentle" },
    discoveryPolicyRef: { name: "popular" },
    imagePullSecrets: [{ name: "login" }, { name: "123" }],
    nodeSelector: { "node.kubernetes.io/pool": "on", "kubernetes.io/arch": "amd64" },
    tolerations: [{ effect: "NoSchedule", operator: "Equal", value: "true", key: "ci" }],
    suspend: false,
  });
  const [child] = desiredChildren(set, [ranked("docker.io/library/nginx:1.10", 7)]).children;
  assert.equal(
    child?.text,
    `apiVersion: drop.corewire.io/v1alpha1
kind: CachedImage
metadata:
  name: ${child?.name}
  labels:
    app.kubernetes.io/managed-by: "drop"
    drop.corewire.io/imageset: "web"
    drop.corewire.io/origin: "discovered"
spec:
  image: docker.io/library/nginx
  tag: "1.10"
  imagePullPolicy: Always
  imagePullSecrets:
    - name: login
    - name: "123"
  nodeSelector:
    kubernetes.io/arch: "amd64"
    node.kubernetes.io/pool: "on"
  tolerations:
    - key: ci
      operator: Equal
      value: "true"
      effect: NoSchedule
  policyRef:
    name: gentle
`,
  );
});

const label = fc.constantFrom("on", "web", "1e3", "a.b/c", "true", "12:30", "no", "x_y");
const version = fc.oneof(
  fc.record({ tag: fc.constantFrom("1.10", "on", "e0", "v1-alpine", "00", "latest", "1_000") }),
  fc.record({ digest: fc.constantFrom(`sha256:${"0".repeat(64)}`, `sha256:${"e1".repeat(32)}`) }),
  fc.constant({}),
);
const entry = fc
  .tuple(
    fc.constantFrom("nginx", "quay.io/a/b", "localhost:5000/on", "r.example.com/y/1e3"),
    version,
  )
  .map(([image, chosen]) => ({ image, ...chosen }));
const spec = fc.record(
  {
    images: fc.array(entry, { maxLength: 4 }),
    imagePullSecrets: fc.array(fc.record({ name: label }), { maxLength: 2 }),
    nodeSelector: fc.dictionary(label, label, { maxKeys: 3 }),
    tolerations: fc.array(
      fc.record(
        { key: label, value: label, tolerationSeconds: fc.constantFrom(0, 30, -0, 1.5) },
        { requiredKeys: [] },
      ),
      { maxLength: 2 },
    ),
    policyRef: fc.record({ name: label }),
  },
  { requiredKeys: [] },
);

test("each child is written as the YAML library writes its object, with the hash of that object", () => {
  const found = [ranked("ghcr.io/x/y:2", 1), ranked(`ghcr.io/x/z@sha256:${"ab".repeat(32)}`, 2)];
  fc.assert(
    fc.property(label, spec, (name, some) => {
      const { children } = desiredChildren(aSet(name, some), found);
      for (const { text, hash } of children) {
        const object = readYaml(text);
        assert.equal(text, libraryYaml(object));
        assert.equal(hash, hashOf(object));
      }
    }),
  );
});

test("what is empty in the set is not written", () => {
  const set = aSet("web", {
    images: [{ image: "nginx" }],
    imagePullPolicy: "IfNotPresent",
    imagePullSecrets: [],
    nodeSelector: {},
    tolerations: [],
  });
  const [child] = desiredChildren(set, []).children;
  assert.deepEqual(parse(child?.text ?? "").spec, {
    image: "docker.io/library/nginx",
    tag: "latest",
    imagePullPolicy: "IfNotPresent",
  });
});

const misread = [
  ...[
    "on",
    "Off",
    "YES",
    "n",
    "y",
    "true",
    "null",
    "~",
    "",
    "1_000",
    "12:30",
    "0x1f",
    "0o7",
    "010",
  ],
  ...[
    "1e3",
    "e0",
    "E0",
    "e-5",
    ".5",
    ".inf",
    ".NaN",
    "-",
    "<<",
    "=",
    "2024-01-02",
    "!x",
    "&a",
    "*a",
    "a: b",
    "a #b",
  ],
  ...[
    " a",
    "a ",
    "a\nb",
    "%x",
    "@x",
    "`x",
    "[x]",
    "{x}",
    "'x'",
    '"x"',
    "a:",
    "|",
    ">",
    "?",
    "\u0085",
  ],
];

test("a text that some YAML reader misreads is quoted, as a value and as a key", () => {
  for (const text of misread) {
    const written = yamlText({ outer: { [text]: text } });
    const quoted = JSON.stringify(text);
    assert.equal(written, `outer:\n  ${quoted}: ${quoted}\n`);
  }
});

test("whatever is written is read back as it was, by readers of YAML 1.1 and 1.2", () => {
  const value = fc.dictionary(fc.string(), fc.oneof(fc.string(), fc.string({ unit: "binary" })));
  fc.assert(
    fc.property(value, (fields) => {
      const text = yamlText({ nodeSelector: fields });
      for (const version of ["1.1", "1.2"] as const) {
        assert.deepEqual(parse(text, { version }).nodeSelector, { ...fields });
      }
    }),
  );
});

test("a very long text stays on its line", () => {
  const long = "word ".repeat(500);
  assert.equal(yamlText({ a: long }).split("\n").length, 2);
});

test("a file that is not exactly one plain document has no object", () => {
  const bombs = ["[".repeat(100_000), "- ".repeat(20_000), `a: ${"x".repeat(2_000_000)}`];
  const aliases = "a: &a [x]\nb: *a\n";
  for (const text of ["", "a: 1\n---\nb: 2\n", "a: [", "a: 1\na: 2\n", aliases, ...bombs]) {
    assert.equal(readYaml(text) ?? undefined, undefined, text.slice(0, 40));
  }
  assert.deepEqual(readYaml("# comment\nb:   {c: '1'}\n"), { b: { c: "1" } });
});

test("a kustomization lists its files once and sorted, and says something without any", () => {
  assert.deepEqual(kustomization(["b.yaml", "a.yaml", "B.yaml", "a.yaml"]), {
    apiVersion: "kustomize.config.k8s.io/v1beta1",
    kind: "Kustomization",
    resources: ["B.yaml", "a.yaml", "b.yaml"],
  });
  assert.ok(Object.keys(kustomization([])).length > 3);
});

test("a kustomization that a person added something to is not taken for Drop's", () => {
  for (const resources of [[], ["a"], ["a", "b"]]) {
    assert.deepEqual(writtenResources(kustomization(resources)), resources);
    assert.equal(writtenResources({ ...kustomization(resources), namePrefix: "x-" }), undefined);
  }
  for (const other of [undefined, null, [], "x", {}, { resources: "a" }, { resources: [1] }]) {
    assert.equal(writtenResources(other), undefined);
  }
});
