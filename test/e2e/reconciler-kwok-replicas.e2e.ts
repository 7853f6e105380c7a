import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import type { AuditEvent } from "../support/audit.ts";
import { randomOf } from "../support/random.ts";
import type { Reconciler } from "../support/reconciler.ts";
import { isReady } from "../support/status-watch.ts";
import { requireTool } from "../support/tools.ts";
import { until } from "../support/until.ts";
import { startFleet } from "./reconciler/fleet.ts";
import { cachedImage, pullPolicy, under } from "./reconciler/objects.ts";
import { leastDistance, startsOf } from "./reconciler/pod-history.ts";

const nodes = Array.from({ length: 40 }, (_, at) => `node-${at}`);
const names = ["one", "two", "three"];
const DELAY_MS = 1_500;
/** The first leader is killed, then the second; each time another one has to wait for the lease to run out. */
const KILLS = 3;
/** Another one kills at other moments. */
const SEED = Number(process.env["DROP_TEST_SEED"] ?? 20_260_102);
const READS = ["get", "list", "watch"];

test("two replicas never act at once, whoever is killed when", async (t) => {
  if (!(await requireTool(t, "kwok", "kube-apiserver", "etcd", "kubectl"))) return;
  const fleet = await startFleet(t, { pullMs: [100, 300] });
  const { pods, images } = fleet;
  await fleet.addNodes(...nodes);
  await fleet.create(
    pullPolicy("paced", { maxConcurrentNodes: 2, minDelayBetweenPulls: `${DELAY_MS}ms` }),
    ...names.map((name) => cachedImage(name, `registry.example.com/${name}:1`, under("paced"))),
  );
  const random = randomOf(SEED);
  let started = 0;
  /** Each acts as a user of its own, so that the log of the API server tells them apart. */
  async function another(): Promise<Reconciler> {
    started += 1;
    return fleet.reconcile({ user: `replica-${started}`, identity: `replica-${started}` });
  }
  const replicas = [await another(), await another()];
  const leads = (one: Reconciler) => one.log().some(({ msg }) => msg === "leading");
  for (let kill = 0; kill < KILLS; kill++) {
    await until(() => replicas.some(leads), { what: "one of them to lead", withinMs: 40_000 });
    await Promise.race([pause(1_000 + random() * 4_000), pods.broken]);
    const leader = replicas.findIndex(leads);
    replicas[leader]?.kill();
    replicas.splice(leader, 1, await another());
  }
  const isDone = () => names.every((name) => isReady(images.history(name).at(-1)?.status ?? {}));
  await until(isDone, { what: "every image to be everywhere", withinMs: 150_000 });

  const replicaNames = Array.from({ length: started }, (_, at) => `replica-${at + 1}`);
  const all = await Promise.all(replicaNames.map((name) => fleet.requestsOf(name)));
  const writes = all.flat().filter(({ verb }) => !READS.includes(verb));
  const leaders = leadersOf(writes);
  assert.ok(leaders.length > KILLS, `the leaders: ${leaders.join(" ")}`);
  assert.deepEqual([...new Set(leaders)], leaders, "none acted again after another one had");
  const starts = startsOf(pods.lives(), writes);
  const least = leastDistance(starts, "paced");
  assert.ok(least >= DELAY_MS, `two nodes began within ${least} ms`);
  assert.ok(pods.mostNodes("paced") <= 2);
  assert.deepEqual(pods.doubles(), []);
  t.diagnostic(
    `${writes.length} writes by ${leaders.join(", ")}; starts ${least.toFixed(1)} ms apart`,
  );
});

/** Who wrote anything, in the order of the writes, each run of writes once. */
function leadersOf(writes: readonly AuditEvent[]): readonly string[] {
  const time = ({ requestReceivedTimestamp = "" }: AuditEvent) => requestReceivedTimestamp;
  const inTime = writes
    .filter(({ responseStatus }) => (responseStatus?.code ?? 500) < 400)
    .sort((a, b) => (time(a) < time(b) ? -1 : 1))
    .map(({ user }) => user.username);
  return inTime.filter((name, at) => name !== inTime[at - 1]);
}
