import { mkdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { cacheFolder } from "./go-build.ts";
import { withLock } from "./lock.ts";
import { atHand, byEffort, type Found, messageOf, type Source } from "./tool-sources.ts";
import { type ToolName, toolNamed } from "./tool-table.ts";

/** A tool that cannot be had; the message says what was tried and why each failed. */
export class MissingTool extends Error {
  override readonly name = "MissingTool";
}

const known = new Map<ToolName, Promise<Found>>();

/** The absolute path of a program that tests run against, obtained first when it is missing. */
export async function tool(name: ToolName): Promise<string> {
  return (await findTool(name)).path;
}

/** As `tool`, with where it came from. */
export function findTool(name: ToolName): Promise<Found> {
  const found = known.get(name) ?? obtain(name);
  known.set(name, found);
  return found;
}

/** Skips a test loudly when a program it needs cannot be had, and says so with `false`; with CI=true it fails the test. */
export async function requireTool(t: TestContext, ...names: ToolName[]): Promise<boolean> {
  const reason = await unavailable(...names);
  if (reason === false) return true;
  t.skip(reason);
  return false;
}

/** Why a test cannot run for want of programs, to be given as its `skip`; `false` when all are there. With CI=true it throws instead. */
export async function unavailable(...names: ToolName[]): Promise<string | false> {
  for (const name of names) {
    try {
      await findTool(name);
    } catch (error) {
      if (!(error instanceof MissingTool) || process.env["CI"] === "true") throw error;
      process.stderr.write(`SKIPPED: ${error.message}\n`);
      return error.message;
    }
  }
  return false;
}

async function obtain(name: ToolName): Promise<Found> {
  const free = await firstOf(atHand, name);
  if (free.found !== undefined) return free.found;
  const before = await recentFailure(name);
  if (before !== undefined) throw new MissingTool(before);
  // One lock for all: a build takes every core, and apt and envtest-js bring several programs at once.
  return withLock(join(cacheFolder(), "lock"), async () => {
    // Another process may have obtained it while we waited.
    const again = await firstOf(atHand, name);
    if (again.found !== undefined) return again.found;
    const costly = await firstOf(byEffort, name);
    if (costly.found !== undefined) return costly.found;
    const reasons = [...again.reasons, ...costly.reasons];
    const tried = reasons.join("; ");
    const message = `${name} cannot be had: ${tried}. To fix it, ${remedies(name)}.`;
    await rememberFailure(name, message);
    throw new MissingTool(message);
  });
}

function remedies(name: ToolName): string {
  const { onPath, inEnvtest, debian, go } = toolNamed(name);
  const ways = [
    onPath && `put ${name} on the PATH`,
    inEnvtest && "set KUBEBUILDER_ASSETS to a folder that holds it",
    debian && `install the Debian package ${debian}`,
    go && "install Go, with which it is built",
  ];
  return ways.filter((way) => typeof way === "string").join(", or ");
}

interface Search {
  readonly found?: Found;
  readonly reasons: readonly string[];
}

async function firstOf(sources: readonly Source[], name: ToolName): Promise<Search> {
  const reasons: string[] = [];
  for (const source of sources) {
    const found = await source(name).catch(messageOf);
    if (typeof found === "object") return { found, reasons };
    if (found !== undefined) reasons.push(found);
  }
  return { reasons };
}

/** Every test file is a process of its own: each would wait again for the network that just said no. */
const failureHoldsMs = 30 * 60_000;

async function recentFailure(name: ToolName): Promise<string | undefined> {
  try {
    const path = failureOf(name);
    const ageMs = Date.now() - (await stat(path)).mtimeMs;
    return ageMs < failureHoldsMs ? await readFile(path, "utf8") : undefined;
  } catch {
    return undefined;
  }
}

async function rememberFailure(name: ToolName, message: string): Promise<void> {
  await mkdir(join(failureOf(name), ".."), { recursive: true });
  await writeFile(failureOf(name), message);
}

/** Has the next `tool` try everything again. */
export async function forgetFailure(name: ToolName): Promise<void> {
  await rm(failureOf(name), { force: true });
}

function failureOf(name: ToolName): string {
  return join(cacheFolder(), "missing", name);
}
