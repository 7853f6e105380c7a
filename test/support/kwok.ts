import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { startChild } from "./child.ts";
import { makeFolder } from "./folder.ts";
import { ask } from "./http.ts";
import type { Kubernetes } from "./kubernetes.ts";
import { type PullRule, podStages } from "./kwok-stages.ts";
import { inParallel } from "./parallel.ts";
import { tool } from "./tools.ts";

/** A real kwok that plays nodes: it says of their Pods what a kubelet would. */
export interface Kwok {
  /** Registers nodes, many at a time, some hundred a second. */
  addNodes(nodes: readonly FakeNode[]): Promise<void>;
  output(): string;
  stop(): Promise<void>;
}

export interface KwokOptions {
  /** The first rule whose parts both fit decides; a pull that none fits succeeds. */
  readonly rules?: readonly PullRule[];
  /** How long all pulls of a Pod take together: the least and the most milliseconds. */
  readonly pullMs?: readonly [number, number];
  /** Whether each node renews a Lease as kubelets do, every 10 seconds. */
  readonly leases?: boolean;
}

/** A node that exists in the API server alone. */
export interface FakeNode {
  readonly name: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  /** Such as `taints` and `unschedulable`. */
  readonly spec?: Readonly<Record<string, unknown>>;
  /** Over that of a node with kubelet 1.36 and containerd 2.4. */
  readonly nodeInfo?: Readonly<Record<string, string>>;
  readonly images?: readonly { readonly names: readonly string[]; readonly sizeBytes: number }[];
  /** Over being Ready without any pressure: by the type of the condition, its status. */
  readonly conditions?: Readonly<Record<string, "True" | "False" | "Unknown">>;
}

/**
 * What an API server for kwok must be started with: kwok watches in a way that makes the server stream the whole list
 * first, which it cannot on an etcd before 3.4.25. And new nodes are not to be tainted until somebody sees them Ready:
 * here nobody looks.
 */
export const kwokServerFlags = {
  "feature-gates": "WatchList=false",
  "disable-admission-plugins": "ServiceAccount,TaintNodesByCondition",
} as const;

/** Starts kwok for the nodes that `addNodes` makes and for those with the annotation `kwok.x-k8s.io/node: fake`. */
export async function startKwok(kubernetes: Kubernetes, options: KwokOptions = {}): Promise<Kwok> {
  const folder = await makeFolder("kwok");
  try {
    const config = join(folder.path, "kwok.json");
    await writeFile(config, configuration(options));
    const child = await startChild({
      command: await tool("kwok"),
      args: [
        ...["--kubeconfig", kubernetes.kubeconfigPath, "--config", config],
        ...["--manage-nodes-with-annotation-selector", "kwok.x-k8s.io/node=fake"],
        ...["--node-lease-duration-seconds", options.leases ? "40" : "0"],
        ...["--server-address", "", "--node-ip", "127.0.0.1"],
      ],
      env: { PATH: process.env["PATH"], HOME: folder.path },
      ready: (output) => output.includes('"Watch nodes"'),
    });
    return {
      addNodes: (nodes) => inParallel(nodes, 32, (node) => create(kubernetes, node)),
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

function configuration({ rules = [], pullMs = [200, 1_000] }: KwokOptions): string {
  const settings = {
    apiVersion: "config.kwok.x-k8s.io/v1alpha1",
    kind: "KwokConfiguration",
    options: { nodePlayStageParallelism: 32, podPlayStageParallelism: 32 },
  };
  // JSON is YAML, and YAML lets several documents share a file.
  return [settings, ...podStages(rules, pullMs)].map((one) => JSON.stringify(one)).join("\n---\n");
}

async function create({ config }: Kubernetes, node: FakeNode): Promise<void> {
  const { caPem, certPem, keyPem } = config;
  const { status, body } = await ask(`${config.server}/api/v1/nodes`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(objectOf(node)),
    caPem,
    login: { certPem, keyPem },
  });
  if (status !== 201) throw new Error(`node ${node.name} was refused: ${body}`);
}

/** Nobody writes a fake node's status but who makes it, so a test may change it later and it stays. */
function objectOf(node: FakeNode): object {
  const { name, labels, annotations, spec, nodeInfo, images = [], conditions } = node;
  const own = {
    "kubernetes.io/hostname": name,
    "kubernetes.io/os": "linux",
    "kubernetes.io/arch": "amd64",
  };
  return {
    apiVersion: "v1",
    kind: "Node",
    metadata: {
      name,
      labels: { ...own, ...labels },
      annotations: { "kwok.x-k8s.io/node": "fake", ...annotations },
    },
    spec: { ...spec },
    status: {
      nodeInfo: { ...usual, ...nodeInfo },
      images,
      conditions: Object.entries({ ...healthy, ...conditions }).map(([type, status]) => ({
        type,
        status,
        reason: "Fake",
        lastHeartbeatTime: begin,
        lastTransitionTime: begin,
      })),
      allocatable: { cpu: "32", memory: "64Gi", pods: "110" },
      capacity: { cpu: "32", memory: "64Gi", pods: "110" },
    },
  };
}

const begin = "2026-01-01T00:00:00Z";
const healthy = {
  Ready: "True",
  MemoryPressure: "False",
  DiskPressure: "False",
  PIDPressure: "False",
} as const;

const usual = {
  architecture: "amd64",
  operatingSystem: "linux",
  kubeletVersion: "v1.36.3",
  containerRuntimeVersion: "containerd://2.4.2",
  kernelVersion: "6.1.0",
  osImage: "Debian GNU/Linux 12 (bookworm)",
  bootID: "fake",
  machineID: "fake",
  systemUUID: "fake",
  kubeProxyVersion: "",
};
