import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { globSync, readFileSync } from "node:fs";
import { networkInterfaces } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { requireCluster } from "../support/cluster.ts";
import { mounts } from "../support/mounts.ts";
import { until } from "../support/until.ts";

const support = join(import.meta.dirname, "..", "support");

/** A process that runs a cluster with a Pod that does not end, says so, and waits for its own end. */
const script = `
  const { startCluster } = await import("${support}/cluster.ts");
  const { apply, helperPod, podWhen, restrictedNamespace } = await import("${support}/pull-pods.ts");
  const { kubernetes, helperImage, pauseImage } = await startCluster({ crds: false });
  const pulls = [{ name: "stay", reference: pauseImage }];
  const pod = helperPod(helperImage, { namespace: "pulls", name: "stay", nodeName: "node-a", pulls });
  pod.spec.containers[0].command = ["/pause"];
  await apply(kubernetes, restrictedNamespace("pulls"), pod);
  await podWhen(kubernetes, ["pulls", "stay"], ({ status }) => status.phase === "Running");
  console.log("running");
  setInterval(() => undefined, 1000);
`;

const settings = [
  "vm/overcommit_memory",
  "kernel/panic",
  "kernel/panic_on_oops",
  "net/ipv4/ip_forward",
];

function machine() {
  return settings.map((name) => readFileSync(join("/proc/sys", name), "utf8"));
}

/** What a run of that process would leave behind, by its id. */
function leftOf(pid: number): readonly string[] {
  const name = new RegExp(`drop-test-([\\w-]+-)?${pid}-`);
  const programs = globSync("/proc/[0-9]*/cmdline").flatMap(commandIn);
  const groups = globSync("/sys/fs/cgroup/{,*/}drop-test-*");
  const folders = globSync("{/tmp,/dev/shm}/drop-test-*");
  const points = mounts().map(({ mountPoint }) => mountPoint);
  return [...programs, ...groups, ...folders, ...points].filter((one) => name.test(one));
}

function commandIn(path: string): readonly string[] {
  try {
    return [readFileSync(path, "utf8").replaceAll("\0", " ")];
  } catch {
    return [];
  }
}

for (const signal of ["SIGTERM", "SIGINT"] as const) {
  test(`a test process that is ended by ${signal} leaves nothing on the machine`, async (t) => {
    if (!(await requireCluster(t))) return;
    const before = machine();
    const args = ["--input-type=module", "--eval", script];
    const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
    t.after(() => child.kill());
    const pid = child.pid ?? -1;
    const [said] = await once(child.stdout, "data");
    assert.equal(String(said), "running\n");
    assert.ok(leftOf(pid).length > 10, "while it runs there is much that could stay");
    const links = Object.keys(networkInterfaces()).length;
    child.kill(signal);
    await once(child, "exit");
    assert.deepEqual(leftOf(pid), []);
    assert.deepEqual(machine(), before);
    const gone = () => Object.keys(networkInterfaces()).length < links;
    await until(gone, { what: "the Pod's network interface to go" });
  });
}
