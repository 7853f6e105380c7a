import { rmSync } from "node:fs";
import { access, rm, writeFile } from "node:fs/promises";
import { atExit } from "./at-exit.ts";
import { run } from "./child.ts";
import { lastLines } from "./go-build.ts";
import { codeOf } from "./lock.ts";

/** Debian asks this program whether a package may start its service. */
const policy = "/usr/sbin/policy-rc.d";

const patience = ["-o", "Acquire::Retries=1", "-o", "Acquire::http::Timeout=15"];
let updated: Promise<string | undefined> | undefined;

/** Installs packages, their services left unstarted; gives the reason when that cannot be. */
export async function installWithApt(...names: string[]): Promise<string | undefined> {
  const name = names.join(" ");
  const apt = "/usr/bin/apt-get";
  const exists = await access(apt).then(
    () => true,
    () => false,
  );
  if (!exists) return "there is no apt-get to install Debian packages with";
  if (process.getuid?.() !== 0) return `only root may install the Debian package ${name}`;
  process.stderr.write(`installing the Debian package ${name} (about 1 minute)\n`);
  updated ??= runApt(["update", ...patience]);
  const mistake = await updated;
  if (mistake !== undefined) return mistake;
  const allow = await forbidServices();
  try {
    const wait = ["-o", "DPkg::Lock::Timeout=300"];
    return await runApt([
      "install",
      "-y",
      "--no-install-recommends",
      ...wait,
      ...patience,
      ...names,
    ]);
  } finally {
    await allow();
  }
}

async function runApt(args: readonly string[]): Promise<string | undefined> {
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive", RUNLEVEL: "1" };
  const { code, stdout, stderr } = await run("apt-get", args, { env, withinMs: 15 * 60_000 });
  if (code === 0) return undefined;
  return `apt-get ${args[0]} failed: ${lastLines(stderr || stdout)}`;
}

/** Keeps packages from starting daemons where systemd runs, unless the machine has a policy of its own. */
async function forbidServices(): Promise<() => Promise<void>> {
  try {
    await writeFile(policy, "#!/bin/sh\nexit 101\n", { mode: 0o755, flag: "wx" });
  } catch (error) {
    if (codeOf(error) === "EEXIST") return async () => undefined;
    throw error;
  }
  const forget = atExit(() => rmSync(policy, { force: true }));
  return async () => {
    await rm(policy, { force: true });
    forget();
  };
}
