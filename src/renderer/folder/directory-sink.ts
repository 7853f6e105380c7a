import { mkdirSync, renameSync, rmdirSync, statSync, unlinkSync, writeFileSync } from "node:fs";
import { open } from "node:fs/promises";
import { dirname, join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { LOCK_NAME, temporaryName } from "../manifest/names.ts";
import type { Action } from "../plan.ts";
import { type ActionGroup, actionStages } from "./action-stages.ts";
import { attempt, attemptSync, codeOf } from "./folder-error.ts";

export interface ApplyInput {
  /** The output folder; made when it does not exist. */
  readonly path: string;
  readonly actions: readonly Action[];
  /** What an interrupted run left half written, as paths in the output folder. */
  readonly leftovers: readonly string[];
}

/** Folders worked on at once: while the disk takes in the lock of one, the files of the others are written. */
const FOLDERS_AT_ONCE = 8;

/** Files written between two looks at signals; a promise for each would take longer than the file itself. */
const STRETCH = 64;

/**
 * Carries out the actions: those of one folder one after the other, those of several sets side by side, the output
 * folder's own between them. An abort stops between two actions, and the next run repairs the rest.
 *
 * A process that is killed leaves each file whole or not at all: it is written beside its place and renamed. A power
 * failure may besides leave files of the last seconds empty, for only locks are synced to disk: syncing ten thousand
 * files takes longer than all else, and Git syncs no file of a checkout either. The next run reports an empty file as
 * changed by a person; it is taken back from Git, or removed and rendered again.
 */
export async function applyActions(
  { path, actions, leftovers }: ApplyInput,
  signal: AbortSignal,
): Promise<void> {
  for (const leftover of leftovers) remove(join(path, leftover));
  for (const groups of actionStages(actions)) await applyStage(groups, path, signal);
}

/** The first error stops the other folders too, and is thrown once nothing is under way any more. */
async function applyStage(
  groups: readonly ActionGroup[],
  path: string,
  signal: AbortSignal,
): Promise<void> {
  const failed = new AbortController();
  const either = AbortSignal.any([signal, failed.signal]);
  const queue = groups.values();
  async function takeAll(): Promise<void> {
    for (const group of queue) {
      await applyGroup(group, path, either).catch((error: unknown) => failed.abort(error));
    }
  }
  const workers = Math.min(FOLDERS_AT_ONCE, groups.length);
  await Promise.all(Array.from({ length: workers }, takeAll));
  failed.signal.throwIfAborted();
}

async function applyGroup(
  { folder, actions }: ActionGroup,
  root: string,
  signal: AbortSignal,
): Promise<void> {
  const path = join(root, folder);
  let made = false;
  for (const [index, action] of actions.entries()) {
    if (index % STRETCH === STRETCH - 1) await setImmediate();
    signal.throwIfAborted();
    const file = join(root, action.path);
    const isLock = action.path.endsWith(`/${LOCK_NAME}`);
    if (action.type === "remove") {
      remove(file);
      if (isLock) removeEmpty(path);
      continue;
    }
    if (!made) attemptSync({ verb: "make the folder", path }, () => makeFolder(path));
    made = true;
    if (isLock) await writeLock(file, action.text);
    else writeFile(file, action.text);
  }
}

/** Node's own `recursive` never ends where the system answers ENOENT below a folder that exists, as /proc does. */
function makeFolder(path: string): void {
  const missing: string[] = [];
  let folder = path;
  while (statSync(folder, { throwIfNoEntry: false }) === undefined) {
    missing.push(folder);
    folder = dirname(folder);
  }
  for (const one of missing.reverse()) mkdirSync(one);
}

/** `wx` refuses whatever stands at the path, so that a link planted there is not written through. */
const NEW_FILE = { flag: "wx", mode: 0o644 } as const;

function writeFile(file: string, text: string): void {
  const temporary = besides(file);
  attemptSync({ verb: "write", path: file }, () => {
    try {
      writeNew(temporary, text);
      renameSync(temporary, file);
    } catch (error) {
      discard(temporary);
      throw error;
    }
  });
}

function writeNew(path: string, text: string): void {
  try {
    writeFileSync(path, text, NEW_FILE);
  } catch (error) {
    if (codeOf(error) !== "EEXIST") throw error;
    unlinkSync(path);
    writeFileSync(path, text, NEW_FILE);
  }
}

async function writeLock(file: string, text: string): Promise<void> {
  const temporary = besides(file);
  remove(temporary);
  await attempt({ verb: "write", path: file }, async () => {
    try {
      const handle = await open(temporary, NEW_FILE.flag, NEW_FILE.mode);
      await handle
        .writeFile(text, "utf8")
        .then(() => handle.sync())
        .finally(() => handle.close());
      renameSync(temporary, file);
    } catch (error) {
      discard(temporary);
      throw error;
    }
  });
}

function besides(file: string): string {
  const folder = dirname(file);
  return join(folder, temporaryName(file.slice(folder.length + 1)));
}

/** The disk may be full: what cannot be used should not take up room. */
function discard(temporary: string): void {
  try {
    unlinkSync(temporary);
  } catch {
    // What made the writing fail is what is reported.
  }
}

function remove(path: string): void {
  attemptSync({ verb: "remove", path }, () => {
    try {
      unlinkSync(path);
    } catch (error) {
      if (codeOf(error) !== "ENOENT") throw error;
    }
  });
}

/** A folder that still holds something of a person's stays. */
function removeEmpty(path: string): void {
  attemptSync({ verb: "remove the folder", path }, () => {
    try {
      rmdirSync(path);
    } catch (error) {
      const code = codeOf(error) ?? "";
      if (!["ENOTEMPTY", "EEXIST", "ENOENT"].includes(code)) throw error;
    }
  });
}
