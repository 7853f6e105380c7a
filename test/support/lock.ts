import { link, mkdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { until } from "./until.ts";

/** Longer than any build takes: a lock this old belongs to a process whose id somebody else has now. */
const oldestMs = 60 * 60_000;

/** Runs work that one process of this machine should do at a time; says on stderr who it waits for, once. */
export async function withLock<T>(path: string, work: () => Promise<T>): Promise<T> {
  await mkdir(dirname(path), { recursive: true });
  let told = false;
  const what = `the lock ${path}`;
  await until(
    async () => {
      if (await take(path)) return true;
      const holder = await holderOf(path);
      if (!told && holder !== undefined)
        process.stderr.write(`waiting for process ${holder}, which is obtaining programs\n`);
      told ||= holder !== undefined;
      return false;
    },
    { what, withinMs: oldestMs, everyMs: 100 },
  );
  try {
    return await work();
  } finally {
    await rm(path, { force: true });
  }
}

/** A lock is a file with a process id; linking a finished file into place makes it appear whole or not at all. */
async function take(path: string): Promise<boolean> {
  const mine = `${path}.${process.pid}.new`;
  await writeFile(mine, String(process.pid));
  try {
    await link(mine, path);
    return true;
  } catch (error) {
    if (codeOf(error) !== "EEXIST") throw error;
    return false;
  } finally {
    await rm(mine, { force: true });
  }
}

/** Who holds the lock; undefined when nobody does any more, and then the way is free. */
async function holderOf(path: string): Promise<number | undefined> {
  try {
    const pid = Number(await readFile(path, "utf8"));
    const ageMs = Date.now() - (await stat(path)).mtimeMs;
    if (lives(pid) && ageMs < oldestMs) return pid;
    // Two waiters may both come here; moving it away lets one win, and a lost lock costs a build, no harm.
    const stale = `${path}.${process.pid}.stale`;
    await rename(path, stale);
    await rm(stale, { force: true });
  } catch (error) {
    if (codeOf(error) !== "ENOENT") throw error;
  }
  return undefined;
}

/** Whether a process of this id runs, whoever owns it. */
export function lives(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return codeOf(error) === "EPERM";
  }
}

/** The system's code of a failed call, such as ENOENT. */
export function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}
