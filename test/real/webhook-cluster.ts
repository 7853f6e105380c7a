import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Child, run, startChild } from "../support/child.ts";
import { projectFolder } from "../support/drop.ts";
import { makeFolder } from "../support/folder.ts";
import { type Kubernetes, type KubernetesOptions, startKubernetes } from "../support/kubernetes.ts";
import { tool } from "../support/tools.ts";

/** The YAML that kubectl builds from a folder below kustomize/. */
export async function built(folder: string): Promise<string> {
  const kubectl = await tool("kubectl");
  const { code, stdout, stderr } = await run(kubectl, [
    "kustomize",
    join(projectFolder, "kustomize", folder),
  ]);
  if (code !== 0) throw new Error(`${folder}: ${stderr}`);
  return stdout;
}

/** An API server that calls the webhook as the shipped configurations say. */
export interface WebhookCluster {
  readonly kubernetes: Kubernetes;
  /** Starts `drop webhook` where the configurations point to. */
  startWebhook(): Promise<Child>;
}

export async function startWebhookCluster(
  more: Pick<KubernetesOptions, "audit"> = {},
): Promise<WebhookCluster> {
  const manifests = await makeFolder("webhook-manifests");
  const path = join(manifests.path, "webhook.yaml");
  await writeFile(path, await built("base/webhook"));
  const kubernetes = await startKubernetes({ ...more, crds: true, webhooks: [path] });
  await manifests.remove();
  const serving = kubernetes.config.webhook;
  if (serving === undefined) throw new Error("the webhook has no certificate");
  return {
    kubernetes,
    startWebhook: () =>
      startChild({
        command: process.execPath,
        args: [
          ...[join(projectFolder, "src", "cli", "main.ts"), "webhook", "--host", "127.0.0.1"],
          ...["--port", String(serving.port), "--health-port", "0"],
          ...["--tls-cert-file", serving.certPath, "--tls-key-file", serving.keyPath],
        ],
        ready: (output) => output.includes('"msg":"serving"'),
        graceMs: 0,
      }),
  };
}
