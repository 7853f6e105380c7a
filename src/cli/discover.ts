import { type Command, Option } from "commander";
import type { CommandContext } from "./context.ts";
import { UsageError } from "./failure.ts";
import { addSourceFlags, type SourceFlags } from "./sources/flags.ts";

/** The flags of `drop discover`, as commander hands them over. */
export interface DiscoverFlags extends SourceFlags {
  readonly output: "table" | "yaml" | "json";
}

const HELP = `
Asks the sources of every DiscoveryPolicy under PATH and shows what they find,
best first. Nothing is remembered and nothing is written. The yaml output is the
policies with their status filled in, which drop render --discovered FILE takes
in place of the sources.

Examples:
  drop discover policies/
  drop discover policies/ -o yaml > found.yaml
  drop discover policy.yaml --secret prometheus-creds/token=env:PROMETHEUS_TOKEN`;

/** Adds `drop discover`. */
export function addDiscover(program: Command, context: CommandContext): void {
  const command = program
    .command("discover")
    .summary("show what DiscoveryPolicies find")
    .description("Runs the discovery of DiscoveryPolicies and prints what they find.")
    .argument("[path...]", "files, folders, or - for standard input")
    .optionsGroup("Output:")
    .addOption(
      new Option("-o, --output <format>", "how to print the images")
        .choices(["table", "yaml", "json"])
        .default("table"),
    );
  addSourceFlags(command)
    .addHelpText("after", HELP)
    .action(async (paths: readonly string[], flags: DiscoverFlags) => {
      if (paths.length === 0) {
        throw new UsageError(
          "drop discover needs a PATH: a file, a folder, or - for standard input",
        );
      }
      const { discover } = await import("./discover/run.ts");
      context.finish(await discover(paths, flags, context));
    });
}
