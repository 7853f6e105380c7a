import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { run } from "./child.ts";

/** Asks for a cluster in a process that is not root's. */
function askAsNobody(env: NodeJS.ProcessEnv) {
  const code = `
    const { requireCluster } = await import("${join(import.meta.dirname, "cluster.ts")}");
    if (process.getuid() === 0) process.setuid(65534);
    const skipped = [];
    const may = await requireCluster({ skip: (reason) => skipped.push(reason) });
    console.log(JSON.stringify([may, skipped]));
  `;
  return run(process.execPath, ["--input-type=module", "--eval", code], { env: { ...env } });
}

test("without root a test that needs a kubelet is skipped, and both it and the log say why", async () => {
  const { stdout, stderr, code } = await askAsNobody({});
  const reason = "only root may start a kubelet; run it with sudo";
  assert.deepEqual([code, JSON.parse(stdout)], [0, [false, [reason]]]);
  assert.match(stderr, /SKIPPED: only root may start a kubelet/);
});

test("on a build server it is a failure instead", async () => {
  const { stdout, stderr, code } = await askAsNobody({ CI: "true" });
  assert.deepEqual([code, stdout], [1, ""]);
  assert.match(stderr, /only root may start a kubelet/);
});
