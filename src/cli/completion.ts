import { Argument, type Command } from "commander";
import type { CommandContext } from "./context.ts";

const SHELLS = ["bash", "zsh", "fish"] as const;

const HELP = `
Completes commands, flags, the choices of flags, files and folders. Make the
script anew after an update of Drop.

Examples:
  echo 'source <(drop completion bash)' >> ~/.bashrc
  drop completion zsh > "\${fpath[1]}/_drop"
  drop completion fish > ~/.config/fish/completions/drop.fish`;

/** Adds `drop completion`, which prints a script made from the commands of the program. */
export function addCompletion(program: Command, { terminal }: CommandContext): void {
  program
    .command("completion")
    .summary("print a script that completes in your shell")
    .description("Prints a script that lets bash, zsh or fish complete drop on the Tab key.")
    .addArgument(new Argument("<shell>", "the shell").choices(SHELLS))
    .addHelpText("after", HELP)
    .action(async (shell: (typeof SHELLS)[number]) => {
      const { completionScript } = await import("./completion/run.ts");
      await terminal.stdout.write(completionScript(shell, program));
    });
}
