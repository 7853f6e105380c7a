import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { Ajv2020 } from "ajv/dist/2020.js";
import { run } from "../support/child.ts";
import { drop, projectFolder } from "../support/drop.ts";
import { makeFolder } from "../support/folder.ts";
import { readFiles } from "./golden.ts";

const POLICY = `---
apiVersion: drop.corewire.io/v1alpha1
kind: DiscoveryPolicy
metadata: {name: popular}
spec:
  sources:
    - {name: usage, type: prometheus, prometheus: {endpoint: "https://metrics.example.com", query: up}}
`;
const SETS = `${POLICY}---
apiVersion: drop.corewire.io/v1alpha1
kind: CachedImageSet
metadata: {name: web}
spec:
  discoveryPolicyRef: {name: popular}
`;

function recorded(count: number): string {
  return recordedScores(Array.from({ length: count }, (_, index) => 100 - index));
}

function recordedScores(scores: readonly number[]): string {
  const images = scores.map(
    (score, index) => `    - {image: "quay.io/x/app-${index}:1", score: ${score}, source: usage}\n`,
  );
  return `${POLICY}status:\n  discoveredImages:\n${images.join("")}  sources: [{name: usage, healthy: true, imageCount: 1}]\n`;
}

/** A folder with ten discovered images rendered into `out dir`, and answers with three of them in `fewer.yaml`. */
async function world(t: TestContext) {
  const folder = await makeFolder("approve");
  t.after(() => folder.remove());
  const files = { "sets.yaml": SETS, "ten.yaml": recorded(10), "fewer.yaml": recorded(3) };
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder.path, name), text);
  const args = ["render", "sets.yaml", "--output-dir", "out dir", "--discovered"];
  const render = (...more: readonly string[]) => drop([...args, ...more], { cwd: folder.path });
  assert.equal((await render("ten.yaml")).code, 0);
  return { path: folder.path, render, written: () => readFiles(join(folder.path, "out dir")) };
}

test("a run that removes too much changes nothing and gives the commands that approve it", async (t) => {
  const { path, render, written } = await world(t);
  const before = await written();
  const refused = await render("fewer.yaml");
  assert.equal(refused.code, 4);
  assert.match(refused.stderr, /CachedImageSet\/web: 7 of its 10 discovered images would go/);
  assert.deepEqual(await written(), before);

  const [save = "", approve = ""] = [...refused.stderr.matchAll(/"(drop [^"]*)"/g)].map(
    ([, command = ""]) => command,
  );
  const shell = `drop() { "${process.execPath}" "${projectFolder}/src/cli/main.ts" "$@"; }`;
  const saved = await run("sh", ["-c", `${shell}; ${save}`], { cwd: path });
  assert.equal(saved.code, 4, "to plan is to be refused, too");
  const schema = JSON.parse(
    await readFile(join(projectFolder, "schemas/plan.schema.json"), "utf8"),
  );
  const validate = new Ajv2020().compile(schema);
  assert.ok(validate(JSON.parse(await readFile(join(path, "plan.json"), "utf8"))));
  assert.deepEqual(await written(), before);

  const approved = await run("sh", ["-c", `${shell}; ${approve}`], { cwd: path });
  assert.equal(approved.code, 0, approved.stderr);
  const images = [...(await written()).keys()].filter((file) => file.startsWith("web/app-"));
  assert.equal(images.length, 3);
});

test("every way to look without writing says what the guard would do, and writes nothing", async (t) => {
  const { render, written } = await world(t);
  const before = await written();
  for (const flags of [["--diff"], ["--dry-run"], ["--check", "--refresh"]]) {
    const { code, stderr } = await render("fewer.yaml", ...flags);
    assert.equal(code, 4, flags.join(" "));
    assert.match(stderr, /7 of its 10 discovered images would go/, flags.join(" "));
    assert.doesNotMatch(stderr, /up to date/, flags.join(" "));
  }
  assert.equal(
    (await render("fewer.yaml", "--check")).code,
    0,
    "the lock was asked, and no source",
  );
  assert.deepEqual(await written(), before);
});

test("a higher limit lets the removals pass", async (t) => {
  const { render } = await world(t);
  const { code, stdout } = await render("fewer.yaml", "--max-removals", "70%");
  assert.equal(code, 0);
  assert.match(stdout, /7 removed, 3 kept/);
});

test("an image is replaced by one that is used more by the churn margin, which a flag sets", async (t) => {
  const { path, render, written } = await world(t);
  await writeFile(join(path, "sets.yaml"), SETS.replace("spec:\n", "spec:\n  maxImages: 1\n"));
  await writeFile(join(path, "one.yaml"), recordedScores([100, 95]));
  await writeFile(join(path, "other.yaml"), recordedScores([100, 105]));
  const image = async (answers: string, ...flags: readonly string[]) => {
    const { code, stderr } = await render(answers, "--max-removals", "100", ...flags);
    assert.equal(code, 0, stderr);
    const files = [...(await written()).keys()];
    return files.filter((file) => file.startsWith("web/app-")).map((file) => file.slice(4, 9));
  };
  assert.deepEqual(await image("one.yaml"), ["app-0"]);
  assert.deepEqual(await image("other.yaml"), ["app-0"]);
  assert.deepEqual(await image("other.yaml", "--churn-margin", "5"), ["app-0"]);
  assert.deepEqual(await image("other.yaml", "--churn-margin", "4.5%"), ["app-1"]);
  assert.deepEqual(await image("one.yaml", "--churn-margin", "0"), ["app-0"]);
});

test("in a fleet the plan of one target is approved for that one, and a target may have its own limit", async (t) => {
  const { path, written } = await world(t);
  const target = '{inputs: [sets.yaml], outputDir: "out dir", maxRemovals: 70%, name: ';
  const other = "{inputs: [sets.yaml], outputDir: other, name: b}";
  await writeFile(join(path, "drop.yaml"), `targets: [${target}a}, ${other}]\n`);
  const fleet = (...args: readonly string[]) =>
    drop(["render", "--discovered", ...args], { cwd: path });
  const before = await written();
  const refused = await fleet("fewer.yaml", "--max-removals", "1", "--target", "a");
  assert.equal(refused.code, 4);
  assert.match(refused.stderr, /"drop render [^"]* --target a --approve plan\.json"/);
  const args = ["render", "sets.yaml", "--output-dir", "out dir", "--discovered", "fewer.yaml"];
  const plan = await drop([...args, "--dry-run", "-o", "json"], { cwd: path });
  await writeFile(join(path, "plan.json"), plan.stdout);
  const both = await fleet("fewer.yaml", "--approve", "plan.json");
  assert.equal(both.code, 2);
  assert.match(both.stderr, /it is the plan of one target, .*; add --target NAME/);
  assert.deepEqual(await written(), before);
  assert.equal((await fleet("fewer.yaml")).code, 0, "70% is the target's own limit");
});

const wrong: readonly [flags: readonly string[], code: number, message: RegExp][] = [
  [["--approve", "ten.yaml"], 2, /--approve ten\.yaml: it is not the JSON .*; save it again/],
  [["--approve", "missing.json"], 2, /missing\.json: there is no such file/],
  [["--max-removals", "-1"], 64, /Write a number of images/],
  [["--max-removals", "101%"], 64, /Write a number of images/],
  [["--churn-margin", "much"], 64, /Write it as 10%/],
  [["--churn-margin", "1001%"], 64, /1000% is the most/],
];

test("a plan or a limit that cannot be used is named, and nothing is written", async (t) => {
  const { render, written } = await world(t);
  const before = await written();
  for (const [flags, code, message] of wrong) {
    const found = await render("fewer.yaml", ...flags);
    assert.equal(found.code, code, flags.join(" "));
    assert.match(found.stderr, message);
  }
  assert.deepEqual(await written(), before);
});
