import { printable } from "../api/printable.ts";
import { EXIT, type ExitCode } from "./exit-code.ts";

/** A wrong call: flags that do not go together, a value that cannot be. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** An error that carries an instruction how to mend it. */
interface Mendable extends Error {
  readonly fix: string;
}

/** Whether an error is only the consequence of Ctrl-C. */
export function isInterruption(error: unknown, signal: AbortSignal): boolean {
  return signal.aborted && (error === signal.reason || (error instanceof Error && isAbort(error)));
}

function isAbort(error: Error): boolean {
  return error.name === "AbortError" || ("code" in error && error.code === "ABORT_ERR");
}

/** What to print of an error that ended a command, and the exit code that goes with it. */
export function failureText(
  error: unknown,
  env: Readonly<Record<string, string | undefined>>,
): { readonly text: string; readonly code: ExitCode } {
  if (error instanceof UsageError) {
    return { text: `drop: ${error.message}\n`, code: EXIT.usage };
  }
  if (error instanceof Error && "syscall" in error && error.syscall === "uv_cwd") {
    const text = "drop: the working directory is gone; change into one that is there\n";
    return { text, code: EXIT.mistakes };
  }
  if (isMendable(error)) {
    return { text: `drop: ${error.message}; ${error.fix}\n`, code: codeOf(error) };
  }
  return { text: bugText(error, env), code: EXIT.bug };
}

function isMendable(error: unknown): error is Mendable {
  return error instanceof Error && "fix" in error && typeof error.fix === "string";
}

/** Errors of the outside world, by name: the rest are inputs and folders that cannot be used. */
const OUTAGES = new Set(["SourceError", "HttpError", "KubeError", "OutputError"]);

function codeOf(error: Mendable): ExitCode {
  const isConfig = "reason" in error && error.reason === "InvalidConfig";
  return OUTAGES.has(error.name) && !isConfig ? EXIT.unanswered : EXIT.mistakes;
}

function bugText(error: unknown, env: Readonly<Record<string, string | undefined>>): string {
  const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  const stack = error instanceof Error && env["DROP_DEBUG"] ? `${error.stack}\n` : "";
  return `drop: this is a bug in Drop: ${printable(message, 500)}
${stack}Please report it with the command and, if you may share them, its inputs.${
    stack === "" ? " DROP_DEBUG=1 shows where it happened." : ""
  }
`;
}
