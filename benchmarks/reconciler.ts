/** Measures the reconciler on many fake nodes beside what its policy allows and prints one table; `--quick` for a first impression. */
import { setTimeout as pause } from "node:timers/promises";
import { parseArgs } from "node:util";
import { buildDrop, machineText } from "./program.ts";
import { begin, converged, type Fleet, heartbeats, startFleet } from "./reconciler/fleet.ts";
import { plainLoop } from "./reconciler/peer.ts";
import type { Plan } from "./reconciler/plan.ts";
import { requestsIn, textOf } from "./reconciler/requests.ts";
import { fleetRows, idleRows, type Worked } from "./reconciler/rows.ts";
import { type Serving, startServing } from "./reconciler/serving.ts";
import { tableText } from "./table.ts";

const { values } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    "idle-minutes": { type: "string" },
    profile: { type: "string" },
  },
});

const plan: Plan = {
  ...(values.quick ? { nodes: 200, pullMs: 3_000 } : { nodes: 1_000, pullMs: 10_000 }),
  ...{ images: 20, maxConcurrentNodes: 50 },
  idleMinutes: Number(values["idle-minutes"] ?? (values.quick ? 0.5 : 2)),
};

/** What no list shows a minute after its pull is unverified, and counts are written every 30 s: by then all has been. */
const SETTLE_MS = 100_000;

const say = (text: string) => process.stderr.write(`${text} …\n`);

async function work(fleet: Fleet, drop: Serving): Promise<Worked> {
  const { length: before } = await fleet.kubernetes.audit();
  const began = performance.now();
  const processorBefore = drop.processorSeconds();
  await begin(fleet, plan);
  await converged(fleet, plan);
  const tookMs = performance.now() - began;
  const processorSeconds = drop.processorSeconds() - processorBefore;
  const passes = await drop.metric("drop_reconcile_total");
  await pause(SETTLE_MS);
  const requests = requestsIn((await fleet.kubernetes.audit()).slice(before));
  return { tookMs, processorSeconds, passes, requests };
}

async function idle(fleet: Fleet, drop: Serving) {
  const { length: before } = await fleet.kubernetes.audit();
  const processorBefore = drop.processorSeconds();
  const passesBefore = await drop.metric("drop_reconcile_total");
  const beats = await heartbeats(fleet, AbortSignal.timeout(plan.idleMinutes * 60_000));
  return {
    beats,
    passes: (await drop.metric("drop_reconcile_total")) - passesBefore,
    processorSeconds: drop.processorSeconds() - processorBefore,
    requests: requestsIn((await fleet.kubernetes.audit()).slice(before)),
  };
}

say("building");
const program = await buildDrop();
say(`starting ${plan.nodes} nodes`);
const fleet = await startFleet(plan);
try {
  say("the plain loop");
  const peerRatio = await plainLoop(fleet, plan);
  const { kubeconfigPath } = fleet;
  const drop = await startServing({ program, kubeconfigPath, profile: values.profile });
  say("pulling");
  const worked = await work(fleet, drop);
  say(`nothing to do for ${plan.idleMinutes} minutes`);
  const rested = await idle(fleet, drop);
  const peakMiB = drop.peakMiB();
  await drop.stop();
  const rows = [...fleetRows(plan, { worked, peerRatio, peakMiB }), ...idleRows(plan, rested)];
  process.stdout.write(`${tableText(rows)}\n${machineText()}\n`);
  process.stdout.write(`while pulling: ${textOf(worked.requests)}\n`);
  process.stdout.write(`with nothing to do: ${textOf(rested.requests)}\n`);
} finally {
  await fleet.stop();
}
