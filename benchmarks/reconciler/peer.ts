import { ask } from "../../test/support/http.ts";
import { type Metadata, watchObjects } from "../../test/support/object-watch.ts";
import { inParallel } from "../../test/support/parallel.ts";
import { apply, restrictedNamespace, volumePod } from "../../test/support/pull-pods.ts";
import { type Fleet, references } from "./fleet.ts";
import { IMAGES_PER_POD, type Plan, podsPerNode } from "./plan.ts";

const NAMESPACE = "peer";

/** Nodes that each place of the policy gets, one after the other. */
const ROUNDS = 2;

/**
 * How many times longer than the pulls alone the simplest loop takes for the same Pods at the same pace: create a Pod,
 * watch until it has ended, delete it, create the next. What it takes more is the API server's and the fake nodes'.
 */
export async function plainLoop(fleet: Fleet, plan: Plan): Promise<number> {
  const { kubernetes, nodes } = fleet;
  await apply(kubernetes, restrictedNamespace(NAMESPACE));
  const ends = new Map<string, () => void>();
  const path = `/api/v1/namespaces/${NAMESPACE}/pods`;
  const watch = await watchObjects<PodEnding>(kubernetes, path, ({ object }) => {
    if (object.status.phase === "Succeeded") ends.get(object.metadata.name)?.();
  });
  const some = nodes.slice(0, plan.maxConcurrentNodes * ROUNDS);
  const began = performance.now();
  await inParallel(some, plan.maxConcurrentNodes, async (node) => {
    for (let pod = 0; pod < podsPerNode(plan); pod++) {
      const name = `${node}-${pod}`;
      const ended = new Promise<void>((resolve) => ends.set(name, resolve));
      await send(fleet, "POST", "", podOf(plan, { name, node, pod }));
      await Promise.race([ended, watch.broken]);
      await send(fleet, "DELETE", `/${name}`, { gracePeriodSeconds: 0 });
    }
  });
  const tookMs = performance.now() - began;
  watch.stop();
  return tookMs / (ROUNDS * podsPerNode(plan) * plan.pullMs);
}

interface PodEnding {
  readonly metadata: Metadata;
  readonly status: { readonly phase: string };
}

interface PeerPod {
  readonly name: string;
  readonly node: string;
  /** The first, second … of its node. */
  readonly pod: number;
}

function podOf(plan: Plan, { name, node, pod }: PeerPod): object {
  const first = pod * IMAGES_PER_POD;
  const pulls = references(plan)
    .slice(first, first + IMAGES_PER_POD)
    .map((reference, at) => ({ name: `image-${at}`, reference }));
  return volumePod("registry.k8s.io/pause:3.10.1", {
    ...{ namespace: NAMESPACE, name, nodeName: node, pulls },
  });
}

async function send({ kubernetes }: Fleet, method: string, path: string, body: object) {
  const { server, caPem, certPem, keyPem } = kubernetes.config;
  const answer = await ask(`${server}/api/v1/namespaces/${NAMESPACE}/pods${path}`, {
    method,
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
    ...{ caPem, login: { certPem, keyPem } },
  });
  if (answer.status >= 300) throw new Error(`${method} was answered ${answer.body}`);
}
