import { type ChildProcess, spawn } from "node:child_process";
import { atExit } from "./at-exit.ts";
import type { Ended } from "./child.ts";
import { tool } from "./tools.ts";
import { until } from "./until.ts";

/** A program that runs on a terminal of its own, as `script` of util-linux opens one. */
export interface Pty {
  /** Types keys, such as `drop val\t` or `\u0003` for Ctrl-C. */
  type(keys: string): void;
  /** Everything that the program wrote so far, escape sequences included. */
  output(): string;
  /** Waits until what it wrote after the last wait contains the text. */
  shows(text: string | RegExp): Promise<void>;
  /** How it ended: a shell's code, 128 + n for a signal. */
  ended(): Promise<Ended>;
  /** Hangs up, as closing the window does. */
  close(): void;
}

export interface PtyOptions {
  /** A command line for the shell. */
  readonly command: string;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly columns?: number;
}

/** Starts a command line on a terminal; it is gone at the latest with this process. */
export async function openPty({ command, cwd, env, columns = 80 }: PtyOptions): Promise<Pty> {
  const line = `stty cols ${columns} rows 40; ${command}`;
  const child = spawn(await tool("script"), ["-qfec", line, "/dev/null"], {
    cwd,
    env: { PATH: process.env["PATH"] ?? "", SHELL: "/bin/sh", TERM: "xterm", ...env },
    stdio: ["pipe", "pipe", "pipe"],
  });
  const forget = atExit(() => child.kill("SIGKILL"));
  const said = collect(child);
  let seen = 0;
  const end = new Promise<Ended>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => {
      forget();
      resolve({ code, signal });
    });
  });
  return {
    type: (keys) => void child.stdin?.write(keys),
    output: () => said.text,
    async shows(text) {
      await until(
        () => {
          const at = indexAfter(said.text.slice(seen), text);
          if (at >= 0) seen += at;
          return at >= 0;
        },
        { what: `${text} on the terminal`, withinMs: 20_000 },
      ).catch((cause: unknown) => {
        const rest = JSON.stringify(said.text.slice(seen).slice(-2_000));
        throw new Error(`the terminal goes on with ${rest}`, { cause });
      });
    },
    ended: () => end,
    // The kernel then hangs up on whatever ran there; script itself would wait for it.
    close: () => void child.kill("SIGKILL"),
  };
}

function collect(child: ChildProcess): { readonly text: string } {
  const said = { text: "" };
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding("utf8").on("data", (text: string) => {
      said.text += text;
    });
  }
  child.stdin?.on("error", () => undefined);
  return said;
}

function indexAfter(text: string, wanted: string | RegExp): number {
  if (typeof wanted === "string") {
    const at = text.indexOf(wanted);
    return at < 0 ? -1 : at + wanted.length;
  }
  const found = wanted.exec(text);
  return found === null ? -1 : found.index + found[0].length;
}
