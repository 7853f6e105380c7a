import assert from "node:assert/strict";
import { test } from "node:test";
import { parse } from "yaml";
import { desiredChildren } from "../../src/renderer/manifest/desired.ts";
import { aSet, ranked } from "./builders.ts";

const DIGEST = `sha256:${"a".repeat(64)}`;

test("static images come first in their order, then the discovered ones by rank", () => {
  const set = aSet("web", { images: [{ image: "redis", tag: "8" }, { image: "quay.io/a/b" }] });
  const { children } = desiredChildren(set, [
    ranked("docker.io/library/nginx:1.27", 1),
    ranked(`ghcr.io/x/y@${DIGEST}`, 2),
  ]);
  assert.deepEqual(
    children.map(({ image, origin }) => [image, origin]),
    [
      ["docker.io/library/redis:8", "static"],
      ["quay.io/a/b:latest", "static"],
      ["docker.io/library/nginx:1.27", "discovered"],
      [`ghcr.io/x/y@${DIGEST}`, "discovered"],
    ],
  );
});

test("the same image however it is spelt is one child, and a listed one stays static", () => {
  const set = aSet("web", {
    images: [{ image: "nginx" }, { image: "index.docker.io/library/nginx", tag: "latest" }],
  });
  const { children } = desiredChildren(set, [
    ranked("docker.io/library/nginx:latest", 1),
    ranked("docker.io/library/redis:8", 2),
    ranked("docker.io/library/redis:8", 3),
  ]);
  assert.deepEqual(
    children.map(({ image, origin }) => [image, origin]),
    [
      ["docker.io/library/nginx:latest", "static"],
      ["docker.io/library/redis:8", "discovered"],
    ],
  );
  assert.equal(children[0]?.discovered, undefined);
});

test("a discovered image with tag and digest keeps the digest alone", () => {
  const { children } = desiredChildren(aSet("web"), [ranked(`quay.io/a/b:1@${DIGEST}`, 1)]);
  const [child] = children;
  assert.equal(child?.image, `quay.io/a/b@${DIGEST}`);
  const { image, tag, digest } = parse(child?.text ?? "").spec;
  assert.deepEqual(
    { image, tag, digest },
    { image: "quay.io/a/b", tag: undefined, digest: DIGEST },
  );
});

test("an entry that is no image name is a mistake at its field and no child", () => {
  const set = aSet("web", { images: [{ image: "redis" }, { image: "nginx:1.27" }] });
  const { children, mistakes } = desiredChildren(set, []);
  assert.equal(children.length, 1);
  assert.equal(mistakes.length, 1);
  assert.equal(mistakes[0]?.subject, "CachedImageSet/web");
  assert.equal(mistakes[0]?.field, "spec.images[1].image");
  assert.match(mistakes[0]?.fix ?? "", /tag "1\.27"/);
});
