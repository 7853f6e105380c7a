import nodeModule from "node:module";
import { EXIT } from "./exit-code.ts";
import { isBrokenPipe, outputTo } from "./terminal.ts";

declare const DROP_VERSION: string | undefined;

refuseOldNode(process.versions.node);
nodeModule.enableCompileCache?.();
const version = typeof DROP_VERSION === "string" ? DROP_VERSION : "0.0.0-development";
const [first] = process.argv.slice(2);

for (const stream of [process.stdout, process.stderr]) {
  stream.on("error", (error) => {
    if (!isBrokenPipe(error)) throw error;
  });
}

if (process.argv.length === 3 && (first === "--version" || first === "-V")) {
  process.stdout.write(`${version}\n`);
} else {
  const { runProgram } = await import("./program.ts");
  const interrupt = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    // The second signal ends the process at once.
    process.once(signal, () => interrupt.abort(new Error(`interrupted by ${signal}`)));
  }
  process.exitCode = await runProgram({
    args: process.argv.slice(2),
    version,
    signal: interrupt.signal,
    terminal: {
      stdin: process.stdin,
      stdout: outputTo(process.stdout, process.env),
      stderr: outputTo(process.stderr, process.env),
      env: process.env,
    },
  });
  // An interrupted command may have left a socket or the standard input open.
  if (process.exitCode === EXIT.interrupted) process.exit();
}

/** An old Node would fail later, with words that help nobody. The number stands in package.json too, as `engines`. */
function refuseOldNode(running: string): void {
  const [major = 0, minor = 0] = running.split(".").map(Number);
  if (major > 22 || (major === 22 && minor >= 19)) return;
  process.stderr.write(`drop: Node ${running} is too old; install Node 22.19 or newer\n`);
  process.exit(EXIT.usage);
}
