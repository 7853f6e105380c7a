import { type Command, Option } from "commander";
import type { CommandContext } from "./context.ts";
import { addReportFlags, type ReportFlags } from "./reports/flags.ts";

/** The flags of `drop why`, as commander hands them over. */
export interface WhyFlags extends ReportFlags {
  readonly output: "text" | "json" | "yaml";
}

const HELP = `
IMAGE is the name of a CachedImage or an image reference; short ones such as
nginx:1.27 will do. The reconciler itself is asked, through the API server;
without it or the right to (kustomize/base/reconciler/viewer.yaml has it), the
objects of the cluster tell less, and what they leave open is said.

Examples:
  drop why node-7 nginx:1.27
  drop why node-7 web-nginx -o json`;

/** Adds `drop why`. */
export function addWhy(program: Command, context: CommandContext): void {
  const command = program
    .command("why")
    .summary("explain why an image is, or is not, on a node")
    .description("Explains why an image is, or is not, on a node of a cluster.")
    .argument("<node>", "the name of the node")
    .argument("<image>", "a CachedImage or an image reference")
    .optionsGroup("Output:")
    .addOption(
      new Option("-o, --output <format>", "how to print the answer")
        .choices(["text", "json", "yaml"])
        .default("text"),
    );
  addReportFlags(command)
    .addHelpText("after", HELP)
    .action(async (node: string, image: string, flags: WhyFlags) => {
      const { why } = await import("./why/run.ts");
      context.finish(await why({ node, image }, flags, context));
    });
}
