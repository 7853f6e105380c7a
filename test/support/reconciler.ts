import { join } from "node:path";
import { startChild } from "./child.ts";
import { projectFolder } from "./drop.ts";
import type { Kubernetes } from "./kubernetes.ts";

/** One line of its log. */
export interface LogLine {
  readonly level: string;
  readonly msg: string;
  /** When it was read, by `performance.now()`. */
  readonly seenAt: number;
  readonly [field: string]: unknown;
}

/** A running `drop reconciler`. */
export interface Reconciler {
  readonly identity: string;
  /** "http://127.0.0.1:PORT", where it serves health, metrics and its snapshot. */
  readonly healthUrl: string;
  /** All that it has logged so far. */
  log(): readonly LogLine[];
  /** The references of each pull Pod that it has created so far, in order. */
  pulls(): readonly (readonly string[])[];
  /** Ends it with SIGTERM and waits until it is gone; gives its exit code. */
  stop(): Promise<number | null>;
  /** Ends it with SIGKILL, as a machine that loses its power would. */
  kill(): void;
}

export interface ReconcilerOptions {
  /** Of the account that it acts as, see `installReconciler`. */
  readonly kubeconfigPath: string;
  /** References in a registry that the nodes reach. */
  readonly pauseImage: string;
  readonly helperImage: string;
  /** "reconciler-1" without it. */
  readonly identity?: string;
  /** Further flags. */
  readonly flags?: readonly string[];
}

const account = "system:serviceaccount:drop-system:drop-reconciler";
const overlay = join(projectFolder, "kustomize", "overlays", "reconciler");

/** Applies the overlay that people apply, and gives a kubeconfig of its service account: RBAC as it is shipped. */
export async function installReconciler(kubernetes: Kubernetes): Promise<string> {
  const { code, stderr } = await kubernetes.kubectl(["apply", "--server-side", "-k", overlay]);
  if (code !== 0) throw new Error(`kubectl apply -k failed: ${stderr}`);
  const groups = ["system:serviceaccounts", "system:serviceaccounts:drop-system"];
  const user = await kubernetes.addUser({ name: account, groups });
  return user.kubeconfigPath;
}

/** Starts it from source and waits until it follows the cluster, about a second. */
export async function startReconciler(options: ReconcilerOptions): Promise<Reconciler> {
  const {
    kubeconfigPath,
    pauseImage,
    helperImage,
    identity = "reconciler-1",
    flags = [],
  } = options;
  const lines: LogLine[] = [];
  let rest = "";
  const child = await startChild({
    command: process.execPath,
    args: [
      ...[join(projectFolder, "src", "cli", "main.ts"), "reconciler"],
      ...["--kubeconfig", kubeconfigPath, "--identity", identity],
      ...["--host", "127.0.0.1", "--health-port", "0", "--log-level", "debug"],
      ...["--pause-image", pauseImage, "--helper-image", helperImage, ...flags],
    ],
    env: { PATH: process.env["PATH"], HOME: "/nonexistent" },
    graceMs: 20_000,
    onOutput(text) {
      const whole = (rest + text).split("\n");
      rest = whole.pop() ?? "";
      for (const line of whole) lines.push(read(line));
    },
    ready: () => lines.some(({ msg }) => msg === "following"),
  });
  const following = lines.find(({ msg }) => msg === "following");
  return {
    identity,
    healthUrl: `http://127.0.0.1:${following?.["healthPort"]}`,
    log: () => lines,
    pulls: () => lines.flatMap((line) => (line.msg === "pulling" ? [referencesIn(line)] : [])),
    stop: async () => (await child.stop()).code,
    kill() {
      process.kill(child.pid, "SIGKILL");
    },
  };
}

/** What Node itself writes when it ends with an error is no JSON, and is kept as it is. */
function read(text: string): LogLine {
  const seenAt = performance.now();
  try {
    return { ...JSON.parse(text), seenAt };
  } catch {
    return { level: "error", msg: text, seenAt };
  }
}

function referencesIn({ images }: LogLine): readonly string[] {
  return Array.isArray(images) ? images.map(String) : [];
}
