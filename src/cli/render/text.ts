import { type Finding, findingText } from "../../renderer/finding.ts";
import { type PlanLine, planLines } from "../../renderer/plan/text.ts";
import type { Plan } from "../../renderer/plan.ts";
import type { RenderReport } from "../../renderer/report.ts";
import type { Output } from "../terminal/terminal.ts";

interface Shown {
  readonly output: Output;
  readonly verbose: boolean;
}

const COLOURS: Readonly<Record<PlanLine["kind"], Parameters<Output["paint"]>[0]>> = {
  set: "bold",
  added: "green",
  updated: "yellow",
  removed: "red",
  kept: "dim",
  conflict: ["red", "bold"],
  total: "bold",
};

/** The plan for people, coloured on a terminal. */
export function paintedPlan(plan: Plan, { output, verbose }: Shown): string {
  return planLines(plan, { verbose })
    .map(({ kind, text }) => `${output.paint(COLOURS[kind], text)}\n`)
    .join("");
}

/** Writes what a run found besides its result, the worst first. */
export async function writeFindings(
  report: RenderReport,
  { output, verbose }: Shown,
): Promise<void> {
  const { mistakes, refused, unanswered, differences, warnings, notes } = report;
  await writeAll(output, output.paint(["red", "bold"], "error:"), [
    ...mistakes,
    ...refused,
    ...unanswered,
  ]);
  await writeAll(output, output.paint("yellow", "differs:"), differences);
  await writeAll(output, output.paint(["yellow", "bold"], "warning:"), warnings);
  if (verbose) await writeAll(output, output.paint("dim", "note:"), notes);
}

async function writeAll(
  output: Output,
  label: string,
  findings: readonly Finding[],
): Promise<void> {
  for (const finding of findings) await output.write(`${label} ${findingText(finding)}\n`);
}
