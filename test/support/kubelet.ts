import { existsSync, readdirSync, readlinkSync, rmSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { atExit } from "./at-exit.ts";
import { type Child, startChild } from "./child.ts";
import type { Containerd } from "./containerd.ts";
import { makeFolder } from "./folder.ts";
import { freePort } from "./free-port.ts";
import type { Kubernetes } from "./kubernetes.ts";
import { unmountBelow } from "./mounts.ts";
import { keepSettings } from "./sysctl.ts";
import { tool } from "./tools.ts";

/** A real kubelet that has registered a Ready node. */
export interface Kubelet {
  readonly nodeName: string;
  /** What it logged last. */
  output(): string;
  /** Ends it and takes away what it mounted; the Node stays, as that of a dead machine would. */
  stop(): Promise<void>;
}

export interface Taint {
  readonly key: string;
  readonly value?: string;
  readonly effect: "NoSchedule" | "PreferNoSchedule" | "NoExecute";
}

export interface KubeletOptions {
  readonly nodeName: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly taints?: readonly Taint[];
  /** How often it reports, changes or not: kubelet's own habit is 5 minutes; here 2 seconds without it. */
  readonly reportEverySeconds?: number;
  /** The longest list of images in the Node's status; kubelet's own default, 50, without it. */
  readonly nodeStatusMaxImages?: number;
  /** Further fields of KubeletConfiguration, over those of the tests. */
  readonly settings?: Readonly<Record<string, unknown>>;
}

/** Starts a kubelet on a containerd of its own and waits until its node is Ready, a few seconds; needs root. */
export async function startKubelet(
  kubernetes: Kubernetes,
  containerd: Containerd,
  options: KubeletOptions,
): Promise<Kubelet> {
  const { nodeName } = options;
  const folder = await makeFolder("kubelet");
  keepSettings("vm/overcommit_memory", "vm/panic_on_oom", "kernel/panic", "kernel/panic_on_oops");
  keepSettings("kernel/keys/root_maxkeys", "kernel/keys/root_maxbytes");
  function clean(): void {
    // Its Pods' processes end with the control group; what they held is unmounted all the same.
    unmountBelow(folder.path);
    removeLogLinks(folder.path);
  }
  const forget = atExit(clean);
  async function discard(): Promise<void> {
    clean();
    forget();
    await folder.remove();
  }
  let child: Child | undefined;
  try {
    child = await launch(folder.path, { kubernetes, containerd, options });
    await waitUntilReady(kubernetes, nodeName, child);
  } catch (error) {
    await child?.stop();
    await discard();
    throw error;
  }
  const running = child;
  return {
    nodeName,
    output: running.output,
    async stop() {
      await running.stop();
      await discard();
    },
  };
}

interface Launch {
  readonly kubernetes: Kubernetes;
  readonly containerd: Containerd;
  readonly options: KubeletOptions;
}

async function launch(folder: string, { kubernetes, containerd, options }: Launch): Promise<Child> {
  const { nodeName, labels = {} } = options;
  const config = join(folder, "config.json");
  await mkdir(join(folder, "logs"));
  await writeFile(join(folder, "resolv.conf"), "");
  await writeFile(config, JSON.stringify(await configuration(folder, containerd, options)));
  const pairs = Object.entries(labels).map(([key, value]) => `${key}=${value}`);
  return startChild({
    command: await tool("kubelet"),
    args: [
      `--config=${config}`,
      `--kubeconfig=${kubernetes.kubeconfigPath}`,
      `--hostname-override=${nodeName}`,
      `--root-dir=${join(folder, "root")}`,
      `--cert-dir=${join(folder, "pki")}`,
      `--node-labels=${pairs.join(",")}`,
      "--v=2",
    ],
    env: { PATH: process.env["PATH"], HOME: folder, TMPDIR: folder },
    ready: (output) => output.includes("Started kubelet"),
  });
}

async function configuration(folder: string, containerd: Containerd, options: KubeletOptions) {
  const { taints = [], reportEverySeconds = 2, nodeStatusMaxImages, settings } = options;
  return {
    apiVersion: "kubelet.config.k8s.io/v1beta1",
    kind: "KubeletConfiguration",
    containerRuntimeEndpoint: `unix://${containerd.socket}`,
    cgroupDriver: "cgroupfs",
    cgroupRoot: containerd.controlGroup.path,
    failCgroupV1: false,
    failSwapOn: false,
    enforceNodeAllocatable: [],
    // However small the disk, kubelet neither evicts Pods nor removes images by itself.
    evictionHard: { "memory.available": "1Mi" },
    imageGCHighThresholdPercent: 100,
    imageGCLowThresholdPercent: 99,
    address: "127.0.0.1",
    port: await freePort(),
    healthzPort: 0,
    authentication: { anonymous: { enabled: true }, webhook: { enabled: false } },
    authorization: { mode: "AlwaysAllow" },
    makeIPTablesUtilChains: false,
    clusterDNS: ["192.0.2.53"],
    clusterDomain: "cluster.local",
    resolvConf: join(folder, "resolv.conf"),
    podLogsDir: join(folder, "logs"),
    volumePluginDir: join(folder, "plugins"),
    nodeStatusUpdateFrequency: `${reportEverySeconds}s`,
    nodeStatusReportFrequency: `${reportEverySeconds}s`,
    ...(nodeStatusMaxImages !== undefined && { nodeStatusMaxImages }),
    ...(taints.length > 0 && { registerWithTaints: taints }),
    ...settings,
  };
}

async function waitUntilReady(
  { kubectl }: Kubernetes,
  nodeName: string,
  child: Child,
): Promise<void> {
  for (const what of ["create", "condition=Ready"]) {
    const args = ["wait", `--for=${what}`, `node/${nodeName}`, "--timeout=60s"];
    const { code, stderr } = await kubectl(args);
    if (code === 0) continue;
    throw new Error(`node ${nodeName} is not Ready: ${stderr}\nkubelet said:\n${child.output()}`);
  }
}

/** kubelet links every container's log from here, wherever the logs are. */
const logLinks = "/var/log/containers";

function removeLogLinks(folder: string): void {
  if (!existsSync(logLinks)) return;
  for (const name of readdirSync(logLinks)) {
    const link = join(logLinks, name);
    if (readlinkSync(link).startsWith(`${folder}/`)) rmSync(link);
  }
}
