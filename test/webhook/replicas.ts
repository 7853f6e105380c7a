import { join } from "node:path";
import type { Backend } from "../support/balancer.ts";
import { type Child, startChild } from "../support/child.ts";
import { projectFolder } from "../support/drop.ts";

/** A `drop webhook` as a process of its own. */
export interface Replica {
  readonly child: Child;
  readonly backend: Backend;
}

/** Starts one from source with the pair in a folder, and waits until it serves. */
export async function startReplica(certificates: string): Promise<Replica> {
  const child = await startChild({
    command: process.execPath,
    args: [
      ...[join(projectFolder, "src", "cli", "main.ts"), "webhook", "--host", "127.0.0.1"],
      ...["--port", "0", "--health-port", "0"],
      ...["--tls-cert-file", join(certificates, "tls.crt")],
      ...["--tls-key-file", join(certificates, "tls.key")],
    ],
    ready: (output) => output.includes('"msg":"serving"'),
    graceMs: 40_000,
  });
  const lines = child.output().split("\n");
  const { port, healthPort } = JSON.parse(
    lines.find((line) => line.includes('"msg":"serving"')) ?? "",
  );
  return { child, backend: { port, healthUrl: `http://127.0.0.1:${healthPort}` } };
}

/** How often a replica's log says something. */
export function timesSaid({ child }: Replica, message: string): number {
  return child.output().split(`"msg":"${message}"`).length - 1;
}
