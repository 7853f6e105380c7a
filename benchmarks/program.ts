import { cpus } from "node:os";
import { join } from "node:path";
import { run } from "../test/support/child.ts";
import { projectFolder } from "../test/support/drop.ts";

/** Bundles Drop as users get it; gives the path of its program. */
export async function buildDrop(): Promise<string> {
  const { code, stderr } = await run(process.execPath, [
    join(projectFolder, "scripts", "build.ts"),
  ]);
  if (code !== 0) throw new Error(`the build failed: ${stderr}`);
  return join(projectFolder, "dist", "drop.js");
}

/** What it was measured on, in one line. */
export function machineText(): string {
  const cores = cpus();
  const model = cores[0]?.model.trim() ?? "an unknown processor";
  return `${cores.length} cores of ${model}, Node.js ${process.versions.node}, ${process.platform}`;
}
