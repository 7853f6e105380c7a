import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  isSameLock,
  type Lock,
  lockedPolicy,
  lockText,
  ownHashes,
  rememberedImages,
} from "../../src/renderer/lock/lock.ts";
import { parseLock } from "../../src/renderer/lock/parse.ts";
import { aPolicy } from "./builders.ts";

const HASH = "0".repeat(64);
const OTHER_HASH = "1".repeat(64);

const lock: Lock = {
  policy: { name: "popular", hash: HASH },
  images: [
    { image: "docker.io/library/nginx:1.27", source: "metrics", part: "" },
    {
      image: "quay.io/a/b:1",
      source: "registry/quay.io",
      part: "a/b",
      alsoFrom: [{ source: "metrics", part: "" }],
    },
  ],
  files: new Map([
    ["kustomization.yaml", HASH],
    ["nginx-1-27-0123abcd.yaml", OTHER_HASH],
  ]),
  pending: new Map(),
};

function read(text: string): Lock {
  const result = parseLock(text);
  if (!result.ok) assert.fail(result.fault.what);
  return result.value;
}

test("a lock is JSON with an image or a file a line", () => {
  assert.equal(
    lockText(lock),
    `{
  "version": 1,
  "policy": {"hash":"${HASH}","name":"popular"},
  "images": [
    {"image":"docker.io/library/nginx:1.27","part":"","source":"metrics"},
    {"alsoFrom":[{"part":"","source":"metrics"}],"image":"quay.io/a/b:1","part":"a/b","source":"registry/quay.io"}
  ],
  "files": {
    "kustomization.yaml": "${HASH}",
    "nginx-1-27-0123abcd.yaml": "${OTHER_HASH}"
  }
}
`,
  );
});

test("a lock is read back as it was written, pending files included", () => {
  const empty: Lock = { images: [], files: new Map(), pending: new Map() };
  const busy: Lock = { ...lock, pending: new Map([["kustomization.yaml", OTHER_HASH]]) };
  for (const one of [lock, empty, busy]) assert.deepEqual(read(lockText(one)), one);
  assert.deepEqual(ownHashes(busy, "kustomization.yaml"), [HASH, OTHER_HASH]);
  assert.deepEqual(ownHashes(undefined, "kustomization.yaml"), []);
});

test("no score, rank or time reaches the lock", () => {
  const image = {
    image: "quay.io/a/b:1",
    source: "m",
    part: "",
    score: 7,
    rank: 3,
    remembered: true,
  };
  assert.equal(
    lockText({ ...lock, images: [image] }),
    lockText({ ...lock, images: [{ image: "quay.io/a/b:1", source: "m", part: "" }] }),
  );
});

test("a lock in which only the order of images or of their sources moved is the same", () => {
  const [first, second] = lock.images;
  assert.ok(first && second);
  const swapped = {
    ...second,
    source: "metrics",
    part: "",
    alsoFrom: [{ source: "registry/quay.io", part: "a/b" }],
  };
  assert.ok(isSameLock(lock, { ...lock, images: [second, first] }));
  assert.ok(isSameLock(lock, { ...lock, images: [first, swapped] }));
  const different: Lock[] = [
    { ...lock, images: [first] },
    { ...lock, images: [first, { ...second, source: "x" }] },
    { ...lock, policy: { name: "popular", hash: OTHER_HASH } },
    { ...lock, files: new Map() },
    { ...lock, pending: lock.files },
  ];
  for (const other of different) assert.ok(!isSameLock(lock, other));
});

test("images are remembered in order for the policy that found them and for no other", () => {
  assert.deepEqual(
    rememberedImages(lock, "popular").map(({ image, score }) => [image, score]),
    [
      ["docker.io/library/nginx:1.27", 0],
      ["quay.io/a/b:1", 0],
    ],
  );
  assert.deepEqual(rememberedImages(lock, "other"), []);
  assert.deepEqual(rememberedImages(lock, undefined), []);
  assert.deepEqual(rememberedImages(undefined, "popular"), []);
});

test("a policy counts as changed when what it finds may change, not when it is asked at other times", () => {
  const policy = aPolicy("popular");
  const same = aPolicy("popular", { syncInterval: "1h", suspend: true, interval: "2h" });
  assert.deepEqual(lockedPolicy(same), lockedPolicy(policy));
  for (const changed of [{ maxImages: 10 }, { imageFilter: "x" }, { sources: [] }, { topX: 3 }]) {
    assert.notEqual(lockedPolicy(aPolicy("popular", changed)).hash, lockedPolicy(policy).hash);
  }
});

function with_(change: Readonly<Record<string, unknown>>): string {
  return JSON.stringify({ ...JSON.parse(lockText(lock)), ...change });
}

const hostile: readonly [text: string, what: RegExp][] = [
  ["", /not the JSON/],
  ["[]", /not the JSON/],
  ["null", /not the JSON/],
  ["{", /not the JSON/],
  [`<<<<<<< HEAD\n${lockText(lock)}=======\n>>>>>>> main\n`, /conflict marks/],
  [with_({ version: 2 }), /version 2/],
  [with_({ version: "1" }), /"version"/],
  [with_({ version: undefined }), /"version"/],
  [with_({ policy: null }), /"policy"/],
  [with_({ policy: { name: "x", hash: "short" } }), /"policy"/],
  [with_({ images: {} }), /"images"/],
  [with_({ images: [null] }), /"images"/],
  [with_({ images: [{ image: "nginx", source: "a", part: "" }] }), /"images"/],
  [with_({ images: [{ image: "docker.io/library/nginx", source: "a", part: "" }] }), /"images"/],
  [with_({ images: [{ image: "docker.io/library/nginx:1", source: 1, part: "" }] }), /"images"/],
  [with_({ images: [{ ...lock.images[0], alsoFrom: [{}] }] }), /"images"/],
  [with_({ files: [] }), /"files"/],
  [with_({ files: undefined }), /"files"/],
  [with_({ files: { "../kustomization.yaml": HASH } }), /"files"/],
  [with_({ files: { "/etc/passwd": HASH } }), /"files"/],
  [with_({ files: { "README.md": HASH } }), /"files"/],
  [with_({ files: { ".drop.lock": HASH } }), /"files"/],
  [with_({ files: { "kustomization.yaml": [HASH] } }), /"files"/],
  [lockText(lock).replace('"files": {', `"files": {"__proto__": "${HASH}",`), /"files"/],
  [with_({ pending: { "x.yaml": HASH } }), /"pending"/],
  [" ".repeat(9_000_000), /too large/],
];

test("a lock that Drop did not write is refused in words, never followed", () => {
  for (const [text, what] of hostile) {
    const result = parseLock(text);
    assert.ok(!result.ok, text.slice(0, 200));
    assert.match(result.fault.what, what);
    assert.notEqual(result.fault.fix, "");
  }
});

test("reading a lock never throws", () => {
  fc.assert(fc.property(fc.string(), (text) => void parseLock(text)));
  fc.assert(fc.property(fc.json(), (text) => void parseLock(text)));
  const field = fc.constantFrom("version", "policy", "images", "files", "pending");
  fc.assert(
    fc.property(field, fc.jsonValue(), (name, value) => void parseLock(with_({ [name]: value }))),
  );
});
