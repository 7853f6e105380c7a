import assert from "node:assert/strict";
import { decide, type PodAction } from "../../../src/reconciler/decide/decide.ts";
import { policyFor } from "../../../src/reconciler/facts/policy.ts";
import { absorb } from "../../../src/reconciler/ledger/absorb.ts";
import { assume, assumeDeleted, noteCreated } from "../../../src/reconciler/ledger/assume.ts";
import { createLedger, type Ledger } from "../../../src/reconciler/ledger/ledger.ts";
import { recordRefusal } from "../../../src/reconciler/ledger/refusal.ts";
import { lastStarts, restoreStarts } from "../../../src/reconciler/ledger/starts.ts";
import { keepRecords } from "../../../src/reconciler/loop/keeping.ts";
import type { Starts } from "../../../src/reconciler/loop/starts.ts";
import type { ClusterFacts } from "../../../src/reconciler/model/facts.ts";
import type { DecisionOptions } from "../../../src/reconciler/model/options.ts";
import { imageStatus } from "../../../src/reconciler/status/image-status.ts";
import { summaryOf } from "../../../src/reconciler/summary/summary.ts";
import { type Cluster, createPod, deletePod, happen, later } from "./cluster.ts";
import { OPTIONS } from "./facts.ts";

/** A reconciler at work in a simulated cluster, with what survives it: the Lease and the statuses. */
export interface Leader {
  readonly cluster: Cluster;
  readonly options: DecisionOptions;
  ledger: Ledger;
  /** Another one that sees every map in the opposite order, and must come to the same. */
  mirror: Ledger;
  lease: Starts;
  requeueAt: number | undefined;
  /** When Pods that wait for the Lease may go without it. */
  keptUntil: number;
  readonly unwritten: Set<string>;
  isDown: boolean;
  isWriting: boolean;
  isRenewing: boolean;
  passes: number;
  readonly onCreate: (action: Extract<PodAction, { type: "CreatePullPod" }>) => void;
}

export function createLeader(
  cluster: Cluster,
  over: Partial<Pick<Leader, "options" | "onCreate">> = {},
): Leader {
  return {
    ...{ cluster, options: OPTIONS, ledger: createLedger(), mirror: createLedger(), lease: {} },
    ...{
      requeueAt: undefined,
      keptUntil: Infinity,
      unwritten: new Set(),
      isDown: false,
      isWriting: false,
      isRenewing: false,
    },
    ...{ passes: 0, onCreate: () => undefined, ...over },
  };
}

/** The process is killed, and after a while another one takes over with what is written down. */
export function restart(leader: Leader): void {
  const { cluster, unwritten } = leader;
  if (leader.isDown) return;
  leader.isDown = true;
  leader.requeueAt = undefined;
  leader.keptUntil = Infinity;
  unwritten.clear();
  later(cluster, 1_000 + cluster.random() * 15_000, () => {
    leader.isDown = false;
    leader.ledger = createLedger();
    leader.mirror = createLedger();
    restoreStarts(leader.ledger, leader.lease);
    restoreStarts(leader.mirror, leader.lease);
    cluster.isChanged = true;
  });
}

/** Lets time pass up to a moment, and the reconciler look whenever something changed or its time has come. */
export function runUntil(leader: Leader, until: number): void {
  const { cluster } = leader;
  for (;;) {
    const dueAt = Math.min(leader.requeueAt ?? Infinity, leader.keptUntil);
    const isDue = cluster.isChanged || dueAt <= cluster.now;
    if (isDue && !leader.isDown) pass(leader);
    const next = Math.min(
      cluster.events.at(-1)?.at ?? Infinity,
      leader.requeueAt ?? Infinity,
      leader.keptUntil,
    );
    glance(leader, Math.min(next, until));
    if (next > until) break;
    cluster.now = next;
    happen(cluster);
  }
  cluster.now = Math.max(cluster.now, until);
}

/** Before something changes or its time comes, looking gives nothing to do: no time is too late. */
function glance(leader: Leader, before: number): void {
  const { cluster, options } = leader;
  const waitMs = before - cluster.now;
  if (leader.isDown || cluster.isChanged || waitMs < 2 || cluster.random() < 0.8) return;
  const now = cluster.now + 1 + Math.floor(cluster.random() * (waitMs - 1));
  for (const name of absorb(leader.ledger, cluster.facts, options, now)) leader.unwritten.add(name);
  absorb(leader.mirror, backwards(cluster.facts), options, now);
  const { actions, requeueAt } = decide(leader.ledger, cluster.facts, options, now);
  const created = actions.filter((action) => action.type === "CreatePullPod");
  assert.deepEqual(created, [], "something could have been started before the time that was told");
  assert.equal(requeueAt, leader.requeueAt, "the time that was told changes by itself");
}

export function pass(leader: Leader): void {
  const { cluster, options } = leader;
  const { facts, now } = cluster;
  leader.passes += 1;
  cluster.isChanged = false;
  const touched = absorb(leader.ledger, facts, options, now);
  const decision = decide(leader.ledger, facts, options, now);
  compareMirror(leader, decision);
  assert.ok(decision.requeueAt === undefined || decision.requeueAt > now, "it looks again at once");
  leader.requeueAt = decision.requeueAt;
  for (const name of touched) leader.unwritten.add(name);
  const { ledger, lease: recorded } = leader;
  const { free, until } = keepRecords(decision.actions, { facts, ledger, recorded, now });
  for (const action of free) act(leader, action);
  scheduleWrites(leader);
  if (!cluster.isChanged)
    lookAgain(
      leader,
      decision.actions.filter((one) => !free.includes(one)),
    );
  leader.keptUntil = until ?? Infinity;
}

/** With nothing changed there is nothing more to do; what waits for the Lease is still to be deleted. */
function lookAgain(leader: Leader, held: readonly PodAction[]): void {
  const { ledger, cluster, options } = leader;
  absorb(ledger, cluster.facts, options, cluster.now);
  const { actions, requeueAt } = decide(ledger, cluster.facts, options, cluster.now);
  assert.deepEqual(actions, held, "a second pass with nothing changed acts");
  absorb(leader.mirror, backwards(cluster.facts), options, cluster.now);
  leader.requeueAt = requeueAt;
}

function compareMirror(leader: Leader, decision: ReturnType<typeof decide>): void {
  const { mirror, ledger, cluster, options } = leader;
  const facts = backwards(cluster.facts);
  absorb(mirror, facts, options, cluster.now);
  assert.deepEqual(decide(mirror, facts, options, cluster.now), decision);
  if (leader.passes % 10 > 0) return;
  for (const name of cluster.facts.images.keys()) {
    const summary = summaryOf(ledger, cluster.facts, name, cluster.now);
    assert.deepEqual(summaryOf(mirror, facts, name, cluster.now), summary);
  }
}

function backwards(facts: ClusterFacts): ClusterFacts {
  const turned = <V>(map: ReadonlyMap<string, V>) => new Map([...map].reverse());
  return {
    ...{ nodes: turned(facts.nodes), images: turned(facts.images), pods: turned(facts.pods) },
    ...{ policies: turned(facts.policies), sets: turned(facts.sets) },
  };
}

function act(leader: Leader, action: PodAction): void {
  const { cluster, ledger, mirror } = leader;
  const { now } = cluster;
  if (action.type === "DeletePullPod") {
    deletePod(cluster, action.name, action.uid);
    for (const one of [ledger, mirror]) assumeDeleted(one, action.uid, now);
    return;
  }
  for (const one of [ledger, mirror]) assume(one, action.request, now);
  const answer = createPod(cluster, action.request);
  if (answer === undefined) leader.onCreate(action);
  if (answer === "AlreadyExists") return;
  later(cluster, cluster.random() * 50, () => {
    // What is answered to one who is gone nobody hears.
    if (leader.isDown || leader.ledger !== ledger) return;
    for (const one of [ledger, mirror]) {
      if (answer === undefined) noteCreated(one, action.request, cluster.now);
      else recordRefusal(one, action.request, answer, cluster.now);
    }
    cluster.isChanged = true;
  });
}

function scheduleWrites(leader: Leader): void {
  const { cluster } = leader;
  if (
    !leader.isRenewing &&
    JSON.stringify(lastStarts(leader.ledger)) !== JSON.stringify(leader.lease)
  ) {
    leader.isRenewing = true;
    later(cluster, cluster.random() * 2_000, () => {
      leader.isRenewing = false;
      if (leader.isDown) return;
      leader.lease = lastStarts(leader.ledger);
      cluster.isChanged = true;
    });
  }
  if (leader.isWriting || leader.unwritten.size === 0) return;
  leader.isWriting = true;
  later(cluster, cluster.random() * 10_000, () => {
    leader.isWriting = false;
    writeStatuses(leader);
  });
}

export function writeStatuses({ cluster, ledger, unwritten, isDown }: Leader): void {
  if (isDown) return;
  const { facts, now } = cluster;
  for (const name of unwritten) {
    const image = facts.images.get(name);
    const summary = summaryOf(ledger, facts, name, now);
    if (image === undefined || summary === undefined) continue;
    const status = imageStatus({ image, summary, policy: policyFor(image, facts), now });
    facts.images.set(name, { ...image, status });
  }
  unwritten.clear();
  cluster.isChanged = true;
}
