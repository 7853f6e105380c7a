import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { readKinds } from "../scripts/generate/crd.ts";
import { generatedFiles } from "../scripts/generate/files.ts";
import { run } from "./support/child.ts";

const ROOT = new URL("../", import.meta.url);
const FILES = generatedFiles(readKinds(fileURLToPath(new URL("crds", ROOT))));

for (const [path, text] of FILES) {
  test(`${path} is what crds/ make of it`, () => {
    const stale = readFileSync(new URL(path, ROOT), "utf8") !== text;
    assert.ok(!stale, `${path} is stale: run npm run generate`);
  });
}

test("generating is the same twice", () => {
  const again = generatedFiles(readKinds(fileURLToPath(new URL("crds", ROOT))));
  assert.deepEqual(again, FILES);
});

test("the check that CI runs is clean", async () => {
  const script = fileURLToPath(new URL("scripts/generate.ts", ROOT));
  const { code, stderr } = await run(process.execPath, [script, "--check"]);
  assert.deepEqual([code, stderr], [0, ""]);
});
