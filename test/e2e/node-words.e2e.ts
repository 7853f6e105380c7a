import { test } from "node:test";
import { type Cluster, requireCluster, startCluster } from "../support/cluster.ts";
import { pushImage } from "../support/images.ts";
import { type PodWatch, type Said, watchPods } from "../support/pod-watch.ts";
import {
  apply,
  type PullPodOptions,
  podWhen,
  restrictedNamespace,
  volumePod,
} from "../support/pull-pods.ts";
import { assertRecorded } from "../support/recorded.ts";
import { until } from "../support/until.ts";

const namespace = "pulls";

/** Each node is in a trouble of its own. */
const nodes = [
  { nodeName: "single", settings: { maxPods: 1 } },
  { nodeName: "full", runtime: { diskSize: "16m" } },
  { nodeName: "hurried", settings: { registryPullQPS: 1, registryBurst: 1 } },
  { nodeName: "pressed", settings: { evictionHard: { "nodefs.available": "99.9%" } } },
] as const;

interface Case {
  readonly name: string;
  readonly nodeName: (typeof nodes)[number]["nodeName"];
  /** What the Pod has beside a pull Pod's. */
  readonly spec?: object;
  readonly pulls: PullPodOptions["pulls"];
  /** The container that it is about; the Pod as a whole without it. */
  readonly container?: string;
  /** The first word that is of interest. */
  readonly reason: string;
}

const small = { name: "small", reference: "registry.example.com/team/small:1" };
const big = { name: "big", reference: "registry.example.com/team/big:1" };

const cases: readonly Case[] = [
  { name: "one Pod too many", nodeName: "single", pulls: [small], reason: "OutOfpods" },
  {
    name: "other labels",
    nodeName: "full",
    spec: { nodeSelector: { "example.com/pool": "none" } },
    pulls: [small],
    reason: "NodeAffinity",
  },
  {
    name: "deadline of the Pod",
    nodeName: "hurried",
    spec: { activeDeadlineSeconds: 1 },
    pulls: [{ name: "small", reference: "registry.example.com/team/small:none" }],
    reason: "DeadlineExceeded",
  },
  { name: "disk pressure", nodeName: "pressed", pulls: [small], reason: "Evicted" },
  {
    name: "disk full",
    nodeName: "full",
    pulls: [big],
    container: "big",
    reason: "ErrImagePull",
  },
  {
    name: "kubelet's own limit",
    nodeName: "hurried",
    // Each fails at once, and the next is tried.
    pulls: Array.from({ length: 6 }, (_, at) => ({
      name: `missing-${at}`,
      reference: `registry.example.com/team/small:none-${at}`,
    })),
    container: "missing-5",
    reason: "ErrImagePull",
  },
];

test("nodes in trouble speak in the words that the classification was written for", async (t) => {
  if (!(await requireCluster(t))) return;
  const cluster = await startCluster({ crds: false, nodes });
  t.after(() => cluster.stop());
  await prepare(cluster);
  const watch = await watchPods(cluster.kubernetes, namespace);
  t.after(() => watch.stop());
  const pods = cases.map((one, at) => podOf(cluster, one, at));
  await apply(cluster.kubernetes, ...pods);
  const said = () => cases.map((one, at) => wordsOf(watch, one, at));
  const wait = { what: "every node's words", withinMs: 60_000, everyMs: 200 };
  await until(() => said().every((words) => words !== undefined), wait).catch((cause) => {
    throw new Error(`only this was said: ${JSON.stringify(said())}`, { cause });
  });
  const now = cases.map(({ name, container }, at) => ({
    case: name,
    of: container === undefined ? "pod" : "container",
    ...said()[at],
  }));
  await assertRecorded("node-kubelet-1.36.json", now);
});

async function prepare({ kubernetes, registry, nodes: all, pauseImage }: Cluster): Promise<void> {
  const noise = Array.from({ length: 64 }, () => Math.random().toString(36).repeat(50_000));
  await pushImage(registry, "team/big", ["1"], { files: { "/noise": noise.join("") } });
  await pushImage(registry, "team/small", ["1"], { files: { "/small": "small" } });
  for (const { containerd } of all)
    await containerd.addRegistry("registry.example.com", { url: registry.url });
  await apply(kubernetes, restrictedNamespace(namespace));
  const stay: { spec?: object } = volumePod(pauseImage, {
    namespace,
    name: "stay",
    nodeName: "single",
    pulls: [small],
  });
  await apply(kubernetes, JSON.parse(JSON.stringify(stay).replace('"/pause","-v"', '"/pause"')));
  await podWhen(kubernetes, [namespace, "stay"], ({ status }) => status.phase === "Running");
  const args = ["wait", "--for=condition=DiskPressure", "node/pressed", "--timeout=60s"];
  const { code, stderr } = await kubernetes.kubectl(args);
  if (code !== 0) throw new Error(stderr);
}

function podOf({ pauseImage }: Cluster, { nodeName, pulls, spec }: Case, at: number): object {
  const whole: { spec?: object } = volumePod(pauseImage, {
    namespace,
    name: `case-${at}`,
    nodeName,
    pulls,
  });
  return { ...whole, spec: { ...whole.spec, ...spec } };
}

function wordsOf(watch: PodWatch, { container, reason }: Case, at: number): Said | undefined {
  const all =
    container === undefined
      ? watch.ofPod(`case-${at}`)
      : watch.ofContainer(`case-${at}`, container);
  const found = all.find((one) => one.reason === reason);
  return found && { ...found, message: settle(found.message) };
}

/** What differs from run to run becomes the same in each. */
function settle(message: string): string {
  return message
    .replaceAll(/\/tmp\/drop-test-containerd-\w+-\w+/g, "/run")
    .replaceAll(/containerd-mount\d+/g, "containerd-mount1")
    .replaceAll(/extract-\d+-\S+/g, "extract-1")
    .replaceAll(/sha256:[0-9a-f]{64}/g, `sha256:${"1".repeat(64)}`);
}
