import type { TestContext } from "node:test";
import { type Containerd, type ContainerdOptions, startContainerd } from "./containerd.ts";
import { type ControllerManager, startControllerManager } from "./controller-manager.ts";
import { helperImage, pauseImage, pushImage } from "./images.ts";
import { type Kubelet, type KubeletOptions, startKubelet } from "./kubelet.ts";
import { type Kubernetes, type KubernetesOptions, startKubernetes } from "./kubernetes.ts";
import { type Registry, startDistribution } from "./registry.ts";
import { requireTool } from "./tools.ts";

/** A kubelet with the containerd that it drives. */
export interface ClusterNode {
  readonly kubelet: Kubelet;
  readonly containerd: Containerd;
  stop(): Promise<void>;
}

/** A whole cluster on this machine: API server, garbage collection, nodes that run Pods, a registry. */
export interface Cluster {
  readonly kubernetes: Kubernetes;
  readonly controllerManager: ControllerManager;
  readonly registry: Registry;
  /** In the order of the options. */
  readonly nodes: readonly ClusterNode[];
  /** The first of them. */
  readonly node: ClusterNode;
  /** References in the registry of what pull Pods run. */
  readonly pauseImage: string;
  readonly helperImage: string;
  stop(): Promise<void>;
}

export interface ClusterOptions extends Partial<KubernetesOptions> {
  /** One node named "node-a" without it. */
  readonly nodes?: readonly NodeOptions[];
  readonly controllers?: readonly string[];
}

export interface NodeOptions extends KubeletOptions {
  readonly runtime?: Pick<ContainerdOptions, "diskSize" | "pullsLocally">;
}

/** Skips a test loudly where no cluster can run, and says so with `false`; with CI=true it fails the test. */
export async function requireCluster(t: TestContext): Promise<boolean> {
  const reason = whyNoNode();
  if (reason === undefined) return requireTool(t, ...clusterTools);
  if (process.env["CI"] === "true") throw new Error(reason);
  process.stderr.write(`SKIPPED: ${reason}\n`);
  t.skip(reason);
  return false;
}

const clusterTools = [
  ...(["kube-apiserver", "etcd", "kubectl", "kube-controller-manager", "kubelet"] as const),
  ...(["containerd", "containerd-shim-runc-v2", "ctr", "runc", "ptp", "host-local"] as const),
  ...(["registry", "umoci", "skopeo", "gcc", "busybox"] as const),
] as const;

function whyNoNode(): string | undefined {
  if (process.platform !== "linux") return "kubelet runs on Linux only";
  return process.getuid?.() === 0 ? undefined : "only root may start a kubelet; run it with sudo";
}

/** Starts everything, about ten seconds; needs root. */
export async function startCluster(options: ClusterOptions = {}): Promise<Cluster> {
  const { nodes: wanted = [{ nodeName: "node-a" }], controllers, crds = true, ...rest } = options;
  const started: { stop(): Promise<void> }[] = [];
  function keep<T extends { stop(): Promise<void> }>(server: T): T {
    started.push(server);
    return server;
  }
  async function stop(): Promise<void> {
    for (const server of started.reverse()) await server.stop();
  }
  try {
    const registry = keep(await startDistribution());
    const images = await pushOwnImages(registry);
    const kubernetes = keep(await startKubernetes({ crds, ...rest }));
    const { kubeconfigPath } = kubernetes;
    const controllerManager = keep(await startControllerManager(kubeconfigPath, controllers));
    const nodes: ClusterNode[] = [];
    for (const one of wanted)
      nodes.push(keep(await startNode({ kubernetes, registry, ...images }, one)));
    const [node] = nodes;
    if (node === undefined) throw new Error("a cluster needs a node");
    return { kubernetes, controllerManager, registry, nodes, node, ...images, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

interface OwnImages {
  readonly pauseImage: string;
  readonly helperImage: string;
}

async function pushOwnImages(registry: Registry): Promise<OwnImages> {
  const pause = await pauseImage();
  await pushImage(registry, "pause", ["1"], pause);
  await pause.remove();
  await pushImage(registry, "busybox", ["1-musl"], await helperImage());
  return {
    pauseImage: `${registry.host}/pause:1`,
    helperImage: `${registry.host}/busybox:1-musl`,
  };
}

/** Starts one more node in a cluster, on a containerd of its own. */
export async function startNode(
  { kubernetes, registry, pauseImage }: Pick<Cluster, "kubernetes" | "registry" | "pauseImage">,
  { runtime, ...options }: NodeOptions,
): Promise<ClusterNode> {
  const { host, url, caPem } = registry;
  const registries = { [host]: { url, caPem } };
  const containerd = await startContainerd({ sandboxImage: pauseImage, registries, ...runtime });
  try {
    const kubelet = await startKubelet(kubernetes, containerd, options);
    return {
      kubelet,
      containerd,
      async stop() {
        await kubelet.stop();
        await containerd.stop();
      },
    };
  } catch (error) {
    await containerd.stop();
    throw error;
  }
}
