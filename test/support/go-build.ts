import { chmod, mkdir, rename, rm, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { run } from "./child.ts";
import type { GoBuild } from "./tool.ts";
import { goFolder, pinnedVersion } from "./tool-table.ts";

/** Where built programs are kept between runs; the checkout stays clean. */
export function cacheFolder(): string {
  return process.env["DROP_TEST_TOOLS"] || join(homedir(), ".cache", "drop-images", "tools");
}

/** The file that says which version of a program the cache holds. */
export function stampOf(name: string): string {
  return join(cacheFolder(), "stamps", name);
}

const longestMs = 40 * 60_000;

/** Builds a program into the cache; gives the reason when that fails. */
export async function buildWithGo(name: string, build: GoBuild): Promise<string | undefined> {
  const version = await pinnedVersion(build);
  const go = await run("go", ["version"]);
  if (go.code !== 0) return `Go does not run here: ${go.stderr.trim()}`;
  process.stderr.write(`building ${name} ${version} with Go (about ${build.takes} on two cores)\n`);
  const bin = join(cacheFolder(), "bin");
  await mkdir(bin, { recursive: true });
  const unfinished = join(bin, `.${name}.${process.pid}`);
  try {
    const built = await run("go", buildArgs({ build, version, output: unfinished }), {
      cwd: goFolder(build),
      env: { ...process.env, CGO_ENABLED: "0", GOWORK: "off" },
      withinMs: longestMs,
    });
    if (built.code !== 0) return `go build failed: ${lastLines(built.stderr)}`;
    await chmod(unfinished, 0o755);
    await rename(unfinished, join(bin, name));
    await stamp(name, version);
    return undefined;
  } finally {
    await rm(unfinished, { force: true });
  }
}

interface BuildArgs {
  readonly build: GoBuild;
  readonly version: string;
  readonly output: string;
}

function buildArgs({ build, version, output }: BuildArgs): readonly string[] {
  const stamped = (build.versionIn ?? []).map((variable) => `-X ${variable}=${version}`);
  const linker = ["-s -w", ...stamped].join(" ");
  return ["build", "-mod=readonly", "-trimpath", "-ldflags", linker, "-o", output, build.program];
}

/** Written after the program is in place: a crash in between costs a build, never a wrong version. */
async function stamp(name: string, version: string): Promise<void> {
  const path = stampOf(name);
  await mkdir(join(path, ".."), { recursive: true });
  await writeFile(`${path}.${process.pid}`, `${version}\n`);
  await rename(`${path}.${process.pid}`, path);
}

/** The end of a long output, where the reason is. */
export function lastLines(text: string): string {
  return text.trim().split("\n").slice(-5).join("\n");
}
