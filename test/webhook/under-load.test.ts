import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { type Authority, createAuthority, issue } from "../../src/webhook/authority.ts";
import { fullest } from "../api/valid-objects.ts";
import { type Balancer, startBalancer } from "../support/balancer.ts";
import type { Ended } from "../support/child.ts";
import { type Folder, makeFolder } from "../support/folder.ts";
import { until } from "../support/until.ts";
import { mountPair } from "./certificates.ts";
import { reviewSender, startLoad } from "./load.ts";
import { type Replica, startReplica, timesSaid } from "./replicas.ts";
import { reviewOf } from "./reviews.ts";

const PER_SECOND = 200;
const HOUR_MS = 3_600_000;
const BODY = JSON.stringify(reviewOf("DiscoveryPolicy", fullest("DiscoveryPolicy")));

let folder: Folder;
let authority: Authority;
let replicas: readonly Replica[] = [];
let balancer: Balancer;

before(async () => {
  folder = await makeFolder("webhook-load");
  authority = await createAuthority({ now: Date.now(), lifeMs: HOUR_MS });
  await mountLeaf(authority);
  replicas = await Promise.all([startReplica(folder.path), startReplica(folder.path)]);
  balancer = await startBalancer();
  balancer.use(replicas.map(({ backend }) => backend));
  await until(() => balancer.readyCount() === 2, { what: "two ready replicas" });
});

after(async () => {
  await balancer?.close();
  killAll(replicas);
  await folder?.remove();
});

function killAll(some: readonly Replica[]): void {
  for (const { child } of some) if (child.ended() === undefined) process.kill(child.pid, "SIGKILL");
}

/** Mounts a new leaf of an authority, as kubelet changes a mounted Secret. */
async function mountLeaf(issuer: Authority): Promise<void> {
  const times = { now: Date.now(), lifeMs: HOUR_MS };
  await mountPair(folder.path, await issue(issuer, { dnsNames: ["localhost"], ...times }));
}

async function allLoaded(some: readonly Replica[], times: number): Promise<void> {
  const isLoaded = (replica: Replica) => timesSaid(replica, "certificate loaded") >= times;
  await until(() => some.every(isLoaded), {
    what: `certificate ${times} to be loaded`,
    withinMs: 20_000,
  });
}

test("new leaves, a new authority in mounted files and a rolling restart lose no request of 200 a second", {
  timeout: 120_000,
}, async (t) => {
  // Started before: what a start costs a busy machine is not what is tested.
  const following = [await startReplica(folder.path), await startReplica(folder.path)];
  t.after(() => killAll(following));
  const sender = reviewSender({ port: balancer.port, body: BODY }, authority.certPem);
  const load = startLoad(PER_SECOND, sender.send);
  t.after(() => load.stop());

  const all = [...replicas, ...following];
  await mountLeaf(authority);
  await allLoaded(all, 2);

  const next = await createAuthority({ now: Date.now(), lifeMs: HOUR_MS });
  sender.trust(authority.certPem + next.certPem);
  await mountLeaf(next);
  await allLoaded(all, 3);
  sender.trust(next.certPem);

  const leaving = replicas;
  const ends: Promise<Ended>[] = [];
  for (const index of following.keys()) {
    replicas = [...following.slice(0, index + 1), ...leaving.slice(index)];
    balancer.use(replicas.map(({ backend }) => backend));
    await until(() => balancer.readyCount() === 3, { what: "the new replica" });
    ends.push(leaving[index]?.child.stop() ?? assert.fail());
  }
  const codes = (await Promise.all(ends)).map(({ code }) => code);
  balancer.use(following.map(({ backend }) => backend));
  replicas = following;
  const { sent, lost, perSecond, p99Ms } = await load.stop();
  sender.close();
  t.diagnostic(`${sent} requests, ${perSecond.toFixed(0)} a second, p99 ${p99Ms.toFixed(1)} ms`);
  assert.deepEqual(codes, [0, 0]);
  assert.deepEqual(lost.slice(0, 3), []);
  for (const old of leaving) assert.equal(timesSaid(old, "drained"), 1);
});
