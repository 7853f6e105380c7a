import { isMistake } from "../../api/problem.ts";
import type { CachedImageSet, DiscoveryPolicy } from "../../api/types.gen.ts";
import type { AnswerMemo } from "../../discovery/once.ts";
import { checkTargets } from "../../renderer/check.ts";
import { applyActions } from "../../renderer/folder/directory-sink.ts";
import { readTree } from "../../renderer/folder/read-tree.ts";
import { EMPTY_TREE, type OutputTree } from "../../renderer/folder/tree.ts";
import { type Inputs, loadInputs, ofKind } from "../../renderer/load/load.ts";
import type { RenderReport } from "../../renderer/report.ts";
import { type RenderPorts, renderTargets } from "../../renderer/run.ts";
import type { CommandContext } from "../context.ts";
import { EXIT, type ExitCode } from "../exit-code.ts";
import { plural, problemLines } from "../problem-lines.ts";
import type { RenderFlags } from "../render.ts";
import { emptyText, ownProblems } from "../validate/run.ts";
import { openAnswers } from "./answers.ts";
import { approvalText, guardOf } from "./guard-flags.ts";

/** One thing to render: inputs into a stream or a folder. */
export interface RenderJob {
  readonly inputs: readonly string[];
  /** A folder to build with kustomize in place of inputs. */
  readonly kustomize?: string;
  readonly outputDir?: string;
  /** The name of the target in drop.yaml, and its limit on removals; both without PATHs only. */
  readonly target?: string;
  readonly maxRemovals?: string;
  /** Whether further targets are rendered in the same run. */
  readonly hasSiblings?: boolean;
  /** Whether sets that are gone from the inputs are removed from the folder. */
  readonly removesGoneSets: boolean;
}

/** What all jobs of one command share. */
export interface RenderRun {
  readonly flags: RenderFlags;
  readonly context: CommandContext;
  readonly memo: AnswerMemo;
}

/** What became of a job: a report with the folder as it was, or the exit code of inputs that cannot be rendered. */
export type Rendered =
  | { readonly report: RenderReport; readonly tree: OutputTree }
  | { readonly code: ExitCode };

/** Reads the inputs of a job and decides what its output should be. Writes problems to standard error, nothing else. */
export async function renderJob(job: RenderJob, run: RenderRun): Promise<Rendered> {
  const { stderr } = run.context.terminal;
  const inputs = await inputsOf(job, run);
  const problems = ownProblems(inputs);
  const mistakes = problems.filter(isMistake);
  if (mistakes.length > 0) {
    const count = plural(mistakes.length, "mistake");
    await stderr.write(problemLines(mistakes, stderr));
    await stderr.write(`drop: ${count} in the inputs, nothing was rendered\n`);
    return { code: EXIT.mistakes };
  }
  const sets = ofKind(inputs, "CachedImageSet");
  if (sets.length === 0) {
    const names = job.kustomize === undefined ? job.inputs : [job.kustomize];
    const none = `drop: no CachedImageSet in ${names.join(", ")}; nothing else is rendered\n`;
    await stderr.write(inputs.objects.length === 0 ? emptyText(names) : none);
    return { code: EXIT.mistakes };
  }
  if (problems.length > 0) {
    const count = plural(problems.length, "warning");
    await stderr.write(`drop: ${count} in the inputs; drop validate shows them\n`);
  }
  const policies = ofKind(inputs, "DiscoveryPolicy");
  return decide({ job, run, sets, policies, secrets: inputs.secrets });
}

async function inputsOf(job: RenderJob, { flags, context }: RenderRun): Promise<Inputs> {
  const { terminal, signal } = context;
  const { inputs: paths, kustomize } = job;
  const exclude = [job.outputDir, flags.discovered, flags.approve].filter(
    (path) => path !== undefined,
  );
  const texts = kustomize === undefined ? [] : [await built(kustomize, signal)];
  return loadInputs({ paths, texts, stdin: terminal.stdin, exclude, signal });
}

async function built(folder: string, signal: AbortSignal) {
  const { buildKustomization } = await import("../../renderer/load/kustomize.ts");
  return { file: folder, text: await buildKustomization(folder, signal) };
}

interface Decision {
  readonly job: RenderJob;
  readonly run: RenderRun;
  readonly sets: readonly CachedImageSet[];
  readonly policies: readonly DiscoveryPolicy[];
  readonly secrets: readonly unknown[];
}

async function decide({ job, run, sets, policies, secrets }: Decision): Promise<Rendered> {
  const { flags, context } = run;
  const pruneSets = flags.pruneSets === true;
  const ownsFolder = job.removesGoneSets;
  const selected = flags.set.length > 0 ? { selected: flags.set } : {};
  const folder = folderOf(job);
  if (flags.check === true && flags.refresh !== true) {
    const names = sets.map(({ metadata }) => metadata.name ?? "");
    const tree = await folder.readTree(
      { sets: names, others: pruneSets || ownsFolder },
      context.signal,
    );
    const report = checkTargets({ sets, policies, tree, pruneSets, ownsFolder, ...selected });
    return { report, tree };
  }
  const guard = await guardOf(flags, job, context.signal);
  const answers = await openAnswers(run, { policies, secrets });
  try {
    const ports = { readTree: folder.readTree, discover: answers.discover };
    const options = {
      pruneSets,
      ownsFolder,
      strict: flags.strict === true,
      guard,
      howToApprove: approvalText(flags.commandLine, job.target),
      ...(flags.churnMargin === undefined ? {} : { churnMargin: flags.churnMargin }),
      ...selected,
    };
    const report = await renderTargets({ sets, policies, ports, options }, context.signal);
    return { report, tree: folder.seen() };
  } finally {
    await answers.close();
  }
}

/** The output folder of a job, and what was last read of it. */
function folderOf({ outputDir: path }: RenderJob): {
  readonly readTree: NonNullable<RenderPorts["readTree"]>;
  readonly seen: () => OutputTree;
} {
  let seen = EMPTY_TREE;
  return {
    seen: () => seen,
    readTree: async (wanted, signal) => {
      if (path !== undefined) seen = await readTree({ path, ...wanted }, signal);
      return seen;
    },
  };
}

/** Carries out what a report plans, unless the flags forbid to write. */
export async function applyJob(
  { outputDir }: RenderJob,
  { report, tree }: { readonly report: RenderReport; readonly tree: OutputTree },
  { flags, context }: RenderRun,
): Promise<void> {
  const { check, diff, dryRun } = flags;
  if (outputDir === undefined || check || diff || dryRun) return;
  const { leftovers } = tree;
  await applyActions({ path: outputDir, actions: report.plan.actions, leftovers }, context.signal);
}
