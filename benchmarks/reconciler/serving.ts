import { startChild } from "../../test/support/child.ts";
import { ask } from "../../test/support/http.ts";
import { peakMiB, processorSeconds } from "../usage.ts";

/** A running `drop reconciler` under measurement. */
export interface Serving {
  /** The resident set at most so far, MiB. */
  peakMiB(): number;
  /** Processor time so far, seconds. */
  processorSeconds(): number;
  /** The values of a metric without labels or of its every series together. */
  metric(name: string): Promise<number>;
  stop(): Promise<void>;
}

export interface ServingOptions {
  /** Of the bundle. */
  readonly program: string;
  readonly kubeconfigPath: string;
  /** A folder for profiles of processor and heap; undefined: none are made, as they cost both. */
  readonly profile: string | undefined;
}

/** Starts Drop as people run it and waits until it leads. */
export async function startServing(options: ServingOptions): Promise<Serving> {
  const { program, kubeconfigPath, profile } = options;
  const profiling = profile === undefined ? [] : ["--cpu-prof", "--cpu-prof-dir", profile];
  const child = await startChild({
    command: process.execPath,
    args: [
      ...[...profiling, program, "reconciler", "--kubeconfig", kubeconfigPath],
      ...["--identity", "bench", "--host", "127.0.0.1", "--health-port", "0"],
      ...["--kube-api-qps", "500", "--kube-api-burst", "1000"],
    ],
    // In a Pod the file system is read-only: Node finds nowhere to keep compiled code.
    env: { PATH: process.env["PATH"], HOME: "/nonexistent", NODE_DISABLE_COMPILE_CACHE: "1" },
    graceMs: 20_000,
    ready: (output) => output.includes('"leading"'),
  });
  const port = /"healthPort":(\d+)/.exec(child.output())?.[1];
  return {
    peakMiB: () => peakMiB(child.pid),
    processorSeconds: () => processorSeconds(child.pid),
    async metric(name) {
      const { body } = await ask(`http://127.0.0.1:${port}/metrics`);
      const lines = body.split("\n").filter((line) => new RegExp(`^${name}[{ ]`).test(line));
      return lines.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(" "))), 0);
    },
    async stop() {
      const { code } = await child.stop();
      if (code !== 0) throw new Error(`it ended with ${code}: ${child.output().slice(-2_000)}`);
    },
  };
}
