import type { TestContext } from "node:test";
import {
  type Cluster,
  type ClusterNode,
  type ClusterOptions,
  startCluster,
} from "../../support/cluster.ts";
import { ask } from "../../support/http.ts";
import { apply } from "../../support/pull-pods.ts";
import {
  installReconciler,
  type Reconciler,
  type ReconcilerOptions,
  startReconciler,
} from "../../support/reconciler.ts";
import { type StatusWatch, watchStatuses } from "../../support/status-watch.ts";

/** A cluster with Drop installed as people install it, and eyes on what it says. */
export interface Bench extends Cluster {
  /** The statuses of CachedImages. */
  readonly images: StatusWatch;
  /** Starts a reconciler with RBAC as shipped; it ends with the test. */
  reconcile(options?: Pick<ReconcilerOptions, "identity" | "flags">): Promise<Reconciler>;
  create(...objects: readonly object[]): Promise<void>;
  /** What `kubectl get KIND NAME` prints, by the heads of its columns. */
  row(kind: string, name: string): Promise<Readonly<Record<string, string>>>;
  /** What kubectl prints; throws when it fails. */
  kubectl(...args: readonly string[]): Promise<string>;
}

/** What a whole control plane would do besides, of which these tests need a part. */
const controllers = [
  ...["garbage-collector-controller", "namespace-controller", "resourcequota-controller"],
  "node-lifecycle-controller",
];

/** Starts it all, some ten seconds; it ends with the test. */
export async function startBench(t: TestContext, options: ClusterOptions = {}): Promise<Bench> {
  const started: { stop(): Promise<unknown> }[] = [];
  t.after(async () => {
    // The last begun ends first: the reconciler gives its Lease back to an API server that is there.
    for (const one of started.reverse()) await one.stop();
  });
  const cluster = await startCluster({ crds: true, controllers, ...options });
  started.push(cluster);
  const { kubernetes, pauseImage, helperImage } = cluster;
  const kubeconfigPath = await installReconciler(kubernetes);
  const images = await watchStatuses(kubernetes, "cachedimages");
  started.push(images);
  async function kubectl(...args: readonly string[]): Promise<string> {
    const { code, stdout, stderr } = await kubernetes.kubectl(args);
    if (code !== 0) throw new Error(`kubectl ${args.join(" ")} failed: ${stderr}`);
    return stdout;
  }
  return {
    ...cluster,
    images,
    kubectl,
    async reconcile(more = {}) {
      const own = { kubeconfigPath, pauseImage, helperImage, ...more };
      const reconciler = await startReconciler(own);
      started.push(reconciler);
      return reconciler;
    },
    create: (...objects) => apply(kubernetes, ...objects),
    row: async (kind, name) => rowOf(await kubectl("get", kind, name)),
  };
}

/** Columns are as wide as their widest cell, and at least three spaces apart. */
function rowOf(printed: string): Readonly<Record<string, string>> {
  const [head = "", line = ""] = printed.split("\n");
  const names = [...head.matchAll(/\S+(?: \S+)*/g)];
  return Object.fromEntries(
    names.map(({ 0: name, index }, at) => [name, line.slice(index, names[at + 1]?.index).trim()]),
  );
}

/** The references among these that a node's runtime holds. */
export async function heldBy(
  { containerd }: ClusterNode,
  references: readonly string[],
): Promise<readonly string[]> {
  const held = new Set(await containerd.images());
  return references.filter((reference) => held.has(reference));
}

/** The digest that a node's runtime has a reference for; undefined where it has none. */
export async function digestOn(
  { containerd }: ClusterNode,
  reference: string,
): Promise<string | undefined> {
  const { stdout } = await containerd.ctr("images", "ls", `name==${reference}`);
  return /sha256:[0-9a-f]{64}/.exec(stdout)?.[0];
}

/** The lines of its log that tell of a right that it lacks, and its counter of such answers: both should be empty. */
export async function denials({ log, healthUrl }: Reconciler): Promise<readonly string[]> {
  const { body } = await ask(`${healthUrl}/metrics`);
  const counted = body.split("\n").filter((line) => /code="403"/.test(line));
  const told = log().map((line) => JSON.stringify(line));
  return [
    ...counted,
    ...told.filter((line) => /"code":403|is forbidden|cannot \w+ resource/.test(line)),
  ];
}
