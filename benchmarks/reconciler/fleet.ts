import { setTimeout as pause } from "node:timers/promises";
import { cachedImage, pullPolicy, under } from "../../test/e2e/reconciler/objects.ts";
import { ask } from "../../test/support/http.ts";
import { type Kubernetes, startKubernetes } from "../../test/support/kubernetes.ts";
import { type Kwok, kwokServerFlags, startKwok } from "../../test/support/kwok.ts";
import { apply } from "../../test/support/pull-pods.ts";
import { installReconciler } from "../../test/support/reconciler.ts";
import { until } from "../../test/support/until.ts";
import type { Plan } from "./plan.ts";

/** An API server with many nodes, CachedImages whose policy is missing, and Drop's rights. */
export interface Fleet {
  readonly kubernetes: Kubernetes;
  readonly kwok: Kwok;
  readonly nodes: readonly string[];
  /** Of the account that the reconciler acts as. */
  readonly kubeconfigPath: string;
  stop(): Promise<void>;
}

/** The reconciler's user, as the audit log names it. */
export const ACCOUNT = "system:serviceaccount:drop-system:drop-reconciler";

const POLICY = "fleet";

export async function startFleet(plan: Plan): Promise<Fleet> {
  const kubernetes = await startKubernetes({
    crds: true,
    flags: kwokServerFlags,
    audit: "Metadata",
  });
  const kwok = await startKwok(kubernetes, { pullMs: [plan.pullMs, plan.pullMs] });
  const nodes = Array.from({ length: plan.nodes }, (_, at) => `node-${at}`);
  await kwok.addNodes(nodes.map((name) => ({ name })));
  const kubeconfigPath = await installReconciler(kubernetes);
  await apply(kubernetes, ...references(plan).map(imageAt));
  return {
    ...{ kubernetes, kwok, nodes, kubeconfigPath },
    async stop() {
      await kwok.stop();
      await kubernetes.stop();
    },
  };
}

/** What is pulled, in order. */
export function references({ images }: Plan): readonly string[] {
  return Array.from({ length: images }, (_, at) => `registry.example.com/team/app-${at}:1.${at}.0`);
}

function imageAt(reference: string, at: number): object {
  return cachedImage(`app-${at}`, reference, under(POLICY));
}

/** Lets the reconciler begin: until its policy is there, every image waits. */
export async function begin({ kubernetes }: Fleet, { maxConcurrentNodes }: Plan): Promise<void> {
  await apply(kubernetes, pullPolicy(POLICY, { maxConcurrentNodes }));
}

/** Resolves when every CachedImage says that all its nodes have it. */
export async function converged({ kubernetes, nodes }: Fleet, plan: Plan): Promise<void> {
  const all = `True:${nodes.length}/${nodes.length}`;
  const format =
    '{range .items[*]}{.status.conditions[?(@.type=="Ready")].status}:{.status.ready} {end}';
  const args = ["get", "cachedimages", "--output", `jsonpath=${format}`];
  await until(
    async () => {
      const { stdout } = await kubernetes.kubectl(args);
      const said = stdout.trim().split(" ");
      return said.length === plan.images && said.every((one) => one === all);
    },
    { what: "every image to be on every node", withinMs: 3_600_000, everyMs: 1_000 },
  );
}

/** As kubelets with nothing to tell: each node's status says every five minutes that it is still so. */
const HEARTBEAT_MS = 300_000;

/** Writes heartbeats of all nodes, evenly, until aborted; gives how many. */
export async function heartbeats(
  { kubernetes: { config }, nodes }: Fleet,
  signal: AbortSignal,
): Promise<number> {
  const { server, caPem, certPem, keyPem } = config;
  for (let count = 0; ; count++) {
    const name = nodes[count % nodes.length];
    const now = new Date().toISOString().replace(/\.\d+/, "");
    const conditions = [{ type: "Ready", lastHeartbeatTime: now }];
    const { status, body } = await ask(`${server}/api/v1/nodes/${name}/status`, {
      method: "PATCH",
      headers: { "content-type": "application/strategic-merge-patch+json" },
      body: JSON.stringify({ status: { conditions } }),
      ...{ caPem, login: { certPem, keyPem } },
    });
    if (status !== 200) throw new Error(`a heartbeat was refused: ${body}`);
    await pause(HEARTBEAT_MS / nodes.length, undefined, { signal }).catch(() => undefined);
    if (signal.aborted) return count + 1;
  }
}
