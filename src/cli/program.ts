import { Command, CommanderError } from "commander";
import { addDiscover } from "./discover.ts";
import { EXIT, EXIT_CODE_HELP, type ExitCode } from "./exit-code.ts";
import { failureText, isInterruption } from "./failure.ts";
import { addRender } from "./render.ts";
import type { Terminal } from "./terminal.ts";
import { addValidate } from "./validate.ts";

/** What a run of `drop` is given from outside. */
export interface Invocation {
  readonly args: readonly string[];
  readonly version: string;
  readonly signal: AbortSignal;
  readonly terminal: Terminal;
}

/** Runs one command line to its exit code. Never throws. */
export async function runProgram(invocation: Invocation): Promise<ExitCode> {
  const { args, signal, terminal } = invocation;
  const outcome: { code: ExitCode } = { code: EXIT.done };
  const program = createProgram(invocation, (code) => {
    outcome.code = code;
  });
  try {
    await program.parseAsync(args, { from: "user" });
    return outcome.code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage;
    if (isInterruption(error, signal)) {
      await terminal.stderr.write("drop: interrupted\n");
      return EXIT.interrupted;
    }
    const { text, code } = failureText(error, terminal.env);
    await terminal.stderr.write(text);
    return code;
  }
}

function createProgram(
  { version, signal, terminal }: Invocation,
  finish: (code: ExitCode) => void,
): Command {
  const program = new Command("drop")
    .description("Keeps container images warm on Kubernetes nodes, the GitOps way.")
    .version(version, "-V, --version", "print the version")
    .helpOption("-h, --help", "show this help")
    .helpCommand("help [command]", "show the help of a command")
    .showHelpAfterError("(drop --help shows what there is)")
    .configureHelp({ sortOptions: false, showGlobalOptions: false })
    .addHelpText("after", `\n${EXIT_CODE_HELP}\n\nMore about one command: drop help render`)
    .exitOverride();
  const context = { terminal, signal, finish };
  addRender(program, context);
  addValidate(program, context);
  addDiscover(program, context);
  const output = {
    writeOut: (text: string) => void terminal.stdout.write(text),
    writeErr: (text: string) => void terminal.stderr.write(text),
    outputError: (text: string, write: (text: string) => void) =>
      write(text.replace(/^error:/, "drop:")),
  };
  for (const command of [program, ...program.commands]) {
    command.configureOutput(output).exitOverride().configureHelp({ sortOptions: false });
  }
  return program;
}
