import type { Command } from "commander";
import { bashCompletion } from "./completion-bash.ts";
import { fishCompletion } from "./completion-fish.ts";
import { type CompletedCommand, completionTree } from "./completion-tree.ts";
import { zshCompletion } from "./completion-zsh.ts";

const SCRIPTS = {
  bash: bashCompletion,
  zsh: zshCompletion,
  fish: fishCompletion,
} as const satisfies Readonly<Record<string, (program: CompletedCommand) => string>>;

/** The script that lets a shell complete the program. */
export function completionScript(shell: keyof typeof SCRIPTS, program: Command): string {
  return SCRIPTS[shell](completionTree(program));
}
