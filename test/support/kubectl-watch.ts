import { dirname } from "node:path";
import { startChild } from "./child.ts";
import type { Kubernetes } from "./kubernetes.ts";
import { tool } from "./tools.ts";

/** What kubectl tells as things change. */
export interface KubectlWatch {
  stop(): Promise<void>;
}

/** Runs `kubectl get … --watch` with the arguments, which make it print a line for each change. */
export async function watchWithKubectl(
  { kubeconfigPath }: Kubernetes,
  args: readonly string[],
  onLine: (line: string) => void,
): Promise<KubectlWatch> {
  let rest = "";
  const child = await startChild({
    command: await tool("kubectl"),
    args: ["get", ...args, "--watch"],
    env: { PATH: process.env["PATH"], HOME: dirname(kubeconfigPath), KUBECONFIG: kubeconfigPath },
    onOutput(text) {
      const lines = (rest + text).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) onLine(line);
    },
    ready: () => true,
  });
  return {
    async stop() {
      await child.stop();
    },
  };
}
