import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { decode } from "../../src/api/decode.ts";
import { isMistake } from "../../src/api/problem.ts";
import { own } from "../../src/api/record.ts";
import { KINDS, type Kind } from "../../src/api/types.gen.ts";
import { review } from "../../src/webhook/review.ts";
import { changed, fullest, type Loose, smallest } from "../api/valid-objects.ts";
import { mutants } from "../real/mutations.ts";
import { type ReviewOptions, reviewOf } from "./reviews.ts";

function judged(kind: Kind, object: unknown, options: ReviewOptions = {}) {
  return review(reviewOf(kind, object, options)).response;
}

function updated(kind: Kind, oldObject: unknown, object: unknown) {
  return judged(kind, object, { operation: "UPDATE", oldObject });
}

function causesOf(response: ReturnType<typeof judged>): readonly string[] {
  return (response.status?.details?.causes ?? []).map(
    ({ field, message }) => `${field}: ${message}`,
  );
}

function image(spec: Loose, metadata: Loose = {}): Loose {
  const object = smallest("CachedImage");
  return { ...object, metadata: { name: "tiny", ...metadata }, spec };
}

test("a valid object of each kind is allowed without a word", () => {
  for (const kind of KINDS) {
    assert.deepEqual(judged(kind, fullest(kind)), { uid: "7f0b", allowed: true });
  }
});

test("a refusal is an Invalid status with a cause for each mistake, in field order, and the same text in message", () => {
  const object = image({ image: "nginx:1.27", tag: 5, imagePullPolicy: "Alway" });
  const { status, ...rest } = judged("CachedImage", object);
  const causes = [
    {
      field: "spec.image",
      reason: "FieldValueInvalid",
      message:
        'Invalid value: "nginx:1.27": the name carries a tag, which has a field of its own; move the tag out: image "docker.io/library/nginx", tag "1.27" [DROP1006]',
    },
    {
      field: "spec.tag",
      reason: "FieldValueTypeInvalid",
      message: 'Invalid value: 5 is not a text; put it in quotes: "5" [DROP1002]',
    },
    {
      field: "spec.imagePullPolicy",
      reason: "FieldValueNotSupported",
      message:
        'Unsupported value: "Alway" is not one of Always, IfNotPresent, Never; write Always [DROP1004]',
    },
  ];
  assert.deepEqual(status, {
    status: "Failure",
    code: 422,
    reason: "Invalid",
    message: `The CachedImage "tiny" is invalid:\n${causes.map(({ field, message }) => `* ${field}: ${message}`).join("\n")}`,
    details: { group: "drop.corewire.io", kind: "CachedImage", name: "tiny", causes },
  });
  assert.deepEqual(rest, {
    uid: "7f0b",
    allowed: false,
    auditAnnotations: { rules: "DROP1002,DROP1004,DROP1006" },
  });
});

test("a key of a map stands in brackets, as Kubernetes writes it", () => {
  const object = image({
    image: "docker.io/a/b",
    tag: "1",
    nodeSelector: { "kubernetes.io/arch": "a b" },
  });
  const [cause = ""] = causesOf(judged("CachedImage", object));
  assert.match(cause, /^spec\.nodeSelector\[kubernetes\.io\/arch\]: Invalid value: "a b": /);
});

test("more than a hundred mistakes are counted, not all told", () => {
  const images = Array.from({ length: 130 }, () => ({ image: "nginx:1" }));
  const response = judged(
    "CachedImageSet",
    changed(smallest("CachedImageSet"), "spec", { images }),
  );
  const causes = causesOf(response);
  assert.equal(causes.length, 101);
  assert.match(causes.at(-1) ?? "", /^spec\.images\[100\]\.image: Too many: from here on 30 more/);
});

test("of a thousand mistakes not even all are looked for", () => {
  const images = Array.from({ length: 1_000 }, () => ({ image: "nginx:1" }));
  const response = judged(
    "CachedImageSet",
    changed(smallest("CachedImageSet"), "spec", { images }),
  );
  assert.equal(response.allowed, false);
  assert.match(causesOf(response).at(-1) ?? "", /from here on at least 150 more mistakes/);
});

test("an update that mends one of very many old mistakes is allowed", () => {
  const images = Array.from({ length: 1_000 }, (_, at) => ({
    image: `docker.io/team/app-${at}:1`,
  }));
  const whole = smallest("CachedImageSet");
  const old = changed(whole, "spec", { images });
  const mended = changed(whole, "spec", { images: images.slice(1) });
  const update = { operation: "UPDATE", oldObject: old };
  assert.equal(review(reviewOf("CachedImageSet", mended, update)).response.allowed, true);
});

test("a login in a URL is told neither to the terminal nor to the log", () => {
  const object = changed(
    fullest("DiscoveryPolicy"),
    "spec.sources.1.registry.url",
    "https://kim:hunter2@registry.example.com",
  );
  const response = judged("DiscoveryPolicy", object);
  assert.equal(response.allowed, false);
  assert.doesNotMatch(JSON.stringify(response), /hunter2|kim/);
  assert.match(causesOf(response)[0] ?? "", /"https:\/\/\*\*\*@registry\.example\.com"/);
});

test("warnings are one line of printable ASCII, at most 256 characters, ten in all, none twice", () => {
  const odd = { image: "nginx", tag: "latest" };
  const images = Array.from({ length: 30 }, (_, at) => ({ ...odd, image: `nginx${at}` }));
  const many = changed(smallest("CachedImageSet"), "spec", { images });
  const { warnings = [] } = judged("CachedImageSet", many);
  assert.equal(warnings.length, 10);
  assert.match(warnings[9] ?? "", /^51 more warnings/);
  const long = image({ image: "a".repeat(200), tag: "ä", nodeSelector: null });
  const said = [...warnings, ...(judged("CachedImage", long).warnings ?? [])];
  assert.equal(new Set(said).size, said.length);
  for (const line of said) assert.match(line, /^[\x20-\x7e]{1,256}$/);
  assert.ok(
    said.some((line) => line.endsWith("... [DROP2003]")),
    said.join("\n"),
  );
});

test("the annotation ignore-rules silences a warning", () => {
  const spec = { image: "nginx", tag: "1.27" };
  assert.equal(judged("CachedImage", image(spec)).warnings?.length, 1);
  const annotations = { "drop.corewire.io/ignore-rules": "DROP2003" };
  assert.equal(judged("CachedImage", image(spec, { annotations })).warnings, undefined);
});

/** Old objects that break a rule, as they may have been stored before the rule existed. */
const OLD: readonly (readonly [Kind, string, unknown])[] = [
  ["CachedImage", "spec.image", "nginx:1.27"],
  ["CachedImage", "spec.digest", "sha256:1"],
  ["CachedImage", "spec.nodeSelector", { "a b": "c" }],
  ["CachedImageSet", "spec.images", [{ image: "nginx:1" }, { tag: "1" }]],
  ["DiscoveryPolicy", "spec.imageFilter", "(?=a)"],
  ["DiscoveryPolicy", "spec.sources.1.registry.imageTemplate", "{{ .Nope }}"],
  ["DiscoveryPolicy", "spec.sources.0.prometheus", undefined],
  ["PullPolicy", "spec.pullTimeout", "0s"],
];

for (const [kind, field, value] of OLD) {
  test(`an old ${kind} with a mistake in ${field} can be edited elsewhere, not made worse`, () => {
    const old = changed(fullest(kind), field, value);
    assert.equal(judged(kind, old).allowed, false, "a new one is refused");
    const labelled = changed(old, "metadata.labels", { team: "other" });
    const response = updated(kind, old, labelled);
    assert.equal(response.allowed, true);
    assert.match(response.warnings?.[0] ?? "", /still wrong, as before: /);
    const worse = changed(labelled, "metadata.labels", { "a b": "c" });
    assert.equal(updated(kind, old, worse).allowed, false);
    assert.equal(updated(kind, fullest(kind), old).allowed, false);
  });
}

test("a mistake is an old one wherever its entry has moved, and excuses one other only", () => {
  const set = (...names: readonly string[]) =>
    changed(smallest("CachedImageSet"), "spec", {
      images: names.map((name) => ({ image: name, tag: "1" })),
    });
  const old = set("docker.io/a/b", "nginx:1");
  assert.equal(updated("CachedImageSet", old, set("nginx:1", "docker.io/a/b")).allowed, true);
  assert.equal(updated("CachedImageSet", old, set("nginx:1")).allowed, true);
  assert.equal(updated("CachedImageSet", old, set("nginx:2")).allowed, false);
  const twice = updated("CachedImageSet", old, set("nginx:1", "docker.io/a/b", "nginx:1"));
  assert.equal(causesOf(twice).length, 1);
});

test("a URL with a login is refused on every change, however old it is", () => {
  const old = changed(fullest("DiscoveryPolicy"), "spec.sources.1.registry.url", "https://u:p@a");
  assert.equal(updated("DiscoveryPolicy", old, changed(old, "spec.maxImages", 7)).allowed, false);
});

test("an object that is being deleted is never refused", () => {
  const wrong = image({ image: "nginx:1" }, { deletionTimestamp: "2026-01-01T00:00:00Z" });
  assert.equal(updated("CachedImage", image({ image: "b:1" }), wrong).allowed, true);
  assert.equal(judged("CachedImage", wrong).allowed, false);
});

test("deletes, connections and subresources are not judged", () => {
  const wrong = image({ image: "nginx:1" });
  for (const operation of ["DELETE", "CONNECT"]) {
    assert.deepEqual(judged("CachedImage", null, { operation, oldObject: wrong }), {
      uid: "7f0b",
      allowed: true,
    });
  }
  assert.equal(judged("CachedImage", wrong, { subResource: "status" }).allowed, true);
});

test("what the API server ignores or has judged itself is not refused", () => {
  const valid = fullest("CachedImage");
  for (const [field, value] of [
    ["status", { phase: 5, nonsense: true }],
    ["metadata.future", "of a later Kubernetes"],
    ["spec.future", "of a later CRD"],
  ] as const) {
    assert.equal(judged("CachedImage", changed(valid, field, value)).allowed, true, field);
  }
});

/** Requests that nobody can judge, by what is wrong with them. */
const MALFORMED: readonly (readonly [string, unknown, RegExp])[] = [
  [
    "another version",
    { ...reviewOf("PullPolicy", {}), apiVersion: "admission.k8s.io/v1beta1" },
    /no AdmissionReview/,
  ],
  ["another kind of body", { ...reviewOf("PullPolicy", {}), kind: "List" }, /no AdmissionReview/],
  [
    "an operation that does not exist",
    reviewOf("PullPolicy", {}, { operation: "PATCH" }),
    /operation/,
  ],
  ["no object", reviewOf("PullPolicy", null), /object/],
  ["a list for an object", reviewOf("PullPolicy", []), /object/],
  [
    "a kind of somebody else",
    otherKind({ group: "apps", version: "v1", kind: "Deployment" }),
    /kind is none of/,
  ],
  [
    "a version that does not exist",
    otherKind({ group: "drop.corewire.io", version: "v9", kind: "PullPolicy" }),
    /kind is none of/,
  ],
  [
    "a kind that every object inherits",
    otherKind({ group: "drop.corewire.io", version: "v1alpha1", kind: "constructor" }),
    /kind is none of/,
  ],
];

function otherKind(kind: unknown): unknown {
  const { request, ...rest } = reviewOf("PullPolicy", {});
  return { ...rest, request: { ...request, kind } };
}

for (const [what, value, expected] of MALFORMED) {
  test(`${what} is refused as a bad request that echoes the uid`, () => {
    const { response } = review(value);
    assert.equal(response.uid, "7f0b");
    assert.equal(response.allowed, false);
    assert.equal(response.status?.code, 400);
    assert.match(response.status?.message ?? "", expected);
  });
}

test("any value whatever gets an AdmissionReview", () => {
  fc.assert(
    fc.property(fc.anything({ withNullPrototype: true }), (value) => {
      const { response } = review(value);
      assert.equal(response.allowed, false);
      assert.equal(response.status?.code, 400);
    }),
  );
});

test("any object in a request gets a verdict, and the uid comes back", () => {
  const hostile = fc.oneof(fc.jsonValue(), fc.anything({ withNullPrototype: true }));
  fc.assert(
    fc.property(
      fc.constantFrom(...KINDS),
      hostile,
      hostile,
      fc.string({ minLength: 1 }),
      (kind, spec, oldObject, uid) => {
        const object = { ...smallest(kind), spec, metadata: spec };
        const { response } = review(
          reviewOf(kind, object, { operation: "UPDATE", oldObject, uid }),
        );
        assert.equal(response.uid, uid);
        assert.equal(typeof response.allowed, "boolean");
        assert.ok([undefined, 422].includes(response.status?.code));
      },
    ),
  );
});

test("__proto__, depth and length do no harm", () => {
  let deep: unknown = {};
  for (let level = 0; level < 50_000; level++) deep = level % 2 === 0 ? [deep] : { a: deep };
  for (const value of [JSON.parse('{"__proto__":{"allowed":true}}'), deep, "x".repeat(5_000_000)]) {
    const { apiVersion, kind } = smallest("CachedImage");
    const [metadata, spec] = [{ name: "tiny" }, { image: "docker.io/a/b", tag: "1" }];
    for (const object of [
      { apiVersion, kind, metadata, spec: value },
      { apiVersion, kind, metadata: value, spec },
      { apiVersion, kind, metadata: { labels: value, annotations: value }, spec },
      ...["image", "nodeSelector", "tolerations"].map((field) => ({
        ...{ apiVersion, kind, metadata },
        spec: { ...spec, [field]: value },
      })),
    ]) {
      const response = updated("CachedImage", object, object);
      assert.ok(JSON.stringify(response).length < 200_000);
    }
  }
  assert.equal(Object.hasOwn(Object.prototype, "allowed"), false);
});

test("the verdict on thousands of nearly valid objects is decode's, unknown fields aside", () => {
  for (const { kind, object, changes } of mutants(7, 2_000)) {
    const plain: unknown = JSON.parse(JSON.stringify(object));
    const mistakes = decode(kind, plain).problems.filter(
      (problem) => isMistake(problem) && problem.rule !== "DROP1001",
    );
    const response = judged(kind, plain);
    assert.equal(response.allowed, mistakes.length === 0, changes.join(" "));
    assert.equal(causesOf(response).length, Math.min(mistakes.length, 101));
    if (response.status) {
      assert.deepEqual(response.status.message.split("\n* ").slice(1), causesOf(response));
      assert.equal(own(own(response.status, "details"), "kind"), kind);
    }
    assert.equal(
      updated(kind, plain, plain).allowed,
      mistakes.every(({ rule }) => rule !== "DROP1012"),
    );
  }
});
