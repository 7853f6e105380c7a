import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { Socket } from "node:net";
import { atExit } from "./at-exit.ts";
import { until } from "./until.ts";

/** How a program ended; `code` is null when a signal ended it, -1 when it could not be started. */
export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A running server. */
export interface Child {
  readonly pid: number;
  /** The last 256 KiB of what it wrote, stdout and stderr mixed as they came. */
  output(): string;
  /** How it ended, undefined while it runs. */
  ended(): Ended | undefined;
  /** Asks it to end with SIGTERM, insists with SIGKILL after the grace, and waits until it is gone. */
  stop(): Promise<Ended>;
}

export interface ChildOptions {
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  /** Holds once the child serves; asked again until it does. */
  readonly ready: (output: string) => boolean | Promise<boolean>;
  readonly readyWithinMs?: number;
  readonly graceMs?: number;
  /** Is given all that it writes, as it comes. */
  readonly onOutput?: (text: string) => void;
}

const keptOutput = 256 * 1024;

/** Starts a server and waits until it is ready; it ends at the latest with this process. */
export async function startChild(options: ChildOptions): Promise<Child> {
  const child = launch(options);
  const { ready, readyWithinMs: withinMs = 60_000, command } = options;
  try {
    const what = `${command} to be ready`;
    await until(() => child.ended() !== undefined || ready(child.output()), { what, withinMs });
  } catch (cause) {
    await child.stop();
    throw new Error(`${command} did not become ready; it said:\n${child.output()}`, { cause });
  }
  const ended = child.ended();
  if (ended === undefined) return child;
  const how = ended.signal ?? `exit code ${ended.code}`;
  throw new Error(`${command} ended (${how}) before it was ready; it said:\n${child.output()}`);
}

function launch({ command, args, env, cwd, graceMs = 5_000, onOutput }: ChildOptions): Child {
  const spawned = spawn(command, args, { env, cwd, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  let ended: Ended | undefined;
  function keep(text: string): void {
    output = (output + text).slice(-keptOutput);
    onOutput?.(text);
  }
  const gone = ending(spawned, keep).then((end) => {
    ended = end;
    return end;
  });
  for (const stream of [spawned.stdout, spawned.stderr]) {
    stream.setEncoding("utf8").on("data", keep);
    if (stream instanceof Socket) stream.unref();
  }
  // A server that a failed test forgot does not keep the process; the process takes it along.
  spawned.unref();
  return {
    pid: spawned.pid ?? -1,
    output: () => output,
    ended: () => ended,
    async stop() {
      spawned.ref();
      spawned.kill("SIGTERM");
      const insist = setTimeout(() => spawned.kill("SIGKILL"), graceMs);
      const end = await gone;
      clearTimeout(insist);
      return end;
    },
  };
}

/** Resolves when the program is gone and its output read; until then it is killed should this process end. */
async function ending(spawned: ChildProcess, complain: (text: string) => void): Promise<Ended> {
  const forget = atExit(() => spawned.kill("SIGKILL"));
  try {
    const [code, signal] = await once(spawned, "close");
    return { code, signal };
  } catch (error) {
    complain(String(error));
    return { code: -1, signal: null };
  } finally {
    forget();
  }
}

/** What a program said and how it ended, once it has. */
export interface Finished {
  readonly stdout: string;
  readonly stderr: string;
  /** The exit code; -1 when it could not be started or a signal ended it, `stderr` then says why. */
  readonly code: number;
}

export interface RunOptions {
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  readonly stdin?: string;
  readonly withinMs?: number;
}

/** Runs a program to its end; a failure is an answer, not an error. */
export async function run(
  command: string,
  args: readonly string[],
  { env, cwd, stdin = "", withinMs = 60_000 }: RunOptions = {},
): Promise<Finished> {
  const spawned = spawn(command, args, { env, cwd });
  // spawn's own timeout keeps the process alive when the program cannot be started.
  const limit = setTimeout(() => spawned.kill("SIGKILL"), withinMs);
  const said = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    spawned[name].setEncoding("utf8").on("data", (text: string) => {
      said[name] += text;
    });
  }
  // A program that ends without reading its input is not our failure.
  spawned.stdin.on("error", () => undefined).end(stdin);
  const { code, signal } = await ending(spawned, (text) => {
    said.stderr += text;
  });
  clearTimeout(limit);
  if (signal !== null)
    said.stderr += `\n${command} was ended by ${signal} (${withinMs} ms allowed)`;
  return { ...said, code: code ?? -1 };
}
