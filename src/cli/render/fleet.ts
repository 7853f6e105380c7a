import { resolve } from "node:path";
import type { Problem } from "../../api/problem.ts";
import { decodeFleet, type FleetTarget } from "../../renderer/fleet.ts";
import { readYaml, type YamlDocument } from "../../renderer/load/documents.ts";
import { InputError, readInput } from "../../renderer/load/files.ts";
import { placeIn } from "../../renderer/load/objects.ts";
import type { Place } from "../../renderer/load/problem-at.ts";
import { fleetPlanJson, type TargetPlan } from "../../renderer/plan/text.ts";
import type { CommandContext } from "../context.ts";
import { EXIT, type ExitCode, worstOf } from "../exit-code.ts";
import { failureText, isInterruption, UsageError } from "../failure.ts";
import { plural, problemLines } from "../problem-lines.ts";
import type { RenderFlags } from "../render.ts";
import type { RenderRun } from "./job.ts";
import { type Outcome, renderAndWrite } from "./run.ts";

/** Runs `drop render` on the targets of drop.yaml, each by itself: one that fails leaves the others alone. */
export async function renderFleet(flags: RenderFlags, context: CommandContext): Promise<ExitCode> {
  const fleet = await readFleet(flags.config, context);
  if ("code" in fleet) return fleet.code;
  const targets = chosen(fleet.targets, flags.target);
  const run = { flags, context, memo: new Map() };
  const results: TargetResult[] = [];
  for (const target of targets) {
    context.signal.throwIfAborted();
    const hasSiblings = targets.length > 1;
    results.push({ name: target.name, ...(await renderTarget(target, { run, hasSiblings })) });
  }
  if (flags.output === "json")
    await context.terminal.stdout.write(fleetPlanJson(results.map(saved)));
  await writeSummary(results, context);
  return worstOf(results.map(({ code }) => code));
}

interface TargetResult extends Outcome {
  readonly name: string;
}

function saved({ name, code, plan }: TargetResult): TargetPlan {
  return { name, exitCode: code, ...(plan && { plan }) };
}

/** The targets of a drop.yaml; its mistakes are written to standard error. */
export async function readFleet(
  path: string,
  { terminal, signal }: CommandContext,
): Promise<{ readonly targets: readonly FleetTarget[] } | { readonly code: ExitCode }> {
  const read = await readInput({ path, shownAs: path, named: true }, signal).catch(
    (cause: unknown) => {
      const fix = "name a PATH, or write a drop.yaml with targets";
      throw cause instanceof InputError ? new InputError(cause.message, fix, { cause }) : cause;
    },
  );
  const { documents, problems } = readYaml(path, "text" in read ? read.text : "");
  const [document] = documents;
  const decoded = decodeFleet(document?.value ?? null, { shownAs: path, absolute: resolve(path) });
  if ("targets" in decoded && problems.length === 0) return decoded;
  const own = "problems" in decoded ? decoded.problems : [];
  const located = own.map((problem) => ({ ...problem, ...placeOf(problem, document, path) }));
  const { stderr } = terminal;
  await stderr.write(problemLines(problems.length > 0 ? problems : located, stderr));
  return { code: EXIT.mistakes };
}

function placeOf(problem: Problem, document: YamlDocument | undefined, file: string): Place {
  if (document === undefined) return { file, line: 1, column: 1 };
  return placeIn(document, problem.path, problem.atKey === true);
}

function chosen(targets: readonly FleetTarget[], names: readonly string[]): readonly FleetTarget[] {
  const unknown = names.find((name) => !targets.some((target) => target.name === name));
  if (unknown !== undefined) {
    const known = targets.map(({ name }) => name).join(", ");
    throw new UsageError(`--target ${unknown}: there is no such target; known are ${known}`);
  }
  return names.length === 0 ? targets : targets.filter(({ name }) => names.includes(name));
}

/** Renders one target; whatever goes wrong with it is its own. */
async function renderTarget(
  target: FleetTarget,
  { run, hasSiblings }: { readonly run: RenderRun; readonly hasSiblings: boolean },
): Promise<Outcome> {
  const { terminal, signal } = run.context;
  const { stderr } = terminal;
  const { name, ...job } = target;
  await stderr.write(`${stderr.paint("bold", `== ${name}`)}\n`);
  try {
    return await renderAndWrite({ ...job, target: name, hasSiblings, removesGoneSets: true }, run);
  } catch (error) {
    if (isInterruption(error, signal)) throw error;
    const { text, code } = failureText(error, terminal.env);
    await stderr.write(text);
    return { code };
  }
}

const WORDS: Readonly<Record<ExitCode, string>> = {
  [EXIT.done]: "done",
  [EXIT.differences]: "differs",
  [EXIT.mistakes]: "has mistakes, left as it is",
  [EXIT.unanswered]: "a source did not answer",
  [EXIT.refused]: "refused by a safety guard",
  [EXIT.usage]: "wrong usage",
  [EXIT.bug]: "a bug in Drop",
  [EXIT.interrupted]: "interrupted",
};

async function writeSummary(
  results: readonly { readonly name: string; readonly code: ExitCode }[],
  { terminal }: CommandContext,
): Promise<void> {
  const { stderr } = terminal;
  const failed = results.filter(({ code }) => code !== EXIT.done);
  await stderr.write(
    `${stderr.paint("bold", plural(results.length, "target"))}: ${results.length - failed.length} done\n`,
  );
  for (const { name, code } of failed) {
    await stderr.write(`  ${name}: ${stderr.paint("red", WORDS[code])}\n`);
  }
}
