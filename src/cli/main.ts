import nodeModule from "node:module";
import { EXIT } from "./exit-code.ts";
import { failureText } from "./failure.ts";
import { untilInterrupted } from "./terminal/interruption.ts";

// In Drop NO_COLOR wins. In Node FORCE_COLOR does, with a warning as soon as anything imports node:util, which is why
// nothing does that is imported above.
if (process.env["NO_COLOR"]) delete process.env["FORCE_COLOR"];

declare const DROP_VERSION: string | undefined;

refuseOldNode(process.versions.node);
nodeModule.enableCompileCache?.();
const version = typeof DROP_VERSION === "string" ? DROP_VERSION : "0.0.0-development";
const [first] = process.argv.slice(2);

for (const stream of [process.stdout, process.stderr]) {
  // Whoever writes is told by the write; here it would end the process with a stack.
  stream.on("error", () => undefined);
}

// What nobody waits for may fail too; Node would print its stack.
process.on("uncaughtException", (error) => {
  const { text, code } = failureText(error, process.env);
  process.stderr.write(text);
  process.exit(code);
});

if (process.argv.length === 3 && (first === "--version" || first === "-V")) {
  process.stdout.write(`${version}\n`);
} else {
  const { signal } = interruptedBySignals();
  const { runProgram } = await import("./program.ts");
  const { outputTo } = await import("./terminal/terminal.ts");
  process.exitCode = await runProgram({
    args: process.argv.slice(2),
    version,
    signal,
    terminal: {
      stdin: untilInterrupted(process.stdin, signal),
      stdout: outputTo(process.stdout, process.env),
      stderr: outputTo(process.stderr, process.env),
      env: process.env,
      folder: process.cwd(),
    },
  });
  // An interrupted command may have left a socket or the standard input open, and waits for nobody.
  if (process.exitCode !== EXIT.interrupted) await allWritten();
  // Left to end by itself, Node gives back its memory piece by piece, which takes longer than many a command.
  process.exit();
}

async function allWritten(): Promise<void> {
  const streams = [process.stdout, process.stderr];
  await Promise.all(streams.map((one) => new Promise((resolve) => one.write("", resolve))));
}

/** Aborted by the first signal; the second ends the process at once. */
function interruptedBySignals(): AbortController {
  const interrupt = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.once(signal, () => interrupt.abort(new Error(`interrupted by ${signal}`)));
  }
  return interrupt;
}

/** An old Node would fail later, with words that help nobody. The number stands in package.json too, as `engines`. */
function refuseOldNode(running: string): void {
  const [major = 0, minor = 0] = running.split(".").map(Number);
  if (major > 22 || (major === 22 && minor >= 19)) return;
  process.stderr.write(`drop: Node ${running} is too old; install Node 22.19 or newer\n`);
  process.exit(EXIT.usage);
}
