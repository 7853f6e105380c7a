import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { atExit } from "./at-exit.ts";
import { lives } from "./lock.ts";

/** Several test processes may change the same settings, and the last to end knows no better than the first what they were. */
const shared = join(tmpdir(), "drop-test-settings");
const holders = join(shared, "holders");
const originals = join(shared, "originals");

let isHolder = false;

/** Has kernel settings, such as "vm/overcommit_memory", put back to what they are now when the last process with this wish ends. */
export function keepSettings(...names: readonly string[]): void {
  if (!isHolder) hold();
  for (const name of names) {
    const original = join(originals, name.replaceAll("/", "."));
    const path = join("/proc/sys", name);
    if (existsSync(path) && !existsSync(original)) writeFileSync(original, readFileSync(path));
  }
}

function hold(): void {
  // Whoever held it last may have been killed.
  if (!othersHold()) restoreAll();
  for (const folder of [holders, originals]) mkdirSync(folder, { recursive: true });
  writeFileSync(join(holders, String(process.pid)), "");
  isHolder = true;
  atExit(() => {
    rmSync(join(holders, String(process.pid)), { force: true });
    if (!othersHold()) restoreAll();
  });
}

function othersHold(): boolean {
  if (!existsSync(holders)) return false;
  return readdirSync(holders).some((pid) => Number(pid) !== process.pid && lives(Number(pid)));
}

function restoreAll(): void {
  const names = existsSync(originals) ? readdirSync(originals) : [];
  for (const name of names) restore(name);
  rmSync(shared, { recursive: true, force: true });
}

function restore(name: string): void {
  const path = join("/proc/sys", name.replaceAll(".", "/"));
  const before = readFileSync(join(originals, name), "utf8");
  if (readFileSync(path, "utf8") !== before) writeFileSync(path, before);
}
