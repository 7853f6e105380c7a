import { join } from "node:path";
import { run } from "../../test/support/child.ts";
import { CATASTROPHIC_PATTERNS } from "../../test/webhook/catastrophic-patterns.ts";
import { median } from "../measure.ts";
import type { Row } from "../table.ts";

const MOST_PATTERN_MS = 5;
const MOST_BLOCKED_MS = 50;

interface Timed {
  readonly what: string;
  readonly ms: number;
}

/** The pattern and the body that keep a webhook, just started and warmed up, busy longest. */
export async function worstRows(rounds: number): Promise<readonly Row[]> {
  return [
    row(`a pattern's first review, slowest of ${CATASTROPHIC_PATTERNS.length}`, {
      times: await patternTimes(rounds),
      most: MOST_PATTERN_MS,
    }),
    row("longest that a body blocks all others", {
      times: await bodyTimes(rounds),
      most: MOST_BLOCKED_MS,
    }),
  ];
}

function row(what: string, { times, most }: { times: readonly Timed[]; most: number }): Row {
  const sorted = times.toSorted((a, b) => b.ms - a.ms);
  const [worst = { what: "", ms: Number.NaN }] = sorted;
  for (const { what: name, ms } of sorted.slice(0, 5)) {
    process.stderr.write(`  ${ms.toFixed(1)} ms ${name.slice(0, 80)}\n`);
  }
  return {
    what,
    drop: `${worst.ms.toFixed(1)} ms`,
    peer: `median: ${median(times.map(({ ms }) => ms)).toFixed(1)} ms`,
    ...{ peerFigure: "", ratio: "", target: `≤ ${most} ms` },
    met: worst.ms <= most,
  };
}

/** Each pattern in processes of its own, since only the first review of a process is slow. */
async function patternTimes(rounds: number): Promise<readonly Timed[]> {
  const times: Timed[] = [];
  for (const { pattern } of CATASTROPHIC_PATTERNS) {
    const taken: number[] = [];
    for (let round = 0; round < rounds; round++) {
      taken.push(Number(await output("first-review.ts", [pattern])));
    }
    times.push({ what: pattern, ms: median(taken) });
  }
  return times;
}

async function bodyTimes(rounds: number): Promise<readonly Timed[]> {
  const taken = new Map<string, number[]>();
  for (let round = 0; round < rounds; round++) {
    for (const line of (await output("hostile-reviews.ts", [])).trim().split("\n")) {
      const [ms = "", ...words] = line.split(" ");
      const what = words.join(" ");
      taken.set(what, [...(taken.get(what) ?? []), Number(ms)]);
    }
  }
  return Array.from(taken, ([what, all]) => ({ what, ms: median(all) }));
}

async function output(script: string, args: readonly string[]): Promise<string> {
  const path = join(import.meta.dirname, script);
  const { code, stdout, stderr } = await run(process.execPath, [path, ...args]);
  if (code !== 0) throw new Error(`${script} failed: ${stderr}`);
  return stdout;
}
