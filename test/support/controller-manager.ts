import { makeCertificate } from "./certificate.ts";
import { startChild } from "./child.ts";
import { makeFolder } from "./folder.ts";
import { freePort } from "./free-port.ts";
import { ask } from "./http.ts";
import { tool } from "./tools.ts";

/** A real kube-controller-manager with the controllers that a test needs. */
export interface ControllerManager {
  output(): string;
  stop(): Promise<void>;
}

/** Starts it, by default with garbage collection alone, which removes what an ownerReference has outlived. */
export async function startControllerManager(
  kubeconfigPath: string,
  controllers: readonly string[] = ["garbage-collector-controller"],
): Promise<ControllerManager> {
  const folder = await makeFolder("controller-manager");
  try {
    const { caPem, certPath, keyPath } = await makeCertificate(folder.path);
    const port = await freePort();
    const child = await startChild({
      command: await tool("kube-controller-manager"),
      args: [
        `--kubeconfig=${kubeconfigPath}`,
        `--controllers=${controllers.join(",")}`,
        "--leader-elect=false",
        "--bind-address=127.0.0.1",
        `--secure-port=${port}`,
        `--tls-cert-file=${certPath}`,
        `--tls-private-key-file=${keyPath}`,
      ],
      env: { PATH: process.env["PATH"], HOME: folder.path },
      ready: async () => {
        const url = `https://127.0.0.1:${port}/healthz`;
        return (await ask(url, { caPem })).status === 200;
      },
    });
    return {
      output: child.output,
      async stop() {
        await child.stop();
        await folder.remove();
      },
    };
  } catch (error) {
    await folder.remove();
    throw error;
  }
}
