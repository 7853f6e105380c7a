import { isMistake } from "../api/problem.ts";
import type { CachedImageSet, DiscoveryPolicy } from "../api/types.gen.ts";
import { offlineOutcomes } from "../discovery/discover.ts";
import { checkTargets } from "../renderer/check.ts";
import { applyActions } from "../renderer/directory-sink.ts";
import { loadInputs, ofKind } from "../renderer/load/load.ts";
import { planDiff } from "../renderer/plan-diff.ts";
import { planJson } from "../renderer/plan-text.ts";
import { readTree } from "../renderer/read-tree.ts";
import { replayedOutcomes } from "../renderer/replay.ts";
import type { RenderReport } from "../renderer/report.ts";
import { type RenderPorts, renderTargets } from "../renderer/run.ts";
import { yamlStream } from "../renderer/stdout-sink.ts";
import { EMPTY_TREE, type OutputTree } from "../renderer/tree.ts";
import type { CommandContext } from "./context.ts";
import { openDiscovery } from "./discovery-ports.ts";
import { EXIT, type ExitCode, worstOf } from "./exit-code.ts";
import { plural, problemLines } from "./problem-lines.ts";
import type { RenderFlags } from "./render.ts";
import { paintedPlan, writeFindings } from "./render-text.ts";
import { emptyText, ownProblems } from "./validate-run.ts";

/** What `drop render` works on once its inputs are read. */
interface Work {
  readonly sets: readonly CachedImageSet[];
  readonly policies: readonly DiscoveryPolicy[];
  readonly secrets: readonly unknown[];
  readonly flags: RenderFlags;
  readonly context: CommandContext;
}

/** Runs `drop render`: manifests, plan or diff to standard output, all else to standard error. */
export async function render(
  paths: readonly string[],
  flags: RenderFlags,
  context: CommandContext,
): Promise<ExitCode> {
  const { terminal, signal } = context;
  const exclude = [flags.outputDir, flags.discovered].filter((path) => path !== undefined);
  const inputs = await loadInputs({ paths, stdin: terminal.stdin, exclude, signal });
  const problems = ownProblems(inputs);
  const mistakes = problems.filter(isMistake);
  if (mistakes.length > 0) {
    await terminal.stderr.write(problemLines(mistakes, terminal.stderr));
    await terminal.stderr.write(
      `drop: ${plural(mistakes.length, "mistake")} in the inputs, nothing was rendered\n`,
    );
    return EXIT.mistakes;
  }
  const sets = ofKind(inputs, "CachedImageSet");
  if (sets.length === 0) {
    await terminal.stderr.write(inputs.objects.length === 0 ? emptyText(paths) : noSetText(paths));
    return EXIT.mistakes;
  }
  if (problems.length > 0) {
    await terminal.stderr.write(
      `drop: ${plural(problems.length, "warning")} in the inputs; drop validate shows them\n`,
    );
  }
  const policies = ofKind(inputs, "DiscoveryPolicy");
  return renderSets({ sets, policies, secrets: inputs.secrets, flags, context });
}

function noSetText(paths: readonly string[]): string {
  return `drop: no CachedImageSet in ${paths.join(", ")}; nothing else is rendered\n`;
}

async function renderSets(work: Work): Promise<ExitCode> {
  const { flags, context } = work;
  const trees: { seen: OutputTree } = { seen: EMPTY_TREE };
  const report = await reportOf(work, trees);
  const compares = flags.check === true || flags.diff === true;
  const shown = compares ? report : { ...report, differences: [] };
  await writeFindings(shown, { output: context.terminal.stderr, verbose: flags.verbose === true });
  if (report.mistakes.length > 0) return EXIT.mistakes;
  if (compares) {
    await writeComparison(report, trees.seen, work);
    return worstOf([
      ...codesOf(report),
      ...(report.differences.length > 0 ? [EXIT.differences] : []),
    ]);
  }
  if (flags.outputDir !== undefined && !flags.dryRun) {
    const { leftovers } = trees.seen;
    const { actions } = report.plan;
    await applyActions({ path: flags.outputDir, actions, leftovers }, context.signal);
  }
  await writeResult(report, work);
  return worstOf(codesOf(report));
}

/** With `--check` a file that a person changed is a difference like any other. */
function codesOf(report: RenderReport): readonly ExitCode[] {
  return [
    ...(report.refused.length > 0 ? [EXIT.refused] : []),
    ...(report.unanswered.length > 0 ? [EXIT.unanswered] : []),
  ];
}

async function reportOf(
  { sets, policies, secrets, flags, context }: Work,
  trees: { seen: OutputTree },
): Promise<RenderReport> {
  const { outputDir } = flags;
  const pruneSets = flags.pruneSets === true;
  const strict = flags.strict === true;
  const selected = flags.set.length > 0 ? { selected: flags.set } : {};
  const read: Pick<RenderPorts, "readTree"> =
    outputDir === undefined
      ? {}
      : {
          readTree: async (wanted, signal) => {
            trees.seen = await readTree({ path: outputDir, ...wanted }, signal);
            return trees.seen;
          },
        };
  if (flags.check && !flags.refresh) {
    const names = sets.map(({ metadata }) => metadata.name ?? "");
    const tree =
      (await read.readTree?.({ sets: names, others: pruneSets }, context.signal)) ?? EMPTY_TREE;
    return checkTargets({ sets, policies, tree, pruneSets, ...selected });
  }
  const discovery = await answersFrom(flags, secrets, context);
  try {
    const ports = { ...read, discover: discovery.discover };
    const options = { pruneSets, strict, ...selected };
    return await renderTargets({ sets, policies, ports, options }, context.signal);
  } finally {
    await discovery.close();
  }
}

interface Answers {
  readonly discover: RenderPorts["discover"];
  readonly close: () => Promise<void>;
}

/** Where answers come from: a file, nowhere, or the sources themselves. */
async function answersFrom(
  flags: RenderFlags,
  secrets: readonly unknown[],
  context: CommandContext,
): Promise<Answers> {
  const close = async () => {};
  if (flags.offline) return { discover: async (policy) => offlineOutcomes(policy), close };
  if (flags.discovered === undefined) return openDiscovery(flags, secrets, context);
  const { terminal, signal } = context;
  const inputs = await loadInputs({ paths: [flags.discovered], stdin: terminal.stdin, signal });
  const recorded = ofKind(inputs, "DiscoveryPolicy");
  const byName = new Map(recorded.map((policy) => [policy.metadata.name, policy]));
  return {
    discover: async (policy) => replayedOutcomes(policy, byName.get(policy.metadata.name)),
    close,
  };
}

async function writeComparison(
  report: RenderReport,
  tree: OutputTree,
  { flags, context }: Work,
): Promise<void> {
  const { stdout, stderr } = context.terminal;
  if (flags.diff) await stdout.write(planDiff(report.plan, tree));
  if (flags.output === "json") await stdout.write(planJson(report.plan));
  if (report.differences.length === 0)
    await stderr.write(`drop: ${flags.outputDir} is up to date\n`);
}

async function writeResult(
  { plan, children }: RenderReport,
  { flags, context }: Work,
): Promise<void> {
  const { stdout } = context.terminal;
  const format = flags.output ?? (flags.outputDir === undefined && !flags.dryRun ? "yaml" : "text");
  if (format === "yaml") await stdout.write(yamlStream(children));
  else if (format === "json") await stdout.write(planJson(plan));
  else await stdout.write(paintedPlan(plan, { output: stdout, verbose: flags.verbose === true }));
}
