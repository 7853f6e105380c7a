import { type Command, Option } from "commander";
import type { CommandContext } from "./context.ts";
import { addReportFlags, type ReportFlags } from "./reports/flags.ts";

/** The flags of `drop status`, as commander hands them over. */
export interface StatusFlags extends ReportFlags {
  readonly output: "text" | "wide" | "json" | "yaml";
  readonly watch: boolean;
}

const HELP = `
Without NAME: every CachedImage, what runs now and what comes next, then sets,
policies, what is held and which nodes are left out. With the name of a
CachedImage: that one, node by node. With that of a CachedImageSet: its images.

The reconciler itself is asked, through the API server; without it or the right
to (kustomize/base/reconciler/viewer.yaml has it), the objects of the cluster
tell less, and what they leave open is said.

--watch shows it anew whenever it changes. It outlives an API server that is
away for a while. Ctrl-C ends it, with exit code 0.

Examples:
  drop status
  drop status web-nginx
  drop status --watch
  drop status -o json`;

/** Adds `drop status`. */
export function addStatus(program: Command, context: CommandContext): void {
  const command = program
    .command("status")
    .summary("show what is where, what runs and what waits")
    .description("Shows how the images of a cluster stand, and why.")
    .argument("[name]", "a CachedImage or CachedImageSet")
    .optionsGroup("Output:")
    .addOption(
      new Option("-o, --output <format>", "how to print it; wide tells more than text")
        .choices(["text", "wide", "json", "yaml"])
        .default("text"),
    )
    .option("-w, --watch", "go on, and show it anew whenever it changes", false);
  addReportFlags(command)
    .addHelpText("after", HELP)
    .action(async (name: string | undefined, flags: StatusFlags) => {
      const { status } = await import("./status/run.ts");
      context.finish(await status(name, flags, context));
    });
}
