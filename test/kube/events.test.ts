import assert from "node:assert/strict";
import { test } from "node:test";
import { own, type UnknownRecord, valueAt } from "../../src/api/record.ts";
import { createEventRecorder, type EventText } from "../../src/kube/events.ts";
import { KubeError } from "../../src/kube/kube-error.ts";
import { manualClock } from "./manual-clock.ts";

const pulled: EventText = {
  regarding: {
    apiVersion: "drop.corewire.io/v1alpha1",
    kind: "CachedImage",
    name: "nginx",
    uid: "u1",
  },
  ...{ type: "Normal", reason: "PullSucceeded", action: "Pulling", note: "on all 3 nodes" },
};

function recording(refuse: (verb: "create" | "patch") => KubeError | undefined = () => undefined) {
  const clock = manualClock();
  const stop = new AbortController();
  const created: UnknownRecord[] = [];
  const patched: { readonly name: string; readonly patch: UnknownRecord }[] = [];
  const faults: unknown[] = [];
  const recorder = createEventRecorder({
    client: {
      async create(object, { namespace }) {
        const refusal = refuse("create");
        if (refusal !== undefined) throw refusal;
        assert.equal(namespace, "default");
        created.push(object);
        return object;
      },
      async mergePatch({ name }, patch) {
        const refusal = refuse("patch");
        if (refusal !== undefined) throw refusal;
        patched.push({ name, patch });
        return patch;
      },
    },
    ...{ clock, controller: "drop.corewire.io/reconciler", instance: "drop-reconciler-0" },
    signal: stop.signal,
    onFault: ({ error }) => faults.push(error),
  });
  return { clock, stop, recorder, created, patched, faults };
}

test("an Event names what it is about, who says it, and when", async () => {
  const { recorder, created } = recording();
  recorder.emit(pulled);
  assert.equal(created.length, 0, "whoever emits does not wait");
  await recorder.settled();
  const [{ metadata, ...event } = { metadata: undefined }] = created;
  assert.equal(own(metadata, "namespace"), "default");
  assert.match(String(own(metadata, "name")), /^nginx\.[0-9a-f]+$/);
  assert.deepEqual(event, {
    eventTime: "2026-01-02T03:04:05.000000Z",
    reportingController: "drop.corewire.io/reconciler",
    reportingInstance: "drop-reconciler-0",
    action: "Pulling",
    reason: "PullSucceeded",
    regarding: pulled.regarding,
    note: "on all 3 nodes",
    type: "Normal",
  });
});

test("the same again becomes a series, written once a minute at most", async () => {
  const { clock, recorder, created, patched } = recording();
  for (let second = 0; second < 180; second++) {
    recorder.emit(pulled);
    await clock.advance(1_000);
  }
  await recorder.settled();
  assert.equal(created.length, 1);
  assert.deepEqual(
    patched.map(({ patch }) => valueAt(patch, ["series", "count"])),
    [61, 121],
  );
  assert.equal(patched[0]?.name, valueAt(created[0], ["metadata", "name"]));
});

test("after ten minutes of silence the same is news again", async () => {
  const { clock, recorder, created } = recording();
  recorder.emit(pulled);
  await clock.advance(600_000);
  recorder.emit(pulled);
  await recorder.settled();
  assert.equal(created.length, 2);
});

test("a series whose Event the server has dropped begins again", async () => {
  const gone = new KubeError("NotFound", { message: "gone", fix: "none" });
  const { clock, recorder, created, faults } = recording((verb) =>
    verb === "patch" ? gone : undefined,
  );
  recorder.emit(pulled);
  await clock.advance(61_000);
  recorder.emit(pulled);
  await recorder.settled();
  assert.equal(created.length, 2);
  assert.deepEqual(faults, []);
});

test("what cannot be written is told once and forgotten", async () => {
  const down = new KubeError("Unreachable", { message: "down", fix: "wait" });
  const { recorder, faults } = recording(() => down);
  recorder.emit(pulled);
  recorder.emit({ ...pulled, reason: "PullStarted" });
  await recorder.settled();
  assert.deepEqual(faults, [down, down]);
});

test("an object with too many different Events is left alone, others are not", async () => {
  const { clock, recorder, created, faults } = recording();
  for (let number = 0; number < 100; number++) recorder.emit({ ...pulled, note: `note ${number}` });
  const other = { ...pulled.regarding, name: "redis", uid: "u2" };
  recorder.emit({ ...pulled, regarding: other });
  await recorder.settled();
  assert.equal(created.length, 26);
  assert.equal(faults.length, 75);
  await clock.advance(300_000);
  recorder.emit({ ...pulled, note: "later" });
  await recorder.settled();
  assert.equal(created.length, 27);
});

test("a flood of Events does not fill the memory", async () => {
  const { recorder, created, faults } = recording();
  for (let number = 0; number < 5_000; number++) {
    const regarding = { ...pulled.regarding, name: `n${number}`, uid: `u${number}` };
    recorder.emit({ ...pulled, regarding });
  }
  await recorder.settled();
  assert.equal(created.length, 1_000);
  assert.equal(faults.length, 4_000);
});

const notes: readonly (readonly [string, string, number])[] = [
  ["a short note", "ok", 2],
  ["a note as long as allowed", "x".repeat(1_024), 1_024],
  ["a longer note", "x".repeat(5_000), 1_024],
  ["a note of long characters", "€".repeat(1_000), 1_023],
];

for (const [what, note, bytes] of notes) {
  test(`${what} has ${bytes} bytes in the Event, and only whole characters`, async () => {
    const { recorder, created } = recording();
    recorder.emit({ ...pulled, note });
    await recorder.settled();
    const written = String(own(created[0], "note"));
    assert.equal(Buffer.byteLength(written), bytes);
    assert.doesNotMatch(written, /\uFFFD/);
  });
}

test("a long name leaves room for what makes the Event's own name", async () => {
  const { recorder, created } = recording();
  const name = `${"a".repeat(199)}.${"b".repeat(53)}`;
  recorder.emit({ ...pulled, regarding: { ...pulled.regarding, name } });
  await recorder.settled();
  const written = String(valueAt(created[0], ["metadata", "name"]));
  assert.match(written, /^a{199}\.[0-9a-f]+$/);
  assert.ok(written.length <= 253);
});

test("nothing is written after the end", async () => {
  const { recorder, created, stop } = recording();
  recorder.emit(pulled);
  stop.abort();
  recorder.emit({ ...pulled, note: "too late" });
  await recorder.settled();
  assert.equal(created.length, 0);
});
