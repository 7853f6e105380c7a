import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type ImageReference, parseImageReference } from "../../src/api/image-reference.ts";
import {
  childNamesIn,
  IMAGE_FILE_PATTERN,
  isLeftover,
  isOwnName,
  temporaryName,
} from "../../src/renderer/manifest/names.ts";

function reference(text: string): ImageReference {
  const result = parseImageReference(text);
  if (!result.ok) assert.fail(`${text}: ${result.fault.what}`);
  return result.value;
}

const DIGEST = `sha256:${"0123456789abcdef".repeat(4)}`;
const LONG_SET = "a-set-whose-name-is-as-long-as-a-dns-label-can-be-abcdefghijklm";

// These names stand in clusters and in Git: a change here renames every object of every user.
const golden: readonly [set: string, image: string, name: string, file: string][] = [
  ["web", "nginx", "web-nginx-latest-33669e93", "nginx-latest-33669e93.yaml"],
  ["web", "nginx:latest", "web-nginx-latest-33669e93", "nginx-latest-33669e93.yaml"],
  ["web", "docker.io/library/nginx", "web-nginx-latest-33669e93", "nginx-latest-33669e93.yaml"],
];

test("a child's name and file never change from one version of Drop to the next", () => {
  for (const [set, image, name, file] of golden) {
    assert.deepEqual(childNamesIn(set)(reference(image)), { name, file });
  }
});

const setName = fc.stringMatching(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/);
const repository = fc.stringMatching(/^[a-z0-9]{1,9}([._-][a-z0-9]{1,30}){0,4}$/);
const tag = fc.stringMatching(/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/);
const someReference = fc
  .record({ host: fc.constantFrom("docker.io", "r.example.com:5000"), repository, tag })
  .map(({ host, repository, tag }) => reference(`${host}/x/${repository}:${tag}`));

test("a child's name is a DNS label and its file is recognised as Drop's", () => {
  fc.assert(
    fc.property(setName, someReference, (set, image) => {
      const { name, file } = childNamesIn(set)(image);
      assert.match(name, /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/);
      assert.match(file, IMAGE_FILE_PATTERN);
      assert.ok(file.length <= 68);
    }),
  );
});

test("different images, and the same image in different sets, have different names", () => {
  const sets = ["web", "web-a", LONG_SET, `${LONG_SET.slice(0, -1)}n`];
  const images = [
    ...["nginx", "nginx:1.27", "nginx:1-27", "nginx:1_27", "nginx:1.27.0", "a/nginx:1.27"],
    ...["r.example.com/nginx:1.27", `nginx@${DIGEST}`, "nginx:V1", "nginx:v1"],
  ];
  const names = sets.flatMap((set) =>
    images.map((image) => childNamesIn(set)(reference(image)).name),
  );
  assert.equal(new Set(names).size, sets.length * images.length);
  const files = images.map((image) => childNamesIn("web")(reference(image)).file);
  assert.equal(new Set(files).size, images.length);
});

test("a long name keeps the hash and is cut to 63 characters", () => {
  const image = reference(`quay.io/org/${"very-long-name-".repeat(8)}end:1.2.3`);
  const { name } = childNamesIn(LONG_SET)(image);
  assert.ok(name.length <= 63, name);
  assert.match(name, /^a-set-whose-name-is-as-long-as-a-dns-lab-very-long-nam-[0-9a-f]{8}$/);
});

test("a digest makes the tag void, in the name too", () => {
  const both = childNamesIn("web")(reference(`nginx:1.27@${DIGEST}`));
  assert.deepEqual(both, childNamesIn("web")(reference(`nginx@${DIGEST}`)));
  assert.match(both.name, /^web-nginx-0123456789ab-[0-9a-f]{8}$/);
});

test("only names that Drop gives count as its own", () => {
  for (const file of [".drop.lock", "kustomization.yaml", "nginx-latest-33669e93.yaml"]) {
    assert.ok(isOwnName(file), file);
    assert.ok(isLeftover(temporaryName(file)), file);
  }
  const foreign = [
    ...["nginx.yaml", "nginx-20BEB9DF.yaml", "../nginx-33669e93.yaml", "a/b-33669e93.yaml"],
    ...["nginx-33669e93.yml", "", ".", "..", "x-33669e93.yaml\n", "README.md"],
  ];
  for (const file of foreign) {
    assert.ok(!isOwnName(file), file);
    assert.ok(!isLeftover(temporaryName(file)), file);
  }
});
