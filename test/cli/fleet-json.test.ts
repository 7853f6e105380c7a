import assert from "node:assert/strict";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { Ajv2020 } from "ajv/dist/2020.js";
import { projectFolder } from "../support/drop.ts";
import { makeFolder } from "../support/folder.ts";
import { runDrop } from "../support/quirks/run-drop.ts";

const schema = JSON.parse(await readFile(join(projectFolder, "schemas/plan.schema.json"), "utf8"));
const validate = new Ajv2020({ strict: true, strictRequired: false }).compile(schema);

const header = "apiVersion: drop.corewire.io/v1alpha1\n";
const POLICY = `${header}kind: DiscoveryPolicy
metadata: {name: popular}
spec:
  sources:
    - {name: usage, type: prometheus, prometheus: {endpoint: "https://metrics.example.com", query: up}}
`;
const SETS = `${POLICY}---\n${header}kind: CachedImageSet\nmetadata: {name: web}\nspec: {discoveryPolicyRef: {name: popular}}\n`;

function recorded(count: number): string {
  const images = Array.from({ length: count }, (_, index) => {
    return `    - {image: "quay.io/x/app-${index}:1", score: ${100 - index}, source: usage}\n`;
  });
  return `${POLICY}status:\n  discoveredImages:\n${images.join("")}  sources: [{name: usage, healthy: true, imageCount: 1}]\n`;
}

/** A fleet of two targets with ten discovered images each, answers with three of them in `fewer.yaml`. */
async function fleetOf(t: TestContext) {
  const folder = await makeFolder("fleet-json");
  t.after(() => folder.remove());
  const put = async (name: string, text: string) => {
    await mkdir(join(folder.path, name, ".."), { recursive: true });
    await writeFile(join(folder.path, name), text);
  };
  const targets = ["prod", "edge"].map(
    (name) => `{name: ${name}, inputs: [${name}], outputDir: out/${name}}`,
  );
  await put("drop.yaml", `targets: [${targets.join(", ")}]\n`);
  await put("prod/sets.yaml", SETS);
  await put("edge/sets.yaml", SETS);
  await put("ten.yaml", recorded(10));
  await put("fewer.yaml", recorded(3));
  const at = (name: string) => join(folder.path, name);
  const render = (answers: string, ...flags: readonly string[]) => {
    const args = ["render", "--config", at("drop.yaml"), "--discovered", at(answers), ...flags];
    return runDrop(args, { folder: folder.path });
  };
  const first = await render("ten.yaml");
  assert.equal(first.code, 0, first.stderr);
  return { at, put, render };
}

/** The one JSON document of an output, which is as the schema says. */
function documentIn(stdout: string) {
  const value = JSON.parse(stdout);
  const isValid: boolean = validate(value);
  assert.ok(isValid, JSON.stringify(validate.errors));
  return value;
}

test("the plans of a fleet are one JSON document, each with the name of its target", async (t) => {
  const { put, render } = await fleetOf(t);
  for (const flags of [["--dry-run"], ["--check"], ["--check", "--refresh"], ["--diff"], []]) {
    const { code, stdout, stderr } = await render("ten.yaml", "-o", "json", ...flags);
    assert.equal(code, 0, stderr);
    const { targets } = documentIn(stdout);
    const seen = targets.map(
      (one: { name: string; exitCode: number; plan: { totals: unknown } }) => [
        one.name,
        one.exitCode,
        one.plan.totals,
      ],
    );
    const totals = { added: 0, kept: 10, updated: 0, removed: 0 };
    assert.deepEqual(
      seen,
      [
        ["prod", 0, totals],
        ["edge", 0, totals],
      ],
      flags.join(" "),
    );
  }
  await put("edge/sets.yaml", SETS.replace("discoveryPolicyRef", "discoverPolicyRef"));
  const { code, stdout } = await render("fewer.yaml", "-o", "json");
  assert.equal(code, 2);
  const [prod, edge] = documentIn(stdout).targets;
  assert.equal(prod.exitCode, 4);
  assert.equal(prod.plan.sets[0].guard.removals.length, 7);
  assert.deepEqual(edge, { name: "edge", exitCode: 2 });
});

test("one target of a fleet has the same form, and PATHs have the plan itself", async (t) => {
  const { at, render } = await fleetOf(t);
  const one = await render("ten.yaml", "--target", "edge", "--dry-run", "-o", "json");
  assert.deepEqual(
    documentIn(one.stdout).targets.map(({ name }: { name: string }) => name),
    ["edge"],
  );
  const args = [
    "render",
    at("edge"),
    "--output-dir",
    at("out/edge"),
    "--discovered",
    at("ten.yaml"),
  ];
  for (const flags of [["--dry-run"], ["--diff"], ["--check"]]) {
    const plain = await runDrop([...args, ...flags, "-o", "json"], { folder: at(".") });
    assert.equal(documentIn(plain.stdout).sets[0].set, "web", flags.join(" "));
  }
});

test("an approved plan of a fleet allows each target its own removals", async (t) => {
  const { at, put, render } = await fleetOf(t);
  const refused = await render("fewer.yaml", "--dry-run", "-o", "json");
  assert.equal(refused.code, 4);
  const saved = documentIn(refused.stdout);
  const prodOnly = { ...saved, targets: saved.targets.slice(0, 1) };
  await put("prod.json", JSON.stringify(prodOnly));
  const half = await render("fewer.yaml", "--approve", at("prod.json"), "-o", "json");
  assert.equal(half.code, 4);
  const codes = documentIn(half.stdout).targets.map((one: { exitCode: number }) => one.exitCode);
  assert.deepEqual(codes, [0, 4]);
  await put("plan.json", refused.stdout);
  const whole = await render("fewer.yaml", "--approve", at("plan.json"));
  assert.equal(whole.code, 0, whole.stderr);
  const again = await render("fewer.yaml", "--check");
  assert.equal(again.code, 0, again.stderr);
});

const broken: readonly (readonly [name: string, change: (text: string) => string, fix: RegExp])[] =
  [
    [
      "targets that are no list",
      (text) => text.replace(/"targets": \[[\s\S]*\]/, '"targets": 3'),
      /save it again/,
    ],
    [
      "a plan that is none",
      (text) => text.replaceAll(/"plan": \{/g, '"plan": [], "old": {'),
      /save it again/,
    ],
    ["another version", (text) => text.replace('"version": 1', '"version": 9'), /save it again/],
    ["a target that stands twice", (text) => text.replace('"edge"', '"prod"'), /save it again/],
  ];

test("a saved plan of a fleet that is not quite one is refused", async (t) => {
  const { at, put, render } = await fleetOf(t);
  const { stdout } = await render("fewer.yaml", "--dry-run", "-o", "json");
  for (const [name, change, fix] of broken) {
    const text = change(stdout);
    assert.notEqual(text, stdout, name);
    await put("plan.json", text);
    const ran = await render("fewer.yaml", "--target", "prod", "--approve", at("plan.json"));
    assert.equal(ran.code, 2, name);
    assert.match(ran.stderr, fix, name);
  }
  await put("plan.json", stdout);
  const args = [
    "render",
    at("prod"),
    "--output-dir",
    at("out/prod"),
    "--discovered",
    at("fewer.yaml"),
  ];
  const withPaths = await runDrop([...args, "--approve", at("plan.json")], { folder: at(".") });
  assert.equal(withPaths.code, 2);
  assert.match(withPaths.stderr, /plans of the targets of drop\.yaml; leave the PATHs out/);
});
