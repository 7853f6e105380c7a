import { type Command, InvalidArgumentError, Option } from "commander";
import { InputError, readInput } from "../../renderer/load/files.ts";
import type { Guard, RemovalLimit } from "../../renderer/plan/guard.ts";
import { type PlanChoice, type PlannedRemovals, parsePlan } from "../../renderer/plan/parse.ts";

/** The flags that say how fast a set may change. */
export interface GuardFlags {
  readonly maxRemovals?: RemovalLimit;
  readonly approve?: string;
  /** A fraction: 0.1 is 10 %. */
  readonly churnMargin?: number;
}

/** Adds the flags that say how fast a set may change. */
export function addGuardFlags(command: Command): Command {
  return command
    .optionsGroup("How fast a set may change:")
    .addOption(
      new Option(
        "--max-removals <n|p%>",
        "refuse to remove more discovered images of a set in one run",
      )
        .default(undefined, "5 or 30%, the larger")
        .argParser(parseRemovalLimit)
        .env("DROP_MAX_REMOVALS"),
    )
    .option("--approve <plan>", "allow the removals in this plan, saved by --dry-run -o json")
    .addOption(
      new Option("--churn-margin <p%>", "replace an image only by one that is used so much more")
        .default(undefined, "10%")
        .argParser(parseMargin)
        .env("DROP_CHURN_MARGIN"),
    );
}

/** Reads `5` or `30%`. */
export function parseRemovalLimit(text: string): RemovalLimit {
  const [, number = "", percent] = /^([0-9]{1,8})(%?)$/.exec(text.trim()) ?? [];
  const value = Number(number);
  if (number === "" || (percent === "%" && value > 100)) {
    throw new InvalidArgumentError("Write a number of images as 5, or a share as 30%.");
  }
  return percent === "%" ? { type: "percent", percent: value } : { type: "count", images: value };
}

/** Reads `10%`, `10` or `2.5%` as a fraction. */
function parseMargin(text: string): number {
  const [, number] = /^([0-9]{1,4}(?:\.[0-9]{1,4})?)%?$/.exec(text.trim()) ?? [];
  if (number === undefined || Number(number) > 1000) {
    throw new InvalidArgumentError("Write it as 10%; 0 orders by score alone, 1000% is the most.");
  }
  return Number(number) / 100;
}

/** What the guard of a target depends on, besides flags. */
export interface GuardedTarget extends PlanChoice {
  readonly maxRemovals?: string;
}

/** The guard that flags and target ask for; reads the approved plan. */
export async function guardOf(
  { maxRemovals, approve }: GuardFlags,
  { maxRemovals: ofTarget, ...choice }: GuardedTarget,
  signal: AbortSignal,
): Promise<Guard> {
  const limit = maxRemovals ?? (ofTarget === undefined ? undefined : parseRemovalLimit(ofTarget));
  const limited = limit === undefined ? {} : { limit };
  if (approve === undefined) return limited;
  return { ...limited, approved: await readApproved(approve, choice, signal) };
}

async function readApproved(
  path: string,
  choice: PlanChoice,
  signal: AbortSignal,
): Promise<PlannedRemovals> {
  const read = await readInput({ path, shownAs: path, named: true }, signal);
  // What is too large to be read is no plan either.
  const plan = parsePlan("text" in read ? read.text : "", choice);
  if (plan.ok) return plan.value;
  throw new InputError(`--approve ${path}: ${plan.fault.what}`, plan.fault.fix);
}

/** Flags that a command to approve has none or others of; those with `true` have a value. */
const REPLACED: Readonly<Record<string, boolean>> = {
  "--check": false,
  "--refresh": false,
  "--diff": false,
  "--dry-run": false,
  "-o": true,
  "--output": true,
  "--approve": true,
};

/** The two commands that save the plan of this command line and approve it, as a shell reads them. */
export function approvalText(args: readonly string[], target: string | undefined): string {
  const named = target === undefined ? {} : { "--target": true };
  const kept = withoutFlags(args, { ...REPLACED, ...named });
  const line = ["drop", ...kept, ...(target === undefined ? [] : ["--target", target])];
  const command = line.map(quoted).join(" ");
  return `save the plan with "${command} --dry-run -o json > plan.json", look through it, and run "${command} --approve plan.json"`;
}

function withoutFlags(
  args: readonly string[],
  flags: Readonly<Record<string, boolean>>,
): readonly string[] {
  const kept: string[] = [];
  for (let index = 0; index < args.length; index++) {
    const arg = args[index] ?? "";
    const [name = ""] = arg.startsWith("--") ? arg.split("=", 1) : [arg.slice(0, 2)];
    if (!Object.hasOwn(flags, name)) kept.push(arg);
    else if (flags[name] === true && arg === name) index += 1;
  }
  return kept;
}

function quoted(arg: string): string {
  if (/^[\w@%+=:,./-]+$/.test(arg)) return arg;
  return `'${arg.replaceAll("'", `'\\''`)}'`;
}
