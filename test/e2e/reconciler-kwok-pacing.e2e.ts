import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { randomOf } from "../support/random.ts";
import { isReady } from "../support/status-watch.ts";
import { requireTool } from "../support/tools.ts";
import { until } from "../support/until.ts";
import { ACCOUNT, type Fleet, startFleet } from "./reconciler/fleet.ts";
import { cachedImage, pullPolicy, under } from "./reconciler/objects.ts";
import { leastDistance, startsOf } from "./reconciler/pod-history.ts";

const nodes = Array.from({ length: 30 }, (_, at) => `node-${at}`);
const flags = ["--max-images-per-pod", "2", "--kube-api-qps", "200", "--kube-api-burst", "200"];

/**
 * Each with so many images that the rule is plain: "slow" needs one Pod on each node, and "single" has one node at a
 * time, so that the delay holds between any two Pods on different nodes.
 */
const policies = {
  wide: { images: 12, most: 5, delayMs: 0 },
  slow: { images: 2, most: 3, delayMs: 700 },
  single: { images: 4, most: 1, delayMs: 400 },
} as const;

const names = Object.entries(policies).flatMap(([policy, { images }]) =>
  Array.from({ length: images }, (_, at) => `${policy}-${at}`),
);

function objects(): readonly object[] {
  return [
    ...Object.entries(policies).map(([name, { most, delayMs }]) =>
      pullPolicy(name, { maxConcurrentNodes: most, minDelayBetweenPulls: `${delayMs}ms` }),
    ),
    ...names.map((name) => {
      const [policy = ""] = name.split("-");
      return cachedImage(name, `registry.example.com/${name}:1`, under(policy));
    }),
    // One node at a time, ten seconds apart.
    cachedImage("default-0", "registry.example.com/default-0:1"),
  ];
}

/** What holds at every moment of the test, whoever was killed when. */
async function assertPaced({ pods, requestsOf }: Fleet): Promise<readonly string[]> {
  const starts = startsOf(pods.lives(), await requestsOf(ACCOUNT));
  const unheard = starts.filter(({ user }) => user === undefined);
  assert.ok(
    unheard.length <= KILLS,
    `${unheard.length} Pods of ${starts.length} came from nowhere`,
  );
  assert.deepEqual(pods.doubles(), []);
  const all = Object.entries({ ...policies, "": { most: 1, delayMs: 10_000 } });
  return all.map(([policy, { most, delayMs }]) => {
    const seen = pods.mostNodes(policy);
    assert.ok(seen <= most, `${seen} nodes pulled at once under ${policy}`);
    const least = leastDistance(starts, policy);
    if (delayMs > 0)
      assert.ok(least >= delayMs, `under "${policy}" two nodes began within ${least} ms`);
    return `"${policy}": at most ${seen} nodes at once, ${least.toFixed(1)} ms apart`;
  });
}

const KILLS = 12;
/** Another one kills at other moments. */
const SEED = Number(process.env["DROP_TEST_SEED"] ?? 20_260_101);

test("the pacing holds at every moment, also when the reconciler is killed at random", async (t) => {
  if (!(await requireTool(t, "kwok", "kube-apiserver", "etcd", "kubectl"))) return;
  const fleet = await startFleet(t, { pullMs: [100, 300] });
  const { pods, images } = fleet;
  await fleet.addNodes(...nodes);
  await fleet.create(...objects());
  const random = randomOf(SEED);
  for (let kill = 0; kill < KILLS; kill++) {
    const reconciler = await fleet.reconcile({ identity: "one", flags });
    await Promise.race([pause(random() * 5_000), pods.broken]);
    reconciler.kill();
  }
  await fleet.reconcile({ identity: "one", flags });
  const isDone = () => names.every((name) => isReady(images.history(name).at(-1)?.status ?? {}));
  await until(isDone, { what: "every image to be everywhere", withinMs: 90_000 });
  for (const line of await assertPaced(fleet)) t.diagnostic(line);
  t.diagnostic(`${KILLS} kills, ${pods.lives().length} Pods, ${pods.eventCount()} events`);
  assert.equal(pods.mostNodes("wide"), policies.wide.most);
  assert.ok(pods.eventCount() >= 1_000, `${pods.eventCount()} events`);
});
