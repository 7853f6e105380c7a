import { Readable } from "node:stream";
import type { Outside } from "../../../src/cli/context.ts";
import type { ExitCode } from "../../../src/cli/exit-code.ts";
import { runProgram } from "../../../src/cli/program.ts";
import type { Output } from "../../../src/cli/terminal/terminal.ts";

/** What a run of `drop` said and how it ended. */
export interface Ran {
  readonly code: ExitCode;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly folder: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly outside?: Outside;
  readonly signal?: AbortSignal;
}

/** Runs `drop` within this process, which takes milliseconds; its environment holds nothing of the machine's. */
export async function runDrop(
  args: readonly string[],
  { folder, env = {}, outside, signal = new AbortController().signal }: RunOptions,
): Promise<Ran> {
  const said = { stdout: "", stderr: "" };
  const output = (name: keyof typeof said): Output => ({
    isTerminal: false,
    columns: 80,
    paint: (_, text) => text,
    async write(text) {
      said[name] += text;
    },
  });
  const code = await runProgram({
    args,
    version: "0.0.0-test",
    signal,
    ...(outside && { outside }),
    terminal: {
      stdin: Readable.from([]),
      stdout: output("stdout"),
      stderr: output("stderr"),
      env,
      folder,
    },
  });
  return { code, ...said };
}
