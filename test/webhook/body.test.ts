import assert from "node:assert/strict";
import { test } from "node:test";
import { parseBody } from "../../src/webhook/body.ts";
import { changed, type Loose, smallest } from "../api/valid-objects.ts";
import { reviewOf } from "./reviews.ts";

/** An object as kubectl apply sends it: it carries itself in an annotation. */
function applied(object: Loose): unknown {
  const annotation = { "kubectl.kubernetes.io/last-applied-configuration": JSON.stringify(object) };
  return changed(object, "metadata.annotations", annotation);
}

function list<T>(length: number, make: (index: number) => T): readonly T[] {
  return Array.from({ length }, (_, index) => make(index));
}

const registry = { url: "https://a.example", repositories: list(256, (i) => `team/app-${i}`) };
const sources = list(32, (i) => ({ name: `source-${i}`, type: "registry", registry }));
const images = list(1_000, (i) => ({ image: `docker.io/team/app-${i}`, tag: "1", digest: "" }));

const LARGEST: readonly (readonly [string, Loose])[] = [
  ["policy", changed(smallest("DiscoveryPolicy"), "spec.sources", sources)],
  ["set", changed(smallest("CachedImageSet"), "spec.images", images)],
];

for (const [what, object] of LARGEST) {
  test(`an update of the largest ${what} is read`, () => {
    const kind = what === "policy" ? "DiscoveryPolicy" : "CachedImageSet";
    const both = { operation: "UPDATE", oldObject: applied(object) };
    const body = Buffer.from(JSON.stringify(reviewOf(kind, applied(object), both)));
    assert.equal(parseBody(body).ok, true);
  });
}

test("a short body with many values is read, a long one is not", () => {
  const values = (count: number) => Buffer.from(`[${"0,".repeat(count - 1)}0]`);
  assert.equal(parseBody(values(49_999)).ok, true);
  const refused = parseBody(values(50_001));
  assert.match(refused.ok ? "" : refused.fault.what, /more than 50000/);
});

test("a long body with many members of mappings is not read", () => {
  const members = (count: number) =>
    Buffer.from(JSON.stringify(Object.fromEntries(list(count, (i) => [`key-${i}`, "value"]))));
  assert.equal(parseBody(members(20_000)).ok, true);
  const refused = parseBody(members(20_001));
  assert.match(refused.ok ? "" : refused.fault.what, /more than 20000 members/);
});

test("bytes that are no UTF-8 and text that is no JSON are refused, and leave the next body alone", () => {
  for (const bytes of [Buffer.from([0x22, 0xf0, 0x9f]), Buffer.from('{"a":'), Buffer.alloc(0)]) {
    assert.equal(parseBody(bytes).ok, false);
    assert.deepEqual(parseBody(Buffer.from('"é"')), { ok: true, value: "é" });
  }
});
