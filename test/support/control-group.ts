import { mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { atExit } from "./at-exit.ts";
import { mounts } from "./mounts.ts";

/** A control group of its own in every hierarchy, for what a kubelet and a containerd start. */
export interface ControlGroup {
  /** As kubelet names it, such as "/drop-test-17-0". */
  readonly path: string;
  /** Puts a process into it; what that process starts stays there or below. */
  add(pid: number): void;
  /** Ends every process in it and removes it. */
  remove(): void;
}

let made = 0;

/** Makes a control group, gone after `remove()` and at the latest when this process ends; needs root. */
export function makeControlGroup(): ControlGroup {
  const path = `/drop-test-${process.pid}-${made++}`;
  const hierarchies = findHierarchies();
  const folders = hierarchies.map(({ mountPoint }) => join(mountPoint, path));
  // runc also makes one in a version 2 hierarchy that is mounted beside version 1.
  const all = controlMounts().map(({ mountPoint }) => join(mountPoint, path));
  const forget = atExit(() => removeAll(all));
  for (const { mountPoint, unified } of hierarchies) {
    if (unified) delegate(mountPoint);
    mkdirSync(join(mountPoint, path));
    // Version 2 keeps processes in leaves only, and kubelet makes groups beside this one.
    if (unified) delegate(join(mountPoint, path));
    mkdirSync(join(mountPoint, path, own));
  }
  return {
    path,
    add(pid) {
      const [first] = folders.filter(takesProcesses);
      if (first !== undefined) writeFileSync(join(first, own, "cgroup.procs"), String(pid));
    },
    remove() {
      removeAll(all);
      forget();
    },
  };
}

/** The group below for the runtime's own processes. */
const own = "runtime";

interface Hierarchy {
  readonly mountPoint: string;
  readonly unified: boolean;
}

/** Version 1 has one per controller; version 2 one for all, unless it is only mounted beside version 1. */
function findHierarchies(): readonly Hierarchy[] {
  const found = controlMounts();
  const first = found.filter(({ unified }) => !unified);
  const chosen = first.length > 0 ? first : found;
  if (chosen.length > 0) return chosen;
  throw new Error("no control groups are mounted under /sys/fs/cgroup, and kubelet needs them");
}

function controlMounts(): readonly Hierarchy[] {
  return mounts()
    .filter(({ type }) => type === "cgroup" || type === "cgroup2")
    .map(({ mountPoint, type }) => ({ mountPoint, unified: type === "cgroup2" }));
}

/** A new cpuset takes processes only once it has processors and memory; any other hierarchy does for us. */
function takesProcesses(folder: string): boolean {
  return !folder.includes("/cpuset");
}

/** Lets the groups below have every controller; version 1 needs no leave. */
function delegate(folder: string): void {
  const controllers = readFileSync(join(folder, "cgroup.controllers"), "utf8").trim().split(" ");
  const wanted = controllers.map((name) => `+${name}`).join(" ");
  try {
    writeFileSync(join(folder, "cgroup.subtree_control"), wanted);
  } catch (cause) {
    const fix = "start the tests where control groups are delegated, such as on a plain machine";
    throw new Error(`${folder} cannot pass on its controllers (${wanted}); ${fix}`, { cause });
  }
}

function removeAll(folders: readonly string[]): void {
  const deadline = performance.now() + 10_000;
  for (;;) {
    const left = folders.filter((folder) => !removeTree(folder));
    if (left.length === 0) return;
    if (performance.now() > deadline) throw new Error(`control groups stay: ${left.join(" ")}`);
    // At exit nothing but blocking works, and a process that was killed needs a moment to go.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10);
  }
}

/** Kills what is in a group and in those below it, and removes them; false when some must be tried again. */
function removeTree(folder: string): boolean {
  try {
    const below = readdirSync(folder, { withFileTypes: true }).filter((entry) =>
      entry.isDirectory(),
    );
    for (const { name } of below) removeTree(join(folder, name));
    for (const pid of readFileSync(join(folder, "cgroup.procs"), "utf8").split("\n"))
      if (Number(pid) > 0) end(Number(pid));
    rmdirSync(folder);
    return true;
  } catch (error) {
    return isGone(error);
  }
}

function end(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It ended by itself in the meantime.
  }
}

function isGone(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}
