import assert from "node:assert/strict";
import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { run } from "./child.ts";
import { makeFolder } from "./folder.ts";
import { withLock } from "./lock.ts";

test("work under one lock never overlaps, and no lock is left behind, even by work that fails", async (t) => {
  const folder = await makeFolder("lock");
  t.after(() => folder.remove());
  let working = 0;
  let most = 0;
  async function work(): Promise<void> {
    working += 1;
    most = Math.max(most, working);
    for (let turns = 0; turns < 50; turns += 1) await turn();
    working -= 1;
    throw new Error("failed work");
  }
  const locked = [1, 2, 3].map(() => withLock(join(folder.path, "lock"), work));
  const ends = await Promise.allSettled(locked);
  assert.deepEqual(
    ends.map(({ status }) => status),
    ["rejected", "rejected", "rejected"],
  );
  assert.equal(most, 1);
  assert.deepEqual(readdirSync(folder.path), []);
});

test("the lock of a process that is gone is taken over", async (t) => {
  const folder = await makeFolder("lock");
  t.after(() => folder.remove());
  const { stdout: gone } = await run(process.execPath, ["--print", "process.pid"]);
  for (const content of [gone, "", "not a number"]) {
    writeFileSync(join(folder.path, "lock"), content);
    assert.equal(await withLock(join(folder.path, "lock"), async () => "done"), "done");
  }
});
