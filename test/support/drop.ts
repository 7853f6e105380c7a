import { join } from "node:path";
import { type Finished, run } from "./child.ts";

const root = join(import.meta.dirname, "..", "..");

/** Where the examples and CRDs are. */
export const projectFolder = root;

export interface DropOptions {
  readonly stdin?: string;
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs `drop` as a process of its own, from source, in an environment that holds nothing of the machine's. */
export function drop(args: readonly string[], options: DropOptions = {}): Promise<Finished> {
  const { stdin = "", cwd = root, env = {} } = options;
  return run(process.execPath, [join(root, "src", "cli", "main.ts"), ...args], {
    stdin,
    cwd,
    env: { PATH: process.env["PATH"] ?? "", HOME: "/nonexistent", ...env },
    withinMs: 60_000,
  });
}
