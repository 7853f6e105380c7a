import assert from "node:assert/strict";
import { test } from "node:test";
import { isStatic } from "./elf.ts";
import { requireTool, tool } from "./tools.ts";

test("a program that needs shared libraries is told from one that does not", async (t) => {
  if (!(await requireTool(t, "kubectl"))) return;
  assert.equal(await isStatic(process.execPath), false);
  assert.equal(await isStatic(await tool("kubectl")), true);
});
