import { type Command, Option } from "commander";
import { addClusterFlags, type ClusterFlags } from "./cluster/flags.ts";
import type { CommandContext } from "./context.ts";
import { UsageError } from "./failure.ts";

/** The forms of the report; `reports/forms.ts` has a function for each. */
const FORMATS = ["text", "json", "sarif", "junit", "github", "gitlab"] as const;

export type ReportFormat = (typeof FORMATS)[number];

/** The flags of `drop validate`, as commander hands them over. */
export interface ValidateFlags extends ClusterFlags {
  readonly output: ReportFormat;
  readonly failOn: "error" | "warning";
  readonly warnings: boolean;
  readonly pullNamespace: string;
}

const HELP = `
PATH is a file, a folder searched at any depth, or - for standard input. Files
that do not mention drop.corewire.io are passed over, so a folder may hold
anything else.

Every mistake is reported at once, as file:line:column, with what is wrong, how
to mend it and the id of the rule. An object silences warnings with the
annotation drop.corewire.io/ignore-rules: DROP2003.

Formats: text for people and editors, json for scripts, sarif for GitHub code
scanning, junit for test reports, github for annotations in GitHub Actions,
gitlab for GitLab's Code Quality. The exit code is the same with each.

Examples:
  drop validate clusters/
  drop validate -o json set.yaml
  drop validate -o sarif clusters/ > drop.sarif
  kustomize build . | drop validate -`;

/** Adds `drop validate`. */
export function addValidate(program: Command, context: CommandContext): void {
  const command = program
    .command("validate")
    .summary("check Drop's manifests, all mistakes at once")
    .description("Checks CachedImages, CachedImageSets, DiscoveryPolicies and PullPolicies.")
    .argument("[path...]", "files, folders, or - for standard input");
  addReportFlags(command);
  addClusterFlags(command, "also look at the policies, Secrets and nodes of this cluster")
    .addOption(
      new Option("--pull-namespace <name>", "the namespace there with the Secrets for pulls")
        .default("drop-pulls")
        .env("DROP_PULL_NAMESPACE"),
    )
    .addHelpText("after", HELP)
    .action(async (paths: readonly string[], flags: ValidateFlags) => {
      if (paths.length === 0) {
        throw new UsageError(
          "drop validate needs a PATH: a file, a folder, or - for standard input",
        );
      }
      const { validate } = await import("./validate/run.ts");
      context.finish(await validate(paths, flags, context));
    });
}

function addReportFlags(command: Command): void {
  command
    .optionsGroup("Report:")
    .addOption(
      new Option("-o, --output <format>", "how to print problems")
        .choices(FORMATS)
        .default("text")
        .env("DROP_OUTPUT"),
    )
    .addOption(
      new Option("--fail-on <severity>", "what makes the exit code 2")
        .choices(["error", "warning"])
        .default("error")
        .env("DROP_FAIL_ON"),
    )
    .option("--no-warnings", "print mistakes only");
}
