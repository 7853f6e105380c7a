import { Command, CommanderError } from "commander";
import { addCompletion } from "./completion.ts";
import type { CommandContext, Outside } from "./context.ts";
import { addDiscover } from "./discover.ts";
import { EXIT, EXIT_CODE_HELP, type ExitCode } from "./exit-code.ts";
import { failureText, isInterruption } from "./failure.ts";
import { HELP_STYLE } from "./help.ts";
import { addReconciler } from "./reconciler.ts";
import { addRender } from "./render.ts";
import { addStatus } from "./status.ts";
import { orInterruption } from "./terminal/interruption.ts";
import type { Terminal } from "./terminal/terminal.ts";
import { addValidate } from "./validate.ts";
import { addWebhook } from "./webhook.ts";
import { addWhy } from "./why.ts";

/** What a run of `drop` is given from outside. */
export interface Invocation {
  readonly args: readonly string[];
  readonly version: string;
  readonly signal: AbortSignal;
  readonly terminal: Terminal;
  /** The machine's own without it. */
  readonly outside?: Outside;
}

/** Runs one command line to its exit code. Never throws. */
export async function runProgram(invocation: Invocation): Promise<ExitCode> {
  const { args, signal, terminal } = invocation;
  const outcome: { code: ExitCode } = { code: EXIT.done };
  const program = createProgram(invocation, (code) => {
    outcome.code = code;
  });
  try {
    await orInterruption(program.parseAsync(args, { from: "user" }), signal);
    // What failed after an interruption failed because of it.
    if (signal.aborted && outcome.code !== EXIT.done) throw signal.reason;
    return outcome.code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage;
    const { text, code } = isInterruption(error, signal)
      ? { text: "drop: interrupted\n", code: EXIT.interrupted }
      : failureText(error, terminal.env);
    // Where not even this can be said, the exit code has to do.
    await terminal.stderr.write(text).catch(() => undefined);
    return code;
  }
}

/** Longer lines of help are hard to read, however wide the terminal. */
const HELP_COLUMNS = 100;

/** Each adds the command of this name. */
const COMMANDS: ReadonlyMap<string, (program: Command, context: CommandContext) => void> = new Map([
  ["render", addRender],
  ["validate", addValidate],
  ["discover", addDiscover],
  ["status", addStatus],
  ["why", addWhy],
  ["webhook", addWebhook],
  ["reconciler", addReconciler],
]);

/**
 * The program with all its commands, or with the one alone that `args` begin with, which starts sooner; `finish` is told
 * the exit code of the one that runs.
 */
export function createProgram(
  { args = [], version, signal, terminal, outside }: Partial<Invocation> & Omit<Invocation, "args">,
  finish: (code: ExitCode) => void,
): Command {
  const program = new Command("drop")
    .description("Keeps container images warm on Kubernetes nodes, the GitOps way.")
    .version(version, "-V, --version", "print the version")
    .helpOption("-h, --help", "show this help")
    .helpCommand("help [command]", "show the help of a command")
    .showHelpAfterError("(drop --help shows what there is)")
    .configureHelp(HELP_STYLE)
    .addHelpText("after", `\n${EXIT_CODE_HELP}\n\nMore about a command: drop help render`)
    .exitOverride();
  const context = { terminal, version, signal, finish, ...(outside && { outside }) };
  const named = COMMANDS.get(args[0] ?? "");
  for (const add of named === undefined ? COMMANDS.values() : [named]) add(program, context);
  if (named === undefined) addCompletion(program, context);
  const output = {
    writeOut: (text: string) => void terminal.stdout.write(text).catch(() => undefined),
    writeErr: (text: string) => void terminal.stderr.write(text).catch(() => undefined),
    getOutHelpWidth: () => Math.min(terminal.stdout.columns, HELP_COLUMNS),
    getErrHelpWidth: () => Math.min(terminal.stderr.columns, HELP_COLUMNS),
    outputError: (text: string, write: (text: string) => void) =>
      write(text.replace(/^error:/, "drop:")),
  };
  for (const command of [program, ...program.commands]) {
    command.configureOutput(output).exitOverride().configureHelp(HELP_STYLE);
  }
  return program;
}
