import assert from "node:assert/strict";
import { test } from "node:test";
import { answerError, KubeError } from "../../../src/kube/kube-error.ts";
import type { PodAction } from "../../../src/reconciler/decide/decide.ts";
import { createPodCalls, type PodCalls } from "../../../src/reconciler/loop/pod-calls.ts";
import type { Failure } from "../../../src/reconciler/model/failure.ts";
import { item, NODE_UID, POD_OPTIONS, request } from "../pull-pod/pods.ts";

const NOW = Date.UTC(2026, 0, 2, 3, 4, 5);

const creation: PodAction = {
  type: "CreatePullPod",
  request: request("image-volume", [item(1)]),
};
const deletion: PodAction = { type: "DeletePullPod", name: "p", uid: "uid-p", why: "finished" };

/** An API server that answers as told, and what the calls made of it. */
function calls(answer: () => Promise<boolean>) {
  const seen: string[] = [];
  const abort = new AbortController();
  const quiet = () => undefined;
  const calls: PodCalls = createPodCalls({
    facts: {
      ...{ nodes: new Map(), images: new Map(), policies: new Map(), sets: new Map() },
      pods: new Map(),
    },
    client: {
      async create() {
        seen.push("create");
        await answer();
        return {};
      },
      delete(ref, { uid, gracePeriodSeconds }) {
        seen.push(`delete ${ref.namespace}/${ref.name} ${uid} ${gracePeriodSeconds}`);
        return answer();
      },
    },
    pods: POD_OPTIONS,
    clock: { now: () => NOW },
    log: { error: quiet, warn: quiet, info: quiet, debug: quiet },
    measures: { pullEnded: quiet },
    assume: ({ work }) => void seen.push(`assume ${work.nodeUid}`),
    created: ({ work }) => void seen.push(`created ${work.nodeUid}`),
    refused: (_, failure: Failure) => void seen.push(`refused ${failure.reason}/${failure.scope}`),
    gone: (uid) => void seen.push(`gone ${uid}`),
    stuck: () => void seen.push("stuck"),
    signal: abort.signal,
  });
  return { calls, seen, abort };
}

const fails = (error: Error) => () => Promise.reject(error);
const unreachable = new KubeError("Unreachable", { message: "no answer", fix: "wait" });
const quota = answerError(
  { code: 403, reason: "Forbidden", message: 'pods "x" is forbidden: exceeded quota: pulls' },
  "creating a Pod",
);

test("a Pod counts from before its creation is asked for, and no more once it is refused", async () => {
  for (const [what, answer, then] of [
    ["created", () => Promise.resolve(true), [`created ${NODE_UID}`]],
    ["refused for its quota", fails(quota), ["refused QuotaExceeded/namespace"]],
    ["there already", fails(answerError({ code: 409, reason: "AlreadyExists" }, "creating")), []],
    ["an answer that never came", fails(unreachable), []],
    ["a server's fault", fails(answerError({ code: 500 }, "creating")), []],
  ] as const) {
    const { calls: podCalls, seen } = calls(answer);
    podCalls.start([creation]);
    assert.deepEqual(seen, [`assume ${NODE_UID}`, "create"], what);
    await podCalls.settled();
    assert.deepEqual(seen.slice(2), then, what);
  }
});

test("a Pod is deleted by its uid and at once, and what became of it is told", async () => {
  const asked = "delete drop-pulls/p uid-p 0";
  for (const [what, answer, then] of [
    ["deleted", () => Promise.resolve(true), "gone uid-p"],
    ["not there any more", () => Promise.resolve(false), "gone uid-p"],
    ["another one of its name", fails(answerError({ code: 409 }, "deleting")), "gone uid-p"],
    ["no answer", fails(unreachable), "stuck"],
  ] as const) {
    const { calls: podCalls, seen } = calls(answer);
    podCalls.start([deletion]);
    await podCalls.settled();
    assert.deepEqual(seen, [asked, then], what);
  }
});

test("a deletion that is under way is not asked for again, and one that failed is", async () => {
  const pending = Promise.withResolvers<boolean>();
  const { calls: podCalls, seen } = calls(() => pending.promise);
  podCalls.start([deletion]);
  podCalls.start([deletion, deletion]);
  assert.equal(seen.length, 1);
  pending.reject(unreachable);
  await podCalls.settled();
  podCalls.start([deletion]);
  await podCalls.settled();
  assert.equal(seen.filter((one) => one.startsWith("delete")).length, 2);
});

test("what fails because the work was given up says nothing about the Pod", async () => {
  const { calls: podCalls, seen, abort } = calls(fails(quota));
  podCalls.start([creation, deletion]);
  abort.abort();
  await podCalls.settled();
  assert.deepEqual(seen, [`assume ${NODE_UID}`, "create", "delete drop-pulls/p uid-p 0"]);
});
