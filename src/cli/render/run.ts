import { yamlStream } from "../../renderer/folder/stdout-sink.ts";
import type { OutputTree } from "../../renderer/folder/tree.ts";
import { planDiff } from "../../renderer/plan/diff.ts";
import { planJson } from "../../renderer/plan/text.ts";
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
  return renderAndWrite(job, run);
}

/** Renders one job to the end: decides, writes the folder, and prints the result. */
export async function renderAndWrite(job: RenderJob, run: RenderRun): Promise<ExitCode> {
  const rendered = await renderJob(job, run);
  if ("code" in rendered) return rendered.code;
  const { report, tree } = rendered;
  const { stderr } = run.context.terminal;
  const compares = comparesOnly(run.flags);
  const shown = compares ? report : { ...report, differences: [] };
  await writeFindings(shown, { output: stderr, verbose: run.flags.verbose === true });
  if (report.mistakes.length > 0) return EXIT.mistakes;
  await applyJob(job, rendered, run);
  if (compares) await writeComparison({ job, run, report, tree });
  else await writeResult({ job, run, report });
  return codeOf(report, compares);
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
}

async function writeComparison({ job, run, report, tree }: Result & { readonly tree: OutputTree }) {
  const { flags, context } = run;
  const { stdout, stderr } = context.terminal;
  if (flags.diff) await stdout.write(planDiff(report.plan, tree));
  if (flags.output === "json") await stdout.write(planJson(report.plan));
  if (report.differences.length === 0 && report.refused.length === 0) {
    await stderr.write(`drop: ${job.outputDir} is up to date\n`);
  }
}

async function writeResult({ job, run, report }: Result): Promise<void> {
  const { flags, context } = run;
  const { stdout } = context.terminal;
  const streams = job.outputDir === undefined && flags.dryRun !== true;
  const format = flags.output ?? (streams ? "yaml" : "text");
  if (format === "yaml") await stdout.write(yamlStream(report.children));
  else if (format === "json") await stdout.write(planJson(report.plan));
  else
    await stdout.write(
      paintedPlan(report.plan, { output: stdout, verbose: flags.verbose === true }),
    );
}
