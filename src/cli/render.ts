import { type Command, Option } from "commander";
import type { CommandContext } from "./context.ts";
import { UsageError } from "./failure.ts";
import { addGuardFlags, type GuardFlags } from "./render/guard-flags.ts";
import { addSourceFlags, collect, type SourceFlags } from "./sources/flags.ts";

/** The flags of `drop render`, as commander hands them over. */
export interface RenderFlags extends SourceFlags, GuardFlags {
  /** What was typed after `drop`. */
  readonly commandLine: readonly string[];
  readonly config: string;
  readonly target: readonly string[];
  readonly outputDir?: string;
  readonly output?: "yaml" | "text" | "json";
  readonly set: readonly string[];
  readonly check?: boolean;
  readonly refresh?: boolean;
  readonly diff?: boolean;
  readonly dryRun?: boolean;
  readonly discovered?: string;
  readonly offline?: boolean;
  readonly pruneSets?: boolean;
  readonly strict?: boolean;
  readonly verbose?: boolean;
}

const HELP = `
PATH is a file, a folder searched at any depth, or - for standard input, and
holds CachedImageSets and the DiscoveryPolicies that they name. Secrets among
the inputs are used and never written out. Without PATH the targets of drop.yaml
are rendered, each with its own inputs and folder.

Without --output-dir the CachedImages go to standard output. With it they go
into DIR/<set>/, one file each, with a kustomization.yaml for Argo CD or Flux,
and a .drop.lock that remembers what was discovered: a source that does not
answer takes no image away. Files that a person made or changed are never
overwritten or deleted.

Examples:
  drop render sets/ | kubectl apply -f -
  drop render sets/ --output-dir clusters/prod/images

  # the targets of drop.yaml
  drop render

  # in CI: is the folder up to date? Asks no source
  drop render sets/ --output-dir clusters/prod/images --check

  # what would change, and why
  drop render sets/ --output-dir clusters/prod/images --diff

  # ask once, render without a network
  drop discover sets/ -o yaml > found.yaml
  drop render sets/ --discovered found.yaml`;

/** Adds `drop render`. */
export function addRender(program: Command, context: CommandContext): void {
  const command = program
    .command("render")
    .summary("render sets into plain CachedImages")
    .description("Turns CachedImageSets and what their DiscoveryPolicies find into CachedImages.")
    .argument("[path...]", "files, folders, or - for standard input");
  addOutputFlags(command);
  addSourceFlags(addAnswerFlags(addGuardFlags(command)))
    .addHelpText("after", HELP)
    .action(async (paths: readonly string[], given: Omit<RenderFlags, "commandLine">) => {
      const flags = { ...given, commandLine: program.args };
      refuseContradictions(paths, flags);
      if (paths.length === 0) {
        const { renderFleet } = await import("./render/fleet.ts");
        return context.finish(await renderFleet(flags, context));
      }
      const { render } = await import("./render/run.ts");
      context.finish(await render(paths, flags, context));
    });
}

function addOutputFlags(command: Command): void {
  command
    .optionsGroup("Output:")
    .addOption(
      new Option("--config <file>", "the fleet to render where no PATH is given")
        .default("drop.yaml")
        .env("DROP_CONFIG"),
    )
    .addOption(
      new Option("--target <name>", "render this target of the fleet only; repeatable")
        .argParser(collect)
        .default([], "all"),
    )
    .addOption(
      new Option("--output-dir <dir>", "write the CachedImages into this folder").env(
        "DROP_OUTPUT_DIR",
      ),
    )
    .addOption(
      new Option(
        "-o, --output <format>",
        "yaml: the CachedImages; text or json: the plan, each image with its reason",
      ).choices(["yaml", "text", "json"]),
    )
    .addOption(
      new Option("--set <name>", "render this set only; repeatable")
        .argParser(collect)
        .default([], "all"),
    )
    .option("--check", "write nothing, exit 1 unless the folder is up to date; asks no source")
    .option("--refresh", "with --check, ask the sources all the same")
    .option("--diff", "write nothing, show what would change, exit 1 if anything would")
    .option("--dry-run", "write nothing, only print the plan")
    .option("--prune-sets", "remove the folders of sets that are gone from the inputs")
    .option("-v, --verbose", "list images that stay, and what sources left out");
}

function addAnswerFlags(command: Command): Command {
  return command
    .optionsGroup("Answers of sources:")
    .addOption(
      new Option(
        "--discovered <file>",
        "take the answers from this file, made by drop discover -o yaml",
      ).env("DROP_DISCOVERED"),
    )
    .option("--offline", "ask no source; images remembered in the lock stay")
    .option("--strict", "exit 3 also where a remembered answer stood in");
}

function refuseContradictions(paths: readonly string[], flags: RenderFlags): void {
  if (paths.length === 0 && flags.outputDir !== undefined) {
    throw new UsageError("--output-dir goes with PATHs: the targets of drop.yaml have their own");
  }
  if (paths.length > 0 && flags.target.length > 0) {
    throw new UsageError("--target chooses among the targets of drop.yaml: leave the PATHs out");
  }
  for (const flag of ["check", "diff", "pruneSets", "approve"] as const) {
    if (flags[flag] && paths.length > 0 && flags.outputDir === undefined) {
      throw new UsageError(`${dashed(flag)} compares with a folder: add --output-dir DIR`);
    }
  }
  if (flags.offline && flags.discovered !== undefined) {
    throw new UsageError(
      "--offline and --discovered exclude each other: both say where answers come from",
    );
  }
  if (flags.refresh && !flags.check) throw new UsageError("--refresh goes with --check");
}

function dashed(flag: string): string {
  return `--${flag.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}
