import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { run, startChild } from "./child.ts";
import { makeFolder } from "./folder.ts";
import { until } from "./until.ts";

const node = process.execPath;
const forever = "setInterval(() => undefined, 1000);";
const stubborn = `process.on("SIGTERM", () => undefined); ${forever} console.log("ready");`;

function script(code: string): readonly string[] {
  return ["--input-type=module", "--eval", code];
}

function lives(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

test("a program is run with its input to its end, whatever its end is", async () => {
  const code = 'process.stdin.pipe(process.stdout); console.error("oh"); process.exitCode = 3;';
  const finished = await run(node, script(code), { stdin: "hello" });
  assert.deepEqual(finished, { stdout: "hello", stderr: "oh\n", code: 3 });
});

test("a program that does not exist or takes too long has failed, with the reason", async () => {
  const absent = await run("/nowhere/program", []);
  assert.equal(absent.code, -1);
  assert.match(absent.stderr, /ENOENT/);
  const slow = await run(node, script(forever), { withinMs: 200 });
  assert.equal(slow.code, -1);
  assert.match(slow.stderr, /ended by SIGKILL \(200 ms allowed\)/);
});

test("a server that ends before it is ready is reported with what it said", async () => {
  const start = startChild({
    command: node,
    args: script('console.log("no such setting"); process.exitCode = 2;'),
    ready: () => false,
  });
  await assert.rejects(
    start,
    /ended \(exit code 2\) before it was ready; it said:\nno such setting/,
  );
});

test("a server that is never ready is stopped and reported with what it said", async () => {
  const start = startChild({
    command: node,
    args: script(`console.log(process.pid); ${forever}`),
    ready: () => false,
    readyWithinMs: 300,
  });
  const error = await start.catch((reason: unknown) => reason);
  assert.ok(error instanceof Error);
  const pid = Number(/it said:\n(\d+)/.exec(error.message)?.[1]);
  assert.equal(lives(pid), false);
});

test("a server that ignores SIGTERM is killed after the grace, and stopping twice is harmless", async () => {
  const child = await startChild({
    command: node,
    args: script(stubborn),
    ready: (output) => output.includes("ready"),
    graceMs: 100,
  });
  assert.equal(lives(child.pid), true);
  assert.deepEqual(await child.stop(), { code: null, signal: "SIGKILL" });
  assert.deepEqual(await child.stop(), child.ended());
  assert.equal(lives(child.pid), false);
});

/** A process that starts a server and makes a folder, says which, and forgets to clean up. */
const forgetful = `
  const { startChild } = await import("${join(import.meta.dirname, "child.ts")}");
  const { makeFolder } = await import("${join(import.meta.dirname, "folder.ts")}");
  const { path } = await makeFolder("forgotten");
  const child = await startChild({
    command: process.execPath,
    args: ["--eval", ${JSON.stringify(stubborn)}],
    ready: (output) => output.includes("ready"),
  });
  console.log(JSON.stringify({ path, pid: child.pid }));
`;

for (const ending of ["", forever] as const) {
  const how = ending === "" ? "by itself" : "by a signal";
  test(`servers and folders are gone after a process that ended ${how}`, async () => {
    const parent = await startChild({
      command: node,
      args: script(forgetful + ending),
      ready: (output) => output.includes("}\n"),
    }).catch((error: unknown) => String(error));
    const output = typeof parent === "string" ? parent : parent.output();
    if (typeof parent !== "string") await parent.stop();
    const { path, pid } = JSON.parse(/\{.*\}/.exec(output)?.[0] ?? "");
    await until(() => !lives(pid), { what: `process ${pid} to be gone` });
    assert.equal(existsSync(path), false);
  });
}

test("a folder is there until it is removed", async () => {
  const folder = await makeFolder("short");
  assert.equal(existsSync(folder.path), true);
  await folder.remove();
  assert.equal(existsSync(folder.path), false);
});
