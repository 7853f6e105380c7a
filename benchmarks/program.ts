import { cpus } from "node:os";
import { join } from "node:path";
import { bundleInto, projectFolder } from "../test/support/drop.ts";

/** Bundles Drop as users get it; gives the path of its program. */
export function buildDrop(): Promise<string> {
  return bundleInto(join(projectFolder, "dist"));
}

/** What it was measured on, in one line. */
export function machineText(): string {
  const cores = cpus();
  const model = cores[0]?.model.trim() ?? "an unknown processor";
  return `${cores.length} cores of ${model}, Node.js ${process.versions.node}, ${process.platform}`;
}
