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
export function drop(args: readonly string[], options?: DropOptions): Promise<Finished> {
  return dropAt(join(root, "src", "cli", "main.ts"), args, options);
}

/** Bundles `drop` into a folder as its users get it; gives its program, for `dropAt`. */
export async function bundleInto(folder: string): Promise<string> {
  const { code, stderr } = await run(process.execPath, [join(root, "scripts", "build.ts"), folder]);
  if (code !== 0) throw new Error(`the build failed: ${stderr}`);
  return join(folder, "drop.js");
}

/** As `drop`, the program at a path. */
export function dropAt(
  program: string,
  args: readonly string[],
  options: DropOptions = {},
): Promise<Finished> {
  const { stdin = "", cwd = root, env = {} } = options;
  return run(process.execPath, [program, ...args], {
    stdin,
    cwd,
    env: { PATH: process.env["PATH"] ?? "", HOME: "/nonexistent", ...env },
    withinMs: 60_000,
  });
}
