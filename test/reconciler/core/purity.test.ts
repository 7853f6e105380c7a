import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../../../src/reconciler", import.meta.url));
const FOLDERS = ["targets", "ledger", "decide", "summary", "model"] as const;

const SOURCES = FOLDERS.flatMap((folder) =>
  readdirSync(join(ROOT, folder)).map((file) => ({
    path: `${folder}/${file}`,
    text: readFileSync(join(ROOT, folder, file), "utf8"),
  })),
);

/** What the core may use besides itself: texts of the API, and the reading of Pods, all of it pure. */
const ALLOWED =
  /^(?:\.\/|\.\.\/(?:targets|ledger|decide|summary|model|facts\/policy|failure\/scope|pull-pod)\b|\.\.\/\.\.\/api\/|node:util$)/;

test("the core of the reconciler reaches nothing but plain values", () => {
  assert.ok(SOURCES.length > 40);
  for (const { path, text } of SOURCES) {
    for (const [, name = ""] of text.matchAll(/from "([^"]+)"/g)) {
      assert.match(name, ALLOWED, `${path} imports ${name}`);
    }
  }
});

test("the core of the reconciler knows no clock, no chance, no environment, and waits for nothing", () => {
  const impure =
    /\b(?:Date\.now|new Date\(\)|Math\.random|performance\.|process\.|setTimeout|async|await)\b/;
  for (const { path, text } of SOURCES) assert.doesNotMatch(text, impure, path);
});
