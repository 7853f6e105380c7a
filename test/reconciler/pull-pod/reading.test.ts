import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { podFacts } from "../../../src/reconciler/facts/pod.ts";
import type { PodFacts } from "../../../src/reconciler/model/pod.ts";
import { readPod } from "../../../src/reconciler/pull-pod/reading.ts";
import { ended, seen, waiting } from "./pods.ts";

const METHODS = ["image-volume", "helper"] as const;
const HEX = "3f5a".repeat(16);
const STARTED = Date.parse("2026-01-02T03:00:01Z");
const ENDED = Date.parse("2026-01-02T03:04:05Z");

/** In short: `pulling`, `pulled`, or a failure's reason and scope. */
function outcomesOf(pod: PodFacts): readonly string[] {
  return readPod(pod).outcomes.map((outcome) =>
    outcome.type === "failed" ? `${outcome.failure.reason} ${outcome.failure.scope}` : outcome.type,
  );
}

for (const method of METHODS) {
  describe(`a Pod by ${method}`, () => {
    test("tells each image's outcome from its own container, and can go once each has one", () => {
      const missing = "failed to pull and unpack image: manifest unknown";
      const unfinished = [waiting("ContainerCreating"), ended(0), waiting("ErrImagePull", missing)];
      const early = seen({ method, statuses: unfinished });
      assert.deepEqual(outcomesOf(early), ["pulling", "pulled", "NotFound image"]);
      assert.equal(readPod(early).isFinished, false);
      const never = waiting(
        "ErrImageNeverPull",
        "Container image is not present with pull policy of Never",
      );
      const late = seen({ method, statuses: [never, ended(0), waiting("ErrImagePull", missing)] });
      assert.deepEqual(outcomesOf(late), ["NotPresent cell", "pulled", "NotFound image"]);
      assert.equal(readPod(late).isFinished, true);
    });

    for (const reason of ["", "ContainerCreating", "PodInitializing"]) {
      test(`is pulling while kubelet says "${reason}" or nothing`, () => {
        assert.deepEqual(outcomesOf(seen({ method, statuses: [waiting(reason), {}] })), [
          ...["pulling", "pulling"],
        ]);
      });
    }

    test("has the image when the program ran, however it ended", () => {
      const statuses = [ended(1), ended(137, { reason: "OOMKilled" }), { state: { running: {} } }];
      assert.deepEqual(outcomesOf(seen({ method, statuses })), ["pulled", "pulled", "pulled"]);
    });

    test("has the image when only the container could not be made from it", () => {
      const statuses = [
        waiting("CreateContainerError", "context deadline exceeded"),
        waiting("RunContainerError", "exec format error"),
        ended(128, { reason: "StartError", message: "exec format error" }),
      ];
      assert.deepEqual(outcomesOf(seen({ method, statuses })), ["pulled", "pulled", "pulled"]);
    });

    test("has no image whose content the node has lost", () => {
      const lost = `error unpacking image: content digest sha256:${HEX}: not found`;
      const statuses = [waiting("CreateContainerError", lost)];
      assert.deepEqual(outcomesOf(seen({ method, statuses })), ["Unknown cell"]);
    });

    test("has nothing to say of a container that kubelet lost", () => {
      const lost = ended(137, { reason: "ContainerStatusUnknown" });
      assert.deepEqual(outcomesOf(seen({ method, statuses: [lost] })), ["pulling"]);
      const over = seen({ method, statuses: [lost], status: { phase: "Failed" } });
      assert.deepEqual(outcomesOf(over), ["Unknown cell"]);
    });

    test("fails for what kubelet gives as a reason without being known", () => {
      const statuses = [waiting("failed to record image pull intent: disk quota exceeded")];
      assert.deepEqual(outcomesOf(seen({ method, statuses })), ["DiskPressure node"]);
    });

    test("is refused when something rewrote the images on its way", () => {
      const change = (pod: string) =>
        pod.replaceAll(/("image"|"reference"):"registry.example.com/g, '$1:"mirror.example.net');
      const pod = seen({ method, statuses: [ended(0)], change });
      const [outcome] = readPod(pod).outcomes;
      assert.ok(outcome?.type === "failed");
      assert.deepEqual([outcome.failure.reason, outcome.failure.scope], ["PodRejected", "pod"]);
      assert.match(outcome.failure.message, /"mirror.example.net\/team\/app:1" instead of/);
    });

    test("can go when it is being deleted, and its killed containers have not failed", () => {
      const pod = seen({
        method,
        statuses: [waiting("PodInitializing")],
        init: method === "helper" ? [ended(137)] : [],
        status: { phase: "Failed" },
        metadata: { deletionTimestamp: "2026-01-02T03:04:05Z" },
      });
      assert.deepEqual(outcomesOf(pod), ["pulling"]);
      assert.equal(readPod(pod).isFinished, true);
    });

    test("has everything once kubelet says Succeeded", () => {
      const status = { phase: "Succeeded", containerStatuses: [] };
      assert.deepEqual(outcomesOf(seen({ method, statuses: [{}, {}], status })), [
        ...["pulled", "pulled"],
      ]);
    });
  });
}

describe("an image volume", () => {
  test("gives no digest, since the container's image is the tool's", () => {
    const pod = seen({ method: "image-volume", statuses: [ended(0, {}, `pause@sha256:${HEX}`)] });
    assert.deepEqual(readPod(pod).outcomes, [{ type: "pulled", at: ENDED, digest: undefined }]);
  });

  test("that the API server dropped from the Pod is no success", () => {
    const change = (pod: string) => pod.replace(/"image":\{"reference"[^}]*\}/, '"emptyDir":{}');
    const pod = seen({ method: "image-volume", statuses: [ended(0)], change });
    assert.deepEqual(outcomesOf(pod), ["PodRejected pod"]);
  });

  test("is not blamed for a pause image that is missing", () => {
    const message = 'failed to pull and unpack image "registry.k8s.io/pause:3.10": not found';
    const pod = seen({ method: "image-volume", statuses: [waiting("ErrImagePull", message)] });
    assert.deepEqual(outcomesOf(pod), ["NotFound installation"]);
  });
});

describe("a helper", () => {
  test("gives the digest of the image, and none where the runtime tells only an ID", () => {
    const ids = [
      `registry.example.com/team/app@sha256:${HEX}`,
      `sha256:${HEX}`,
      "x@sha256:short",
      "",
    ];
    const pod = seen({ method: "helper", statuses: ids.map((id) => ended(0, {}, id)) });
    const digests = readPod(pod).outcomes.map((each) => each.type === "pulled" && each.digest);
    assert.deepEqual(digests, [`sha256:${HEX}`, undefined, undefined, undefined]);
  });

  const creating = [waiting("PodInitializing"), waiting("PodInitializing")];
  const init = {
    "whose image is missing": [
      waiting("ErrImagePull", "manifest unknown"),
      "NotFound installation",
    ],
    "whose image is for another machine": [
      ended(1, { message: "exec format error" }),
      "PlatformMismatch installation",
    ],
    "that does not end well": [ended(1), "Unknown installation"],
    "that a full disk stops": [
      waiting("ErrImagePull", "no space left on device"),
      "DiskPressure node",
    ],
  } as const;
  for (const [what, [status, expected]] of Object.entries(init)) {
    test(`${what} holds every image of the Pod`, () => {
      const pod = seen({ method: "helper", statuses: creating, init: [status] });
      assert.deepEqual(outcomesOf(pod), [expected, expected]);
      assert.equal(readPod(pod).isFinished, true);
    });
  }

  test("that is still being copied or pulled holds nothing", () => {
    for (const status of [waiting("ContainerCreating"), ended(0), { state: { running: {} } }]) {
      const pod = seen({ method: "helper", statuses: creating, init: [status] });
      assert.deepEqual(outcomesOf(pod), ["pulling", "pulling"]);
    }
  });

  test("beside an init container that something added is refused when that one fails", () => {
    const stranger = { ...waiting("ErrImagePull", "denied: denied"), name: "proxy-init" };
    const pod = seen({ method: "helper", statuses: creating, init: [stranger] });
    assert.deepEqual(outcomesOf(pod), ["PodRejected pod", "PodRejected pod"]);
  });
});

describe("a Pod that fails as a whole", () => {
  const table = [
    [
      "Evicted",
      "The node was low on resource: ephemeral-storage. Threshold quantity: 1Gi.",
      "DiskPressure node",
    ],
    ["Evicted", "The node was low on resource: inodes. ", "DiskPressure node"],
    ["Evicted", "The node had condition: [DiskPressure]. ", "DiskPressure node"],
    ["Evicted", "The node was low on resource: memory. ", "PodEvicted node"],
    ["Preempting", "Preempted in order to admit critical pod", "PodEvicted node"],
    ["Terminated", "Pod was terminated in response to imminent node shutdown.", "PodEvicted node"],
    ["NodeShutdown", "Pod was rejected as the node is shutting down.", "NodeRejected node"],
    ["NodeAffinity", "Predicate NodeAffinity failed", "NodeRejected node"],
    [
      "OutOfcpu",
      "Node didn't have enough resource: cpu, requested: 1, used: 2000",
      "NodeRejected node",
    ],
    ["OutOfpods", "Node didn't have enough resource: pods, requested: 1", "NodeRejected node"],
    ["UnexpectedAdmissionError", "Allocate failed due to something", "NodeRejected node"],
    ["SomethingNew", "", "NodeRejected node"],
    [
      "DeadlineExceeded",
      "Pod was active on the node longer than the specified deadline",
      "Timeout cell",
    ],
    ["", "", "Unknown cell"],
  ] as const;
  for (const [reason, message, expected] of table) {
    test(`for ${reason || "no reason"} ("${message}") is ${expected}`, () => {
      const status = { phase: "Failed", reason, message };
      const pod = seen({ method: "helper", statuses: [ended(0), {}], status });
      assert.deepEqual(outcomesOf(pod), ["pulled", expected]);
      assert.equal(readPod(pod).isFinished, true);
    });
  }
});

describe("times", () => {
  test("of a success is the end of its container", () => {
    const [outcome] = readPod(seen({ method: "helper", statuses: [ended(0)] })).outcomes;
    assert.ok(outcome?.type === "pulled" && outcome.at === ENDED);
  });

  test("of a failure is the latest that the Pod tells of", () => {
    const failed = waiting("ErrImagePull", "denied: denied");
    const [alone] = readPod(seen({ method: "helper", statuses: [failed] })).outcomes;
    assert.ok(alone?.type === "failed" && alone.at === STARTED);
    const [first] = readPod(seen({ method: "helper", statuses: [failed, ended(0)] })).outcomes;
    assert.ok(first?.type === "failed" && first.at === ENDED);
  });
});

test("a Pod that says nothing of its work has no outcomes and can go", () => {
  const pod = podFacts({ metadata: { name: "pull-x", uid: "u" }, spec: { nodeName: "n" } });
  assert.deepEqual(pod && readPod(pod), { outcomes: [], isFinished: true });
});

test("any JSON in the status of a pull Pod is read", () => {
  fc.assert(
    fc.property(fc.constantFrom(...METHODS), fc.jsonValue(), fc.jsonValue(), (method, one, all) => {
      const strange = typeof one === "object" && one !== null ? { ...one } : { state: one };
      const reading = readPod(seen({ method, statuses: [strange, waiting("")], init: [strange] }));
      assert.equal(reading.outcomes.length, 2);
      readPod(seen({ method, statuses: [{}], status: { containerStatuses: all, phase: all } }));
    }),
  );
});
