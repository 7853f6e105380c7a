import assert from "node:assert/strict";
import { policyKeyOf, TURN_KEPT_MS } from "../../../src/reconciler/ledger/starts.ts";
import type { PodRequest } from "../../../src/reconciler/model/pod.ts";
import type { Cluster } from "./cluster.ts";

interface Start {
  readonly at: number;
  readonly node: string;
  readonly key: string;
  /** When the Pod was gone. */
  goneAt: number | undefined;
  readonly uid: string;
}

/** Watches over the pacing from outside, by the Pods alone, across restarts. */
export interface Warden {
  readonly starts: Start[];
  /** To be told of each Pod that was created. */
  created(request: PodRequest): void;
}

export function createWarden(cluster: Cluster): Warden {
  const starts: Start[] = [];
  return {
    starts,
    created({ work }) {
      const key = policyKeyOf(work.policyName);
      const policy = cluster.facts.policies.get(key);
      assert.ok(policy !== undefined, "nothing is started under a policy that is not there");
      noteGone(cluster, starts);
      const present = [...cluster.pods.values()];
      const onNode = present.filter(({ nodeName }) => nodeName === work.nodeName);
      assert.equal(onNode.length, 1, `${work.nodeName} has more than one pull Pod`);
      const active = new Set(
        present
          .filter((pod) => pod.work?.policyName === work.policyName)
          .map((pod) => pod.nodeName),
      );
      assert.ok(active.size <= policy.maxConcurrentNodes, `${active.size} nodes pull under ${key}`);
      const { now } = cluster;
      const uid = onNode[0]?.uid ?? "";
      const isContinued = continues(starts, { key, node: work.nodeName, now });
      const others = starts.filter((one) => one.key === key && one.node !== work.nodeName);
      const last = Math.max(0, ...others.map(({ at }) => at));
      // With one node at a time the delay holds between any two Pods on different nodes.
      const isStrict = key !== "wide";
      if (isStrict || !isContinued) {
        const waited = now - (isStrict ? last : lastTurn(others));
        assert.ok(waited >= policy.minDelayMs, `${key} started after ${waited} ms`);
      }
      starts.push({ at: now, node: work.nodeName, key, goneAt: undefined, uid });
    },
  };
}

/** When the last turn on any of the other nodes began. */
function lastTurn(others: readonly Start[]): number {
  const turns = others.filter(
    (one, index) => !continues(others.slice(0, index), { ...one, now: one.at }),
  );
  return Math.max(0, ...turns.map(({ at }) => at));
}

function continues(
  starts: readonly Start[],
  { key, node, now }: { readonly key: string; readonly node: string; readonly now: number },
): boolean {
  const before = starts.findLast((one) => one.node === node);
  if (before?.key !== key || before.goneAt === undefined) return false;
  return now - before.goneAt <= TURN_KEPT_MS + 100;
}

function noteGone({ pods, now }: Cluster, starts: readonly Start[]): void {
  const uids = new Set([...pods.values()].map(({ uid }) => uid));
  for (const start of starts) if (!uids.has(start.uid)) start.goneAt ??= now;
}
