import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { run } from "../test/support/child.ts";
import { installWithApt } from "../test/support/debian.ts";

/** What one run of a program took. */
export interface Cost {
  readonly seconds: number;
  readonly peakMiB: number;
}

/** A program with its arguments. */
export type Command = readonly [program: string, ...args: string[]];

export interface Run {
  readonly command: Command;
}

const TIME = "/usr/bin/time";

/** Has GNU time at hand, which knows a program's peak memory. */
export async function requireTime(): Promise<void> {
  if ((await run(TIME, ["--version"])).code === 0) return;
  const mistake = await installWithApt("time");
  if (mistake !== undefined) throw new Error(`GNU time is missing: ${mistake}`);
}

/** Runs a program to its end and measures it; what it prints goes nowhere. `folder` takes a small file meanwhile. */
export async function measure({ command }: Run, folder: string): Promise<Cost> {
  const report = join(folder, "time.txt");
  const args = ["--quiet", "--format", "%M", "--output", report, ...command];
  const child = spawn(TIME, args, { stdio: ["ignore", "ignore", "pipe"] });
  let complaint = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    complaint = (complaint + text).slice(-2_000);
  });
  const began = performance.now();
  const [code] = await once(child, "close");
  const seconds = (performance.now() - began) / 1000;
  if (code !== 0) throw new Error(`${command.join(" ")} ended with ${code}: ${complaint}`);
  return { seconds, peakMiB: Number(readFileSync(report, "utf8")) / 1024 };
}

/** The middle one of some costs, each figure by itself. */
export function medianCost(costs: readonly Cost[]): Cost {
  return {
    seconds: median(costs.map(({ seconds }) => seconds)),
    peakMiB: median(costs.map(({ peakMiB }) => peakMiB)),
  };
}

/** The middle one of some numbers, of an even count the lower of the two. */
export function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor((numbers.length - 1) / 2)] ?? Number.NaN;
}

/**
 * Runs programs one after the other, round after round, so that what else the machine does meets all of them alike.
 * `before` prepares each run.
 */
export async function measurePaired(
  runs: readonly (Run & { readonly before?: () => void })[],
  { rounds, folder }: { readonly rounds: number; readonly folder: string },
): Promise<readonly Cost[][]> {
  const costs: Cost[][] = runs.map(() => []);
  for (let round = 0; round < rounds; round++) {
    for (const [index, one] of runs.entries()) {
      one.before?.();
      costs[index]?.push(await measure(one, folder));
    }
  }
  return costs;
}

/** The median of each round's ratio, which noise that lasts longer than a round leaves alone. */
export function pairedRatio(ours: readonly Cost[], theirs: readonly Cost[]): number {
  return median(ours.map(({ seconds }, round) => seconds / (theirs[round]?.seconds ?? Number.NaN)));
}
