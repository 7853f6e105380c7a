import { execFile } from "node:child_process";
import { InputError } from "./files.ts";
import { MAX_FILE_BYTES } from "./limits.ts";

const TIMEOUT_MS = 300_000;

/** Programs that build a kustomization, in the order in which they are tried. */
const BUILDERS: readonly (readonly [string, readonly string[]])[] = [
  ["kustomize", ["build"]],
  ["kubectl", ["kustomize"]],
];

/** The manifests that kustomize builds from a folder. Throws InputError when it cannot. */
export async function buildKustomization(folder: string, signal: AbortSignal): Promise<string> {
  for (const [program, args] of BUILDERS) {
    const text = await build(program, [...args, "--", folder], signal);
    if (text !== undefined) return text;
  }
  throw new InputError(
    `${folder}: neither kustomize nor kubectl is installed`,
    "install one of them, or give the target inputs",
  );
}

/** What the program prints; undefined when there is no such program. */
function build(
  program: string,
  args: readonly string[],
  signal: AbortSignal,
): Promise<string | undefined> {
  const options = {
    signal,
    timeout: TIMEOUT_MS,
    maxBuffer: MAX_FILE_BYTES,
    encoding: "utf8",
  } as const;
  return new Promise((resolve, reject) => {
    execFile(program, args, options, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else if (error.code === "ENOENT") resolve(undefined);
      else if (signal.aborted) reject(signal.reason);
      else reject(failure(args.at(-1) ?? "", stderr, error));
    });
  });
}

function failure(folder: string, stderr: string, cause: Error): InputError {
  const said = stderr.trim().split("\n").slice(0, 5).join(" ").slice(0, 1000);
  const reason = said === "" ? cause.message : said;
  return new InputError(
    `${folder}: kustomize cannot build it: ${reason}`,
    "mend the kustomization, or give the target inputs",
    { cause },
  );
}
