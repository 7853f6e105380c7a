import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { type TestContext, test } from "node:test";
import { yamlSteps } from "../../src/renderer/load/documents.ts";
import { allAtOnce } from "../../src/renderer/load/steps.ts";
import { projectFolder } from "../support/drop.ts";
import { until } from "../support/until.ts";

const OBJECTS = 12_000;

function manifest(index: number, indent = ""): string {
  const lines = [
    "apiVersion: drop.corewire.io/v1alpha1",
    "kind: CachedImage",
    "metadata:",
    `  name: app-${index}`,
    "spec:",
    `  image: registry.example.com/team/app-${index}`,
    `  tag: "1.${index}"`,
  ];
  return lines.map((line) => `${indent}${line}\n`).join("");
}

const indexes = Array.from({ length: OBJECTS }, (_, index) => index);
const DOCUMENTS = indexes.map((index) => `---\n${manifest(index)}`).join("");
const LIST = `apiVersion: v1\nkind: List\nitems:\n${indexes
  .map((index) => manifest(index, "    ").replace("    ", "  - "))
  .join("")}`;

/** Starts `drop validate -` and gives it all of its input. */
async function validating(t: TestContext, input: string) {
  const main = join(projectFolder, "src", "cli", "main.ts");
  const child = spawn(process.execPath, [main, "validate", "-"], {
    env: { PATH: process.env["PATH"] ?? "" },
  });
  t.after(() => child.kill("SIGKILL"));
  const stdout = text(child.stdout);
  const stderr = text(child.stderr);
  const exit = once(child, "exit");
  child.stdin.end(input);
  await once(child.stdin, "finish");
  const startedAt = performance.now();
  return {
    child,
    async ended() {
      const [code] = await exit;
      return { code, stdout: await stdout, stderr: await stderr, atMs: performance.now() };
    },
    startedAt,
  };
}

/** Milliseconds of processor time that a process has had, as Linux counts them. */
async function processorMs(pid: number | undefined): Promise<number> {
  const fields = (await readFile(`/proc/${pid}/stat`, "utf8")).split(") ")[1]?.split(" ") ?? [];
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

const isLinux = process.platform === "linux";

test("Ctrl-C is heard while one large file is read, long before its end", {
  skip: isLinux ? false : "processor time is read from /proc",
}, async (t) => {
  const whole = await validating(t, DOCUMENTS);
  const { code, atMs, stderr } = await whole.ended();
  assert.equal(code, 0, stderr);
  const wholeMs = atMs - whole.startedAt;

  const { child, ended } = await validating(t, DOCUMENTS);
  const before = await processorMs(child.pid);
  await until(async () => (await processorMs(child.pid)) > before + 200, {
    what: "it to be at work",
    everyMs: 5,
  });
  const interruptedAt = performance.now();
  child.kill("SIGINT");
  const interrupted = await ended();
  const heardMs = interrupted.atMs - interruptedAt;
  t.diagnostic(`all of it took ${Math.round(wholeMs)} ms, to end ${Math.round(heardMs)} ms`);
  assert.equal(interrupted.code, 130, interrupted.stderr);
  assert.equal(interrupted.stdout, "");
  assert.equal(interrupted.stderr, "drop: interrupted\n");
  assert.ok(heardMs < wholeMs / 3, `${heardMs} ms of ${wholeMs} ms`);
});

for (const [name, input] of [
  ["many documents", DOCUMENTS],
  ["a List", LIST],
] as const) {
  test(`reading ${name} may be paused often, and the pauses change nothing`, () => {
    let pauses = 0;
    const steps = yamlSteps("f.yaml", input);
    let step = steps.next();
    for (; step.done !== true; step = steps.next()) pauses += 1;
    assert.ok(pauses >= input.length / 100_000, `${pauses} pauses`);
    const values = step.value.documents.map(({ value }) => value);
    const atOnce = allAtOnce(yamlSteps("f.yaml", input)).documents.map(({ value }) => value);
    assert.deepEqual(values, atOnce);
  });
}
