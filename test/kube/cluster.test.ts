import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { own, type UnknownRecord, valueAt } from "../../src/api/record.ts";
import { createKubeClient, type KubeClient } from "../../src/kube/client.ts";
import { connectKube, type KubeConnection } from "../../src/kube/connection.ts";
import { createEventRecorder, type EventText } from "../../src/kube/events.ts";
import { KubeError } from "../../src/kube/kube-error.ts";
import { campaign, type Term } from "../../src/kube/lease.ts";
import { createReflector } from "../../src/kube/reflector.ts";
import { dropResource, LEASES, NODES, type ObjectRef, PODS } from "../../src/kube/resource.ts";
import { steadyClock } from "../../src/kube/steady-clock.ts";
import type { Clock } from "../../src/runtime/http-clock.ts";
import { type Kubernetes, startKubernetes } from "../support/kubernetes.ts";
import { until } from "../support/until.ts";
import { fastClock } from "./fast-clock.ts";

const IMAGES = dropResource("CachedImage");
const USER = "drop-test-user";

let kubernetes: Kubernetes;
let connection: KubeConnection;
/** Of a user who may do what the cluster parts of Drop need, and nothing else. */
let weak: KubeConnection;

const signal = new AbortController().signal;

function clientOf(of: KubeConnection, clock: Clock = steadyClock): KubeClient {
  const limits = { qps: 1_000, burst: 1_000 };
  return createKubeClient({ connection: of, clock, version: "0", part: "reconciler", ...limits });
}

async function kubectl(args: readonly string[], input = ""): Promise<string> {
  const { code, stdout, stderr } = await kubernetes.kubectl(args, input);
  assert.equal(code, 0, `kubectl ${args.join(" ")}: ${stderr}`);
  return stdout;
}

const RULES = [
  { apiGroups: ["coordination.k8s.io"], resources: ["leases"], verbs: ["get", "create", "patch"] },
  { apiGroups: ["events.k8s.io"], resources: ["events"], verbs: ["create", "patch"] },
  { apiGroups: ["drop.corewire.io"], resources: ["cachedimages"], verbs: ["list", "watch"] },
  { apiGroups: ["drop.corewire.io"], resources: ["cachedimages/status"], verbs: ["patch"] },
];

before(async () => {
  kubernetes = await startKubernetes({ crds: true });
  connection = await connectKube({ kubeconfig: kubernetes.kubeconfigPath });
  weak = await connectKube({
    kubeconfig: (await kubernetes.addUser({ name: USER })).kubeconfigPath,
  });
  const rbac = "rbac.authorization.k8s.io";
  const objects = [
    { apiVersion: "v1", kind: "Namespace", metadata: { name: "drop-system" } },
    {
      apiVersion: "v1",
      kind: "Namespace",
      metadata: {
        name: "drop-pulls",
        labels: { "pod-security.kubernetes.io/enforce": "restricted" },
      },
    },
    { apiVersion: `${rbac}/v1`, kind: "ClusterRole", metadata: { name: USER }, rules: RULES },
    {
      apiVersion: `${rbac}/v1`,
      kind: "ClusterRoleBinding",
      metadata: { name: USER },
      roleRef: { apiGroup: rbac, kind: "ClusterRole", name: USER },
      subjects: [{ apiGroup: rbac, kind: "User", name: USER }],
    },
  ];
  const list = { apiVersion: "v1", kind: "List", items: objects };
  await kubectl(["apply", "-f", "-"], JSON.stringify(list));
});

after(async () => {
  await weak?.close();
  await connection?.close();
  await kubernetes?.stop();
});

function image(name: string, tag: string): UnknownRecord {
  return {
    ...{ apiVersion: IMAGES.apiVersion, kind: IMAGES.kind },
    metadata: { name },
    spec: { image: `docker.io/library/${name}`, tag },
  };
}

const apply = (object: UnknownRecord) =>
  kubectl(["apply", "-f", "-", "--server-side", "--force-conflicts"], JSON.stringify(object));

const tagOf = (raw: UnknownRecord) => String(valueAt(raw, ["spec", "tag"]));

test("a reflector follows a real collection through pages, changes, a broken watch and a check", async () => {
  const client = clientOf(connection);
  const names = Array.from({ length: 7 }, (_, index) => `page-${index}`);
  await Promise.all(
    names.map((name) => client.create(image(name, "1"), { resource: IMAGES }, { signal })),
  );
  let offMs = 0;
  let cut = new AbortController();
  const versions: string[] = [];
  const relists: { objects: number; drift: number | undefined }[] = [];
  const reflector = createReflector<string>({
    client: {
      list: client.list,
      watch(query, options) {
        versions.push(query.resourceVersion);
        return client.watch(query, {
          ...options,
          signal: AbortSignal.any([options.signal, cut.signal]),
        });
      },
    },
    clock: {
      ...fastClock(20),
      now: () => steadyClock.now() + offMs,
    },
    of: { resource: IMAGES },
    pageSize: 3,
    project: tagOf,
    onChange: () => undefined,
    onRelist: (relist) => relists.push(relist),
  });
  const stop = new AbortController();
  const running = reflector.run(stop.signal);
  await reflector.synced;
  const truth = () =>
    Object.fromEntries([...reflector.snapshot()].filter(([name]) => name.startsWith("page-")));
  assert.deepEqual(Object.keys(truth()), names);
  await until(() => versions.length === 1, { what: "the watch" });
  await apply(image("page-0", "2"));
  await kubectl(["delete", "cachedimage", "page-1"]);
  await until(() => truth()["page-0"] === "2" && !("page-1" in truth()), { what: "both changes" });
  const broken = cut;
  cut = new AbortController();
  broken.abort(new KubeError("Unreachable", { message: "cut", fix: "wait" }));
  await apply(image("page-2", "2"));
  await until(() => truth()["page-2"] === "2", { what: "the change after the break" });
  assert.notEqual(versions.at(-1), versions[0], "it went on from where it was");
  assert.equal(relists.length, 1, "no list was needed");
  offMs = 3_600_000;
  const expired = cut;
  cut = new AbortController();
  expired.abort(new KubeError("Unreachable", { message: "cut", fix: "wait" }));
  await until(() => relists.length === 2, { what: "the half-hourly list" });
  assert.equal(relists[1]?.drift, 0);
  assert.equal(relists[1]?.objects, reflector.snapshot().size);
  stop.abort();
  await running;
});

test("a status is applied, by its own manager, and with a version only to the object as it was", async () => {
  const client = clientOf(weak);
  const made = await clientOf(connection).create(
    image("nginx", "1"),
    { resource: IMAGES },
    { signal },
  );
  const ref: ObjectRef = { resource: IMAGES, name: "nginx" };
  const version = valueAt(made, ["metadata", "resourceVersion"]);
  const written = await client.applyStatus(ref, { status: { ready: "1/2" } }, { signal });
  assert.equal(valueAt(written, ["status", "ready"]), "1/2");
  assert.equal(
    await kubectl(["get", "cachedimage", "nginx", "-o", "jsonpath={.status.ready}"]),
    "1/2",
  );
  const managers = await kubectl([
    "get",
    "cachedimage",
    "nginx",
    "--show-managed-fields",
    "-o",
    "jsonpath={.metadata.managedFields[*].manager}",
  ]);
  assert.match(managers, /drop-reconciler/);
  const outdated = { status: { ready: "2/2" }, resourceVersion: String(version) };
  const other = client.applyStatus(ref, outdated, { signal });
  await assert.rejects(other, reasonIs("Conflict"));
  const missing = client.applyStatus({ ...ref, name: "missing" }, { status: {} }, { signal });
  await assert.rejects(missing, reasonIs("NotFound"));
  const forbidden = client.mergePatch(ref, { metadata: { labels: { a: "b" } } }, { signal });
  await assert.rejects(forbidden, reasonIs("Forbidden"));
});

function reasonIs(reason: KubeError["reason"]): (error: unknown) => boolean {
  return (error) => error instanceof KubeError && error.reason === reason;
}

function pod(name: string, securityContext: object): UnknownRecord {
  const container = { name: "a", image: "a", securityContext };
  return {
    metadata: { name },
    spec: { automountServiceAccountToken: false, containers: [container] },
  };
}

test("a Pod is created once, refused in words, and deleted only as the one that it is", async () => {
  const client = clientOf(connection);
  const within = { resource: PODS, namespace: "drop-pulls" };
  const restricted = {
    ...{ allowPrivilegeEscalation: false, runAsNonRoot: true, runAsUser: 65_535 },
    ...{ capabilities: { drop: ["ALL"] }, seccompProfile: { type: "RuntimeDefault" } },
  };
  const made = await client.create(pod("pull-1", restricted), within, { signal });
  const again = client.create(pod("pull-1", restricted), within, { signal });
  await assert.rejects(again, reasonIs("AlreadyExists"));
  await assert.rejects(client.create(pod("pull-2", {}), within, { signal }), (error) => {
    assert.ok(error instanceof KubeError);
    assert.equal(error.reason, "Forbidden");
    assert.match(error.answer?.message ?? "", /violates PodSecurity "restricted:latest"/);
    return true;
  });
  const ref: ObjectRef = { ...within, name: "pull-1" };
  const wrong = { uid: "00000000-0000-0000-0000-000000000000", gracePeriodSeconds: 0 };
  await assert.rejects(client.delete(ref, wrong, { signal }), reasonIs("Conflict"));
  const uid = String(valueAt(made, ["metadata", "uid"]));
  const right = { uid, gracePeriodSeconds: 0, propagationPolicy: "Background" } as const;
  assert.equal(await client.delete(ref, right, { signal }), true);
  assert.equal(await client.delete(ref, right, { signal }), false);
});

test("a list of a version long gone is Gone, and of a moment ago is as it was", async () => {
  const client = clientOf(connection);
  const now = await client.list({ resource: IMAGES }, { signal });
  await client.create(image("later", "1"), { resource: IMAGES }, { signal });
  const exact = { resourceVersionMatch: "Exact", resourceVersion: now.resourceVersion } as const;
  const then = await client.list({ resource: IMAGES, ...exact }, { signal });
  assert.equal(then.items.length, now.items.length);
  assert.equal(then.resourceVersion, now.resourceVersion);
  const streamed: unknown[] = [];
  const page = await client.list({ resource: IMAGES }, { signal }, (item) => streamed.push(item));
  assert.equal(streamed.length, now.items.length + 1);
  assert.deepEqual(page.items, []);
});

test("two candidates lead in turn: one is killed, one gives the Lease back", async () => {
  const clock = fastClock(5);
  const terms: { readonly who: string; readonly term: Term; readonly at: number }[] = [];
  let hangs = false;
  function stand(who: string, annotations: () => Readonly<Record<string, string>>) {
    const stop = new AbortController();
    const client = clientOf(weak, clock);
    const dead = () => new Promise<never>(() => undefined);
    const mortal =
      who === "first"
        ? {
            ...client,
            mergePatch: (...call: Parameters<typeof client.mergePatch>) =>
              hangs ? dead() : client.mergePatch(...call),
          }
        : client;
    const ended = campaign(
      {
        ...{ client: mortal, clock, namespace: "drop-system", name: "drop-reconciler" },
        ...{ identity: who, annotations },
        async onLead(term) {
          terms.push({ who, term, at: clock.now() });
          await new Promise((resolve) => term.signal.addEventListener("abort", resolve));
        },
      },
      stop.signal,
    );
    return { stop, ended };
  }
  stand("first", () => ({ "drop.corewire.io/last-start.default": "2026-01-01T00:00:00Z" }));
  await until(() => terms.length === 1, { what: "the first leader" });
  const lease = async () =>
    JSON.parse(
      await kubectl(["get", "lease", "-n", "drop-system", "drop-reconciler", "-o", "json"]),
    );
  await until(
    async () =>
      own((await lease()).metadata.annotations, "drop.corewire.io/last-start.default") !==
      undefined,
    { what: "a renewal" },
  );
  const second = stand("second", () => ({}));
  const third = stand("third", () => ({}));
  hangs = true;
  const killedAt = clock.now();
  await until(() => terms.length === 2, { what: "another leader", withinMs: 10_000 });
  const heir = terms[1]?.who === "second" ? second : third;
  const waited = (terms[1]?.at ?? 0) - killedAt;
  assert.ok(waited > 10_000 && waited < 20_000, `${waited} ms after the kill`);
  assert.equal(
    terms[1]?.term.annotations["drop.corewire.io/last-start.default"],
    "2026-01-01T00:00:00Z",
  );
  assert.equal((await lease()).spec.leaseTransitions, 1);
  const releasedAt = clock.now();
  heir.stop.abort();
  await heir.ended;
  await until(() => terms.length === 3, { what: "the last leader" });
  assert.ok((terms[2]?.at ?? 0) - releasedAt < 3_000);
  const { spec } = await lease();
  assert.deepEqual([spec.holderIdentity, spec.leaseTransitions], [terms[2]?.who, 2]);
  const last = heir === second ? third : second;
  last.stop.abort();
  await last.ended;
  const given = (await lease()).spec;
  assert.deepEqual([given.holderIdentity, given.leaseDurationSeconds], ["", 1]);
  assert.equal(LEASES.plural, "leases");
});

test("kubectl shows an Event about an object of the cluster, and how often it was told", async () => {
  const client = clientOf(weak);
  const object = JSON.parse(await kubectl(["get", "cachedimage", "page-0", "-o", "json"]));
  const event: EventText = {
    regarding: {
      ...{ apiVersion: IMAGES.apiVersion, kind: IMAGES.kind, name: "page-0" },
      ...{ uid: object.metadata.uid, resourceVersion: object.metadata.resourceVersion },
    },
    ...{
      type: "Warning",
      reason: "PullFailed",
      action: "Pulling",
      note: "no such image on 3 nodes",
    },
  };
  let offMs = 0;
  const faults: unknown[] = [];
  const recorder = createEventRecorder({
    ...{ client, signal, controller: "drop.corewire.io/reconciler", instance: "drop-reconciler-0" },
    clock: { ...steadyClock, now: () => steadyClock.now() + offMs },
    onFault: ({ error }) => faults.push(error),
  });
  recorder.emit(event);
  await recorder.settled();
  const shown = await kubectl(["get", "events", "-n", "default"]);
  assert.match(shown, /Warning\s+PullFailed\s+cachedimage\/page-0\s+no such image on 3 nodes/);
  assert.match(
    await kubectl(["describe", "cachedimage", "page-0"]),
    /PullFailed.*drop.corewire.io\/reconciler.*no such image/,
  );
  offMs = 61_000;
  recorder.emit(event);
  await recorder.settled();
  assert.deepEqual(faults, []);
  const counted = await kubectl([
    "get",
    "events.events.k8s.io",
    "-n",
    "default",
    "-o",
    "jsonpath={.items[?(@.reason=='PullFailed')].series.count}",
  ]);
  assert.equal(counted, "2");
});

test("a user without rights is told which call was refused", async () => {
  const call = clientOf(weak).list({ resource: NODES }, { signal });
  await assert.rejects(
    call,
    /^KubeError: listing nodes failed: the API server answered 403 Forbidden: nodes is forbidden: User "drop-test-user" cannot list/,
  );
});
