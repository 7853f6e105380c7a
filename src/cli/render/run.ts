import { yamlStream } from "../../renderer/folder/stdout-sink.ts";
import type { OutputTree } from "../../renderer/folder/tree.ts";
import { childrenInForce } from "../../renderer/in-force.ts";
import { planDiff } from "../../renderer/plan/diff.ts";
import { type SavedPlan, savedPlan, savedPlanJson } from "../../renderer/plan/text.ts";
import type { RenderReport } from "../../renderer/report.ts";
import type { CommandContext } from "../context.ts";
import { EXIT, type ExitCode, worstOf } from "../exit-code.ts";
import type { RenderFlags } from "../render.ts";
import { applyJob, type RenderJob, type RenderRun, renderJob } from "./job.ts";
import { paintedPlan, writeFindings } from "./text.ts";

/** Runs `drop render` on PATHs: manifests, plan or diff to standard output, all else to standard error. */
export async function render(
  paths: readonly string[],
  flags: RenderFlags,
  context: CommandContext,
): Promise<ExitCode> {
  const run = { flags, context, memo: new Map() };
  const { outputDir } = flags;
  const job = {
    inputs: paths,
    removesGoneSets: false,
    ...(outputDir === undefined ? {} : { outputDir }),
  };
  const { code, plan } = await renderAndWrite(job, run);
  if (plan) await context.terminal.stdout.write(savedPlanJson(plan));
  return code;
}

/** How a job ended. */
export interface Outcome {
  readonly code: ExitCode;
  /** With `-o json`, to be printed by whoever knows what else is; absent where the inputs had mistakes. */
  readonly plan?: SavedPlan;
}

/** Renders one job to the end: decides, writes the folder, and prints the result unless that is JSON. */
export async function renderAndWrite(job: RenderJob, run: RenderRun): Promise<Outcome> {
  const rendered = await renderJob(job, run);
  if ("code" in rendered) return rendered;
  const { report, tree } = rendered;
  const { stderr } = run.context.terminal;
  const compares = comparesOnly(run.flags);
  const shown = compares ? report : { ...report, differences: [] };
  await writeFindings(shown, { output: stderr, verbose: run.flags.verbose === true });
  if (report.mistakes.length > 0) return { code: EXIT.mistakes };
  await applyJob(job, rendered, run);
  if (compares) await writeComparison({ job, run, report, tree });
  else await writeResult({ job, run, report, tree });
  const plan = run.flags.output === "json" ? { plan: savedPlan(report.plan) } : {};
  return { code: codeOf(report, compares), ...plan };
}

function comparesOnly({ check, diff }: RenderFlags): boolean {
  return check === true || diff === true;
}

/** The exit code that a report stands for. */
function codeOf({ refused, unanswered, differences }: RenderReport, compares: boolean): ExitCode {
  return worstOf([
    ...(refused.length > 0 ? [EXIT.refused] : []),
    ...(unanswered.length > 0 ? [EXIT.unanswered] : []),
    ...(compares && differences.length > 0 ? [EXIT.differences] : []),
  ]);
}

interface Result {
  readonly job: RenderJob;
  readonly run: RenderRun;
  readonly report: RenderReport;
  /** The output folder as it was before. */
  readonly tree: OutputTree;
}

async function writeComparison({ job, run, report, tree }: Result): Promise<void> {
  const { flags, context } = run;
  const { stdout, stderr } = context.terminal;
  if (flags.diff && flags.output !== "json") await stdout.write(planDiff(report.plan, tree));
  if (report.differences.length === 0 && report.refused.length === 0) {
    await stderr.write(`drop: ${job.outputDir} is up to date\n`);
  }
}

async function writeResult({ job, run, report, tree }: Result): Promise<void> {
  const { flags, context } = run;
  const { stdout } = context.terminal;
  const streams = job.outputDir === undefined && flags.dryRun !== true;
  const format = flags.output ?? (streams ? "yaml" : "text");
  if (format === "yaml") await stdout.write(yamlStream(childrenInForce(report, tree)));
  else if (format === "text")
    await stdout.write(
      paintedPlan(report.plan, { output: stdout, verbose: flags.verbose === true }),
    );
}
