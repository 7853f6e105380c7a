import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  canonicalReference,
  DEFAULT_TAG,
  DIGEST_PATTERN,
  formatReference,
  type ImageReference,
  imageName,
  isFullyQualified,
  parseDigest,
  parseImageName,
  parseImageReference,
  parseTag,
  TAG_PATTERN,
} from "../../src/api/image-reference.ts";
import type { Fault, Parsed } from "../../src/api/parsed.ts";

const hex = (length: number): string => "0123456789abcdef".repeat(8).slice(0, length);
const SHA256 = `sha256:${hex(64)}`;
const SHA384 = `sha384:${hex(96)}`;
const SHA512 = `sha512:${hex(128)}`;

function faultOf<T>(result: Parsed<T>): Fault {
  if (result.ok) assert.fail(`accepted as ${JSON.stringify(result.value)}`);
  return result.fault;
}

const references: readonly [text: string, expected: ImageReference][] = [
  ["nginx", { registry: "docker.io", repository: "library/nginx" }],
  ["nginx:1.27", { registry: "docker.io", repository: "library/nginx", tag: "1.27" }],
  ["grafana/loki", { registry: "docker.io", repository: "grafana/loki" }],
  ["docker.io/nginx", { registry: "docker.io", repository: "library/nginx" }],
  ["docker.io/library/nginx", { registry: "docker.io", repository: "library/nginx" }],
  ["index.docker.io/nginx", { registry: "docker.io", repository: "library/nginx" }],
  [
    "registry-1.docker.io/grafana/loki:3",
    { registry: "docker.io", repository: "grafana/loki", tag: "3" },
  ],
  [
    "quay.io/prometheus/node-exporter:v1.9.0",
    { registry: "quay.io", repository: "prometheus/node-exporter", tag: "v1.9.0" },
  ],
  ["localhost/app", { registry: "localhost", repository: "app" }],
  ["localhost:5000/app:dev", { registry: "localhost:5000", repository: "app", tag: "dev" }],
  ["localhost", { registry: "docker.io", repository: "library/localhost" }],
  ["registry:5000/app", { registry: "registry:5000", repository: "app" }],
  ["registry:5000", { registry: "docker.io", repository: "library/registry", tag: "5000" }],
  ["10.0.0.7:80/app", { registry: "10.0.0.7:80", repository: "app" }],
  ["[2001:db8::1]/app", { registry: "[2001:db8::1]", repository: "app" }],
  ["[::1]:5000/team/app:1", { registry: "[::1]:5000", repository: "team/app", tag: "1" }],
  ["REGISTRY/app", { registry: "REGISTRY", repository: "app" }],
  ["Example.com/app", { registry: "Example.com", repository: "app" }],
  ["a.b.c", { registry: "docker.io", repository: "library/a.b.c" }],
  ["example.com/a.b_c__d-e---f/9", { registry: "example.com", repository: "a.b_c__d-e---f/9" }],
  ["nginx:_hidden", { registry: "docker.io", repository: "library/nginx", tag: "_hidden" }],
  ["nginx:V1.x-Y_z", { registry: "docker.io", repository: "library/nginx", tag: "V1.x-Y_z" }],
  [`nginx@${SHA256}`, { registry: "docker.io", repository: "library/nginx", digest: SHA256 }],
  [`nginx@${SHA384}`, { registry: "docker.io", repository: "library/nginx", digest: SHA384 }],
  [`nginx@${SHA512}`, { registry: "docker.io", repository: "library/nginx", digest: SHA512 }],
  [
    `ghcr.io/o/app:1.0@${SHA256}`,
    { registry: "ghcr.io", repository: "o/app", tag: "1.0", digest: SHA256 },
  ],
  [
    `localhost:5000/app@${SHA256}`,
    { registry: "localhost:5000", repository: "app", digest: SHA256 },
  ],
  [`${hex(64)}:1`, { registry: "docker.io", repository: `library/${hex(64)}`, tag: "1" }],
  [hex(63), { registry: "docker.io", repository: `library/${hex(63)}` }],
  [
    "constructor/prototype:__proto__",
    { registry: "docker.io", repository: "constructor/prototype", tag: "__proto__" },
  ],
  [`example.com/${"a".repeat(243)}`, { registry: "example.com", repository: "a".repeat(243) }],
];

test("a reference is read in full and its name is normalised", () => {
  for (const [text, expected] of references) {
    assert.deepEqual(parseImageReference(text), { ok: true, value: expected }, text);
  }
});

const mistakes: readonly [text: string, what: RegExp, fix: RegExp, offset?: number][] = [
  ["", /empty/, /write one/],
  ["   ", /empty/, /write one/],
  ["Nginx", /lower-case/, /write "nginx"/, 0],
  ["library/NginX:1.27", /lower-case/, /write "library\/nginx"/, 8],
  ["REGISTRY/App", /lower-case/, /write "REGISTRY\/app"/, 9],
  ["http://example.com/app", /scheme such as "http:\/\/"/, /write "example.com\/app"/, 0],
  ["https://example.com/app/", /scheme/, /write "example.com\/app"/, 0],
  ["docker://nginx:1.27", /scheme such as "docker:\/\/"/, /write "nginx:1.27"/, 0],
  ["oci://ghcr.io/a/b", /scheme/, /write "ghcr.io\/a\/b"/, 0],
  ["nginx/", /slashes is empty/, /extra slash: write "nginx"/, 6],
  ["/nginx", /slashes is empty/, /extra slash: write "nginx"/, 0],
  ["ghcr.io//a///b:1", /slashes is empty/, /write "ghcr.io\/a\/b"/, 8],
  ["ghcr.io/", /repository is missing/, /registry and repository/, 8],
  ["/", /repository is missing/, /registry and repository/, 0],
  [":1.27", /repository is missing/, /in front/, 0],
  [`@${SHA256}`, /repository is missing/, /in front/, 0],
  [" nginx", /white space around/, /write "nginx"/],
  ["nginx\n", /white space around/, /write "nginx"/],
  ["ngi nx", /white space in/, /remove/, 3],
  ["nginx: 1.27", /white space in/, /remove/, 6],
  ["nginx:", /tag is empty/, /"1.27"/, 6],
  [`nginx:@${SHA256}`, /tag is empty/, /leave it out/, 6],
  ["nginx:-1", /tag cannot begin with "-"/, /letters, digits/, 6],
  ["nginx:1+2", /tag cannot contain "\+"/, /letters, digits/, 7],
  ["nginx:1:2", /tag cannot contain ":"/, /letters, digits/, 7],
  ["nginx:🙂", /tag cannot begin with "🙂"/, /letters, digits/, 6],
  [`nginx:${"t".repeat(129)}`, /129 characters, more than 128/, /registry has/, 6],
  ["nginx@", /digest is empty/, /sha256:/, 6],
  [`nginx@${hex(64)}`, /name its algorithm/, new RegExp(`write "${SHA256}"`), 6],
  ["nginx@latest", /name its algorithm/, /sha256:/, 6],
  [`nginx@sha256:${hex(63)}`, /63 digits where its algorithm has 64/, /whole digest/, 6],
  [`nginx@sha512:${hex(64)}`, /64 digits where its algorithm has 128/, /whole digest/, 6],
  [`nginx@md5:${hex(32)}`, /not sha256, sha384 or sha512/, /sha256:/, 6],
  [`nginx@sha256:${hex(64).toUpperCase()}`, /lower-case hexadecimal/, /0-9 and a-f/, 23],
  [`nginx@${SHA256}@${SHA256}`, /lower-case hexadecimal/, /0-9 and a-f/, 77],
  [hex(64), /64 hexadecimal digits/, /write the repository/],
  ["ngi$nx", /cannot contain "\$"/, /lower-case letters a-z/, 3],
  ["a/bé", /cannot contain "é"/, /lower-case letters a-z/, 3],
  ["a/🙂", /cannot contain "🙂"/, /lower-case letters a-z/, 2],
  ["a..b", /separator/, /put one/, 0],
  ["team/a___b", /separator/, /put one/, 5],
  ["team/-a", /separator/, /put one/, 5],
  ["team/a_", /separator/, /put one/, 5],
  [
    "my_registry.example/app",
    /registry "my_registry.example" is no host name/,
    /registry.example.com:5000/,
    0,
  ],
  ["-x.example/app", /no host name/, /optional port/, 0],
  ["../app", /no host name/, /optional port/, 0],
  ["example.com:/app", /no host name/, /optional port/, 0],
  ["[::1/app", /no host name/, /2001:db8/, 0],
  ["example.com:0/app", /port 0 does not exist/, /1 to 65535/, 12],
  ["example.com:70000/app", /port 70000 does not exist/, /1 to 65535/, 12],
  [`example.com/${"a".repeat(244)}`, /256 characters with its registry, more than 255/, /shorter/],
  ["a".repeat(250), /268 characters with its registry/, /shorter/],
  ["a".repeat(100_000), /100000 characters, more than 520/, /shorter/],
];

test("a reference that is none is told what is wrong, where, and what to write", () => {
  for (const [text, what, fix, offset] of mistakes) {
    const fault = faultOf(parseImageReference(text));
    const label = text.slice(0, 80);
    assert.match(fault.what, what, label);
    assert.match(fault.fix, fix, label);
    if (offset !== undefined) assert.equal(fault.offset, offset, label);
  }
});

test("a name without tag or digest is read and normalised", () => {
  assert.deepEqual(parseImageName("nginx"), {
    ok: true,
    value: { registry: "docker.io", repository: "library/nginx" },
  });
  assert.deepEqual(parseImageName("localhost:5000/app"), {
    ok: true,
    value: { registry: "localhost:5000", repository: "app" },
  });
});

const carriers: readonly [text: string, fix: string][] = [
  ["nginx:1.27", 'move the tag out: image "docker.io/library/nginx", tag "1.27"'],
  ["ghcr.io/o/app:on", 'move the tag out: image "ghcr.io/o/app", tag "on"'],
  ["localhost:5000/app:1", 'move the tag out: image "localhost:5000/app", tag "1"'],
  [`nginx@${SHA256}`, `move the digest out: image "docker.io/library/nginx", digest "${SHA256}"`],
  [
    `nginx:1.27@${SHA256}`,
    `move the digest out: image "docker.io/library/nginx", digest "${SHA256}", and drop the tag "1.27", which a digest makes void`,
  ],
  [
    "registry:5000",
    'move the tag out: image "docker.io/library/registry", tag "5000"; if 5000 is a registry\'s port, write the repository after it: "registry:5000/<repository>"',
  ],
  ["nginx:", "leave it out"],
  ["ghcr.io/a/nginx@", "leave it out"],
];

test("a name that carries a tag or digest is told the fields to write instead", () => {
  for (const [text, fix] of carriers) assert.equal(faultOf(parseImageName(text)).fix, fix, text);
});

test("a name that is wrong for another reason says that reason", () => {
  assert.match(faultOf(parseImageName("Nginx")).fix, /write "nginx"/);
  assert.match(faultOf(parseImageName("nginx:a b")).what, /white space/);
});

const qualified: readonly [text: string, expected: boolean][] = [
  ["nginx", false],
  ["nginx:1.27", false],
  ["grafana/loki", false],
  ["localhost", false],
  ["registry.example.com", false],
  ["registry:5000", false],
  [`nginx@${SHA256}`, false],
  ["docker.io/library/nginx", true],
  ["docker.io/nginx", true],
  ["localhost/app", true],
  ["registry:5000/app", true],
  ["[::1]:5000/app", true],
  ["REGISTRY/app", true],
];

test("a name is fully qualified when it names its registry", () => {
  for (const [text, expected] of qualified) assert.equal(isFullyQualified(text), expected, text);
});

test("a digest drops the tag and a bare name gets the default tag", () => {
  const name = { registry: "docker.io", repository: "library/nginx" };
  assert.equal(DEFAULT_TAG, "latest");
  assert.deepEqual(canonicalReference(name), { ...name, tag: "latest" });
  assert.deepEqual(canonicalReference({ ...name, tag: "1" }), { ...name, tag: "1" });
  assert.deepEqual(canonicalReference({ ...name, digest: SHA256 }), { ...name, digest: SHA256 });
  assert.deepEqual(canonicalReference({ ...name, tag: "1", digest: SHA256 }), {
    ...name,
    digest: SHA256,
  });
});

test("a reference is written with its digest, else its tag, else bare", () => {
  const name = { registry: "ghcr.io", repository: "o/app" };
  assert.equal(imageName(name), "ghcr.io/o/app");
  assert.equal(formatReference(name), "ghcr.io/o/app");
  assert.equal(formatReference({ ...name, tag: "1" }), "ghcr.io/o/app:1");
  assert.equal(formatReference({ ...name, tag: "1", digest: SHA256 }), `ghcr.io/o/app@${SHA256}`);
});

test("the exported patterns give the parsers' verdicts", () => {
  const texts = ["", "1.27", "-1", "_", "a\n", ":a", "a@b", "é", "t".repeat(128), "t".repeat(129)];
  const digests = [
    SHA256,
    SHA384,
    SHA512,
    `${SHA256}\n`,
    `@${SHA256}`,
    "sha256:",
    `md5:${hex(32)}`,
  ];
  for (const text of [...texts, ...digests, hex(64), SHA256.toUpperCase(), SHA256.slice(1)]) {
    assert.equal(new RegExp(TAG_PATTERN).test(text), parseTag(text).ok, text);
    assert.equal(new RegExp(DIGEST_PATTERN).test(text), parseDigest(text).ok, text);
  }
});

const piece = fc.constantFrom(
  ...[
    "a",
    "nginx",
    "docker.io",
    "localhost",
    "/",
    ":",
    "@",
    ".",
    "_",
    "__",
    "-",
    "A",
    "9",
    "[::1]",
  ],
  ...["é", " ", "https://", SHA256, "5000", "1.27", "sha256:", "\u0000", "\ud800"],
);
const text = fc.oneof(
  fc.string({ unit: "binary", maxLength: 40 }),
  fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join("")),
);

test("arbitrary text is a fact or a fault with a fix, never an exception", () => {
  fc.assert(
    fc.property(text, (value) => {
      isFullyQualified(value);
      for (const parse of [parseImageReference, parseImageName, parseTag, parseDigest]) {
        const result = parse(value);
        if (result.ok) continue;
        assert.ok(result.fault.what.length > 0 && result.fault.fix.length > 0);
        assert.ok((result.fault.offset ?? 0) <= value.length);
      }
    }),
    { numRuns: 3000 },
  );
});

const component = fc.stringMatching(/^[a-z0-9]{1,6}((\.|_|__|-{1,3})[a-z0-9]{1,4}){0,2}$/);
const reference = fc.record(
  {
    registry: fc.constantFrom("docker.io", "localhost", "ghcr.io", "[::1]:5000", "registry:80"),
    repository: fc.array(component, { minLength: 2, maxLength: 4 }).map((parts) => parts.join("/")),
    tag: fc.stringMatching(/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,20}$/),
    digest: fc.constantFrom(SHA256, SHA384, SHA512),
  },
  { requiredKeys: ["registry", "repository"] },
);

test("reading what was written gives the same reference back", () => {
  fc.assert(
    fc.property(reference, (value) => {
      const canonical = canonicalReference(value);
      assert.deepEqual(parseImageReference(formatReference(canonical)), {
        ok: true,
        value: canonical,
      });
      const name = parseImageName(imageName(value));
      assert.ok(name.ok);
      assert.equal(imageName(name.value), imageName(value));
    }),
    { numRuns: 1000 },
  );
});

test("normalising twice changes nothing", () => {
  fc.assert(
    fc.property(text, (value) => {
      const once = parseImageReference(value);
      if (!once.ok) return;
      const twice = parseImageReference(formatReference(once.value));
      assert.ok(twice.ok);
      assert.equal(formatReference(twice.value), formatReference(once.value));
    }),
    { numRuns: 3000 },
  );
});
