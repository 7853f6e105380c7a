import { type TestContext, test } from "node:test";
import { type Cluster, requireCluster, startCluster } from "../support/cluster.ts";
import { testCredentials } from "../support/credentials.ts";
import { watchPods } from "../support/pod-watch.ts";
import { apply, podWhen, restrictedNamespace, succeeded } from "../support/pull-pods.ts";
import { assertRecorded } from "../support/recorded.ts";
import { until } from "../support/until.ts";
import { cases, startHosts } from "./messages/cases.ts";
import { batchesFor, namespace, podOf, type SaidInTrial, saidIn } from "./messages/trial.ts";

// All at once and without a limit of kubelet's own, for each case is about the registry.
const settings = { registryPullQPS: 0, serializeImagePulls: false };

/** Each node's words are a file of their own. */
const nodes = [
  { nodeName: "containerd-2.4", settings, runtime: {} },
  { nodeName: "containerd-2.4-local-pull", settings, runtime: { pullsLocally: true } },
] as const;

test("kubelet and containerd fail in the words that the classification was written for", async (t) => {
  if (!(await requireCluster(t))) return;
  const cluster = await startCluster({ crds: false, nodes });
  t.after(() => cluster.stop());
  t.after(await startHosts(cluster));
  const now = await tryAll(t, cluster);
  for (const { nodeName } of nodes) {
    await t.test(nodeName, () =>
      assertRecorded(`kubelet-1.36-${nodeName}.json`, now.get(nodeName) ?? []),
    );
  }
});

async function tryAll(
  t: TestContext,
  cluster: Cluster,
): Promise<ReadonlyMap<string, readonly SaidInTrial[]>> {
  const { kubernetes } = cluster;
  await apply(kubernetes, restrictedNamespace(namespace), login("right"), login("wrong"));
  for (const { nodeName } of nodes) await pullWithLogin(cluster, nodeName);
  const watch = await watchPods(kubernetes, namespace);
  t.after(() => watch.stop());
  const batches = nodes.flatMap(({ nodeName }) => batchesFor(nodeName, cases));
  await apply(kubernetes, ...batches.map((batch) => podOf(cluster, batch)));
  const trials = batches.flatMap(({ podName, trials }) =>
    trials.map((trial) => ({ trial, said: () => saidIn(watch, podName, trial) })),
  );
  const silent = () => trials.filter(({ said }) => said().length === 0);
  const wait = { what: "kubelet to have its say on every case", withinMs: 300_000, everyMs: 200 };
  await until(() => silent().length === 0, wait).catch((cause) => {
    const left = silent().map(({ trial }) => `${trial.one.name} (${trial.method})`);
    throw new Error(`nothing that lasts was said of ${left.join(", ")}`, { cause });
  });
  return new Map(
    nodes.map(({ nodeName }) => {
      const own = trials.filter(({ trial }) => trial.nodeName === nodeName);
      return [nodeName, own.flatMap(({ said }) => said())];
    }),
  );
}

/** Kubelet remembers with whose login an image came. */
async function pullWithLogin(cluster: Cluster, nodeName: string): Promise<void> {
  const reference = "private.example.com/team/known:1";
  const one = { name: "known", reference, secret: "right" } as const;
  const trial = { one, method: "helper", nodeName, name: "pull" } as const;
  const batch = { podName: `${nodeName}-known`, trials: [trial] };
  await apply(cluster.kubernetes, podOf(cluster, batch));
  await podWhen(cluster.kubernetes, [namespace, batch.podName], succeeded);
}

function login(name: "right" | "wrong"): object {
  const account = name === "right" ? testCredentials : { username: "drop", password: "wrong" };
  const auths = { "private.example.com": account, "tokens.example.com": account };
  return {
    apiVersion: "v1",
    kind: "Secret",
    metadata: { namespace, name },
    type: "kubernetes.io/dockerconfigjson",
    stringData: { ".dockerconfigjson": JSON.stringify({ auths }) },
  };
}
