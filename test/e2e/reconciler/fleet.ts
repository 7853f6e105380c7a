import type { TestContext } from "node:test";
import type { AuditEvent } from "../../support/audit.ts";
import { startControllerManager } from "../../support/controller-manager.ts";
import { type Kubernetes, startKubernetes } from "../../support/kubernetes.ts";
import { type FakeNode, type KwokOptions, kwokServerFlags, startKwok } from "../../support/kwok.ts";
import { apply } from "../../support/pull-pods.ts";
import {
  installReconciler,
  type Reconciler,
  type ReconcilerOptions,
  startReconciler,
} from "../../support/reconciler.ts";
import { type StatusWatch, watchStatuses } from "../../support/status-watch.ts";
import { until } from "../../support/until.ts";
import { followPods, type PodHistory, type PodLife } from "./pod-history.ts";

/** A cluster of fake nodes with Drop installed as people install it, and eyes on what it does. */
export interface Fleet {
  readonly kubernetes: Kubernetes;
  /** The statuses of CachedImages. */
  readonly images: StatusWatch;
  readonly pods: PodHistory;
  addNodes(...nodes: readonly (string | FakeNode)[]): Promise<void>;
  /** Has pulls come to something else from now on. */
  changePulls(options: KwokOptions): Promise<void>;
  /** Starts a reconciler with RBAC as shipped; it ends with the test. */
  reconcile(
    options?: Pick<ReconcilerOptions, "identity" | "flags"> & { readonly user?: string },
  ): Promise<Reconciler>;
  create(...objects: readonly object[]): Promise<void>;
  /** What kubectl prints; throws when it fails. */
  kubectl(...args: readonly string[]): Promise<string>;
  /** Every request that a user has made until now. */
  requestsOf(user: string): Promise<readonly AuditEvent[]>;
}

/** The user that a reconciler acts as unless told otherwise. */
export const ACCOUNT = "system:serviceaccount:drop-system:drop-reconciler";

export interface FleetOptions extends KwokOptions {
  /** What an ownerReference has outlived is removed. */
  readonly collectsGarbage?: boolean;
}

/** Starts it all, some ten seconds; it ends with the test. */
export async function startFleet(t: TestContext, options: FleetOptions): Promise<Fleet> {
  const started: { stop(): Promise<unknown> }[] = [];
  t.after(async () => {
    for (const one of started.reverse()) await one.stop();
  });
  const crds = { crds: true, flags: kwokServerFlags, audit: "Metadata" } as const;
  const kubernetes = await startKubernetes(crds);
  started.push(kubernetes);
  let kwok = await startKwok(kubernetes, options);
  started.push({ stop: () => kwok.stop() });
  if (options.collectsGarbage === true) {
    started.push(await startControllerManager(kubernetes.kubeconfigPath));
  }
  const kubeconfigs = new Map([[ACCOUNT, await installReconciler(kubernetes)]]);
  const images = await watchStatuses(kubernetes, "cachedimages", 90_000);
  const pods = await followPods(kubernetes);
  started.push(images, pods);
  async function kubectl(...args: readonly string[]): Promise<string> {
    const { code, stdout, stderr } = await kubernetes.kubectl(args);
    if (code !== 0) throw new Error(`kubectl ${args.join(" ")} failed: ${stderr}`);
    return stdout;
  }
  /** Another user with the same rights, so that the audit log tells two replicas apart. */
  async function addTwin(name: string): Promise<string> {
    const user = `--user=${name}`;
    const cluster = ["clusterrolebinding", name, "--clusterrole=drop-reconciler"];
    await kubectl("create", ...cluster, user);
    for (const namespace of ["drop-system", "drop-pulls", "default"]) {
      const binding = ["rolebinding", name, "-n", namespace, "--role=drop-reconciler"];
      await kubectl("create", ...binding, user);
    }
    return (await kubernetes.addUser({ name })).kubeconfigPath;
  }
  return {
    ...{ kubernetes, images, pods, kubectl },
    addNodes: (...nodes) =>
      kwok.addNodes(nodes.map((node) => (typeof node === "string" ? { name: node } : node))),
    async changePulls(changed) {
      await kwok.stop();
      const left = new Set(pods.present().map(({ uid }) => uid));
      kwok = await startKwok(kubernetes, changed);
      const { rules = [] } = changed;
      const ends = ({ node }: PodLife) =>
        !rules.some(({ failure, node: part = "" }) => failure === undefined && node.includes(part));
      const unseen = () => pods.present().filter((life) => left.has(life.uid) && ends(life));
      await untilSeen(kubernetes, unseen);
    },
    async reconcile({ user = ACCOUNT, ...more } = {}) {
      const kubeconfigPath = kubeconfigs.get(user) ?? (await addTwin(user));
      kubeconfigs.set(user, kubeconfigPath);
      const own = { kubeconfigPath, pauseImage: "pause:1", helperImage: "helper:1" };
      const reconciler = await startReconciler({ ...own, ...more });
      started.push(reconciler);
      return reconciler;
    },
    create: (...objects) => apply(kubernetes, ...objects),
    async requestsOf(name) {
      const all = await kubernetes.audit();
      return all.filter(({ user }) => user.username === name);
    },
  };
}

/**
 * A kwok that begins may overlook Pods of nodes that it does not know yet, and they would pull for ever: each change
 * shows them to it again.
 */
async function untilSeen(kubernetes: Kubernetes, unseen: () => readonly PodLife[]): Promise<void> {
  let times = 0;
  async function show(): Promise<boolean> {
    const names = unseen().map(({ name }) => name);
    if (names.length === 0) return true;
    times += 1;
    // One of them may have gone meanwhile.
    const args = [
      "annotate",
      "pods",
      "-n",
      "drop-pulls",
      "--overwrite",
      ...names,
      `shown=${times}`,
    ];
    await kubernetes.kubectl(args);
    return false;
  }
  await until(show, { what: "the Pods of another kwok to end", withinMs: 60_000, everyMs: 500 });
}
