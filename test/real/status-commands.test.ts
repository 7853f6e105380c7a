import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import type { CachedImageStatus } from "../../src/api/types.gen.ts";
import { createKubeClient, type KubeClient } from "../../src/kube/client.ts";
import { connectKube, type KubeConnection } from "../../src/kube/connection.ts";
import { dropResource } from "../../src/kube/resource.ts";
import { imageFacts } from "../../src/reconciler/facts/image.ts";
import { DEFAULT_POLICY } from "../../src/reconciler/facts/policy.ts";
import { setFacts } from "../../src/reconciler/facts/set.ts";
import { reportPages } from "../../src/reconciler/report/pages.ts";
import type { View } from "../../src/reconciler/report/view.ts";
import { statusDue } from "../../src/reconciler/status/due.ts";
import { imageStatus } from "../../src/reconciler/status/image-status.ts";
import { setStatus } from "../../src/reconciler/status/set-status.ts";
import { type HealthServer, startHealthServer } from "../../src/runtime/health.ts";
import { systemClock } from "../../src/runtime/http-clock.ts";
import { leaderView } from "../reconciler/report/world.ts";
import { aSummary, NOW, notFound, refused } from "../reconciler/status/standing.ts";
import { type Address, makeAddress, noAddress } from "../support/address.ts";
import { bundleInto, drop, dropAt, projectFolder } from "../support/drop.ts";
import { type Folder, makeFolder } from "../support/folder.ts";
import { type Kubernetes, startKubernetes } from "../support/kubernetes.ts";
import { openPty } from "../support/pty.ts";
import { unavailable } from "../support/tools.ts";
import { until } from "../support/until.ts";

const noTerminal = await unavailable("script");

const OBJECTS = `
apiVersion: v1
kind: Namespace
metadata: {name: drop-system}
---
apiVersion: v1
kind: Namespace
metadata: {name: drop-pulls}
---
apiVersion: v1
kind: Node
metadata: {name: node-1}
---
apiVersion: v1
kind: Node
metadata: {name: node-2}
spec: {unschedulable: true}
---
apiVersion: drop.corewire.io/v1alpha1
kind: CachedImage
metadata:
  name: web-nginx
  labels:
    app.kubernetes.io/managed-by: drop
    drop.corewire.io/imageset: web
    drop.corewire.io/origin: static
spec: {image: docker.io/library/nginx, tag: "1.27", policyRef: {name: gentle}}
---
apiVersion: drop.corewire.io/v1alpha1
kind: CachedImage
metadata: {name: lost}
spec: {image: docker.io/library/lost, tag: "1"}
---
apiVersion: drop.corewire.io/v1alpha1
kind: CachedImageSet
metadata: {name: web}
spec: {images: [{image: docker.io/library/nginx, tag: "1.27"}]}
---
apiVersion: drop.corewire.io/v1alpha1
kind: PullPolicy
metadata: {name: gentle}
`;

describe("status on a real API server", {
  skip: await unavailable("kube-apiserver", "etcd", "kubectl"),
}, () => {
  let kubernetes: Kubernetes;
  let connection: KubeConnection;
  let client: KubeClient;
  let folder: Folder;
  const { signal } = new AbortController();
  const image = (name: string) => ({ resource: dropResource("CachedImage"), name });

  before(async () => {
    folder = await makeFolder("status");
    kubernetes = await startKubernetes({ crds: true });
    connection = await connectKube({ kubeconfig: kubernetes.kubeconfigPath });
    const options = { connection, clock: systemClock, version: "0.0.0", part: "reconciler" };
    client = createKubeClient({ ...options, qps: 100, burst: 100 });
    await kubectl(["apply", "-f", "-"], OBJECTS);
  });

  after(async () => {
    await connection?.close();
    await kubernetes?.stop();
    await folder?.remove();
  });

  async function kubectl(args: readonly string[], stdin = ""): Promise<string> {
    const { code, stdout, stderr } = await kubernetes.kubectl(args, stdin);
    assert.equal(code, 0, stderr);
    return stdout;
  }

  async function factsOf(name: string) {
    const facts = imageFacts(await client.get(image(name), { signal }));
    assert.ok(facts);
    return facts;
  }

  async function write(
    name: string,
    summary: Parameters<typeof aSummary>[0],
  ): Promise<CachedImageStatus> {
    const facts = await factsOf(name);
    const counted = aSummary({ ...summary, name });
    const status = imageStatus({
      image: facts,
      summary: counted,
      policy: DEFAULT_POLICY,
      now: NOW,
    });
    const apply = { status: { ...status }, uid: facts.uid };
    await client.applyStatus(image(name), apply, { signal });
    return status;
  }

  test("a new object is in progress until it is looked at", async () => {
    const { status } = await factsOf("web-nginx");
    assert.deepEqual(status, { observedGeneration: -1 });
  });

  test("a status that was applied comes back as it was, and is never written again", async () => {
    const wanted = await write("web-nginx", {
      ...{ ready: 1, targeted: 2, backingOff: 1, blocking: 1, cachedNodes: ["node-1"] },
      failedNodes: [
        {
          node: "node-2",
          failure: refused,
          attempts: 2,
          isBackingOff: true,
          nextAttemptAt: NOW + 6e4,
        },
      ],
      evictedNodes: [{ node: "node-2", count: 1, nextAttemptAt: NOW + 6e4 }],
    });
    const { status, generation } = await factsOf("web-nginx");
    assert.deepEqual(status, wanted);
    assert.equal(status.observedGeneration, generation);
    assert.equal(statusDue({ applied: status, wanted, appliedAt: 0, now: NOW }), undefined);
  });

  test("fields that are left out are withdrawn", async () => {
    await write("web-nginx", { ready: 2, targeted: 2, cachedNodes: ["node-1", "node-2"] });
    const { status } = await factsOf("web-nginx");
    assert.equal(status.failedNodes, undefined);
    assert.equal(status.evictedNodes, undefined);
    assert.deepEqual(
      status.conditions?.map(({ type, status: holds }) => `${type}=${holds}`),
      ["Ready=True", "PullProgress=False"],
    );
  });

  test("the renderer's condition on a set stays beside the reconciler's", async () => {
    const resource = dropResource("CachedImageSet");
    const set = { resource, name: "web" };
    const renderer = createKubeClient({
      ...{ connection, clock: systemClock, version: "0.0.0", part: "renderer" },
      ...{ qps: 100, burst: 100 },
    });
    const rendered = { type: "Rendered", status: "True", reason: "Rendered", message: "3 images" };
    await renderer.applyStatus(set, { status: { conditions: [rendered] } }, { signal });
    const read = async () => {
      const facts = setFacts(await client.get(set, { signal }));
      assert.ok(facts);
      return facts;
    };
    const children = [await factsOf("web-nginx")];
    const facts = await read();
    const wanted = setStatus({ set: facts, children, now: NOW });
    await client.applyStatus(set, { status: { ...wanted } }, { signal });
    const { status } = await read();
    assert.deepEqual(
      status.conditions?.map(({ type, status: holds }) => `${type}=${holds}`).sort(),
      ["Ready=True", "Rendered=True"],
    );
    assert.equal(status.observedGeneration, facts.generation);
    const due = { applied: status, wanted, appliedAt: 0, now: NOW };
    assert.equal(statusDue(due), undefined);
    await renderer.applyStatus(set, { status: {} }, { signal });
    assert.deepEqual((await read()).status, wanted);
  });

  test("kubectl shows it, and waits for it", async () => {
    await write("lost", {
      ...{ ready: 0, targeted: 2, waiting: 2, blocking: 2, cachedNodes: [] },
      ...{ consecutiveFailures: 4, hold: { ...notFound, until: NOW + 240_000 } },
    });
    const table = await kubectl(["get", "cimg", "-o", "wide"]);
    assert.match(table, /^NAME +IMAGE +TAG +READY +PHASE +AGE +DIGEST +POLICY +MESSAGE\n/);
    assert.match(table, /^lost .* 1 +0\/2 +Degraded .*0 of 2 nodes hold .*NotFound/m);
    assert.match(table, /^web-nginx .* 1\.27 +2\/2 +Ready .* gentle +2 of 2 nodes hold/m);
    assert.match(await kubectl(["get", "cimgset"]), /^web +1 +1 /m);
    await kubectl(["wait", "--for=condition=Ready", "cimg/web-nginx", "--timeout=5s"]);
  });

  function status(args: readonly string[], kubeconfig = kubernetes.kubeconfigPath) {
    return drop([...args, "--kubeconfig", kubeconfig]);
  }

  test("drop status tells what objects tell, and what they do not", async () => {
    const { code, stdout, stderr } = await status(["status"]);
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^2 images: 1 ready, 1 degraded; as the cluster's objects told at/);
    assert.match(stdout, /^web-nginx +docker\.io\/library\/nginx:1\.27 +2\/2 +Ready +- +-$/m);
    assert.match(stdout, /^lost: 0 of 2 nodes hold .* NotFound/m);
    assert.match(
      stderr,
      /^note: not known: what waits .*: no reconciler runs: there is no Lease drop-reconciler in drop-system\n$/,
    );
  });

  test("the bundle says the same of a cluster as the source", async () => {
    const program = await bundleInto(join(folder.path, "dist"));
    const args = ["status", "--kubeconfig", kubernetes.kubeconfigPath, "-o", "json"];
    const { code, stdout, stderr } = await dropAt(program, args);
    assert.equal(code, 0, stderr);
    const { time: _bundled, ...bundled } = JSON.parse(stdout);
    const { time: _source, ...source } = JSON.parse((await drop(args)).stdout);
    assert.deepEqual(bundled, source);
    assert.equal(bundled.images.length, 2);
  });

  test("drop status of one image, of a set, and of nothing that exists", async () => {
    const one = await status(["status", "web-nginx"]);
    assert.match(one.stdout, /^Name: +web-nginx\n/);
    assert.match(one.stdout, /^node-1 +Present/m);
    const set = await status(["status", "web"]);
    assert.match(set.stdout, /^web-nginx /m);
    assert.doesNotMatch(set.stdout, /^lost/m);
    const none = await status(["status", "web-nginy"]);
    assert.equal(none.code, 2);
    assert.equal(none.stdout, "");
    assert.match(none.stderr, /no CachedImage is called "web-nginy"; did you mean web-nginx\?\n$/);
  });

  test("drop why answers from objects, by name and by reference", async () => {
    for (const name of ["web-nginx", "nginx:1.27"]) {
      const { code, stdout } = await status(["why", "node-1", name]);
      assert.equal(code, 0);
      assert.match(stdout, /^Present: node-1 holds it\n/);
    }
    const missing = await status(["why", "node-3", "nginx:1.27"]);
    assert.equal(missing.code, 2);
    assert.match(missing.stderr, /no node is called "node-3"; did you mean node-1\?\n$/);
  });

  test("who may read CachedImages alone is told what is missing", async () => {
    const { kubeconfigPath: kubeconfig } = await kubernetes.addUser({ name: "reader" });
    const denied = await status(["status"], kubeconfig);
    assert.equal(denied.code, 3);
    assert.match(denied.stderr, /listing cachedimages failed: .*403.*give this user the right/s);
    const rule = ["--verb=list,get", "--resource=cachedimages.drop.corewire.io"];
    await kubectl(["create", "clusterrole", "reader", ...rule]);
    await kubectl([
      "create",
      "clusterrolebinding",
      "reader",
      "--clusterrole=reader",
      "--user=reader",
    ]);
    await until(async () => (await status(["status"], kubeconfig)).code === 0, {
      what: "the right to be there",
    });
    const { stdout, stderr } = await status(["status"], kubeconfig);
    assert.match(stdout, /^web-nginx .* 2\/2 +Ready/m);
    for (const lost of [
      /this user may not read the Lease drop-reconciler in drop-system/,
      /how CachedImageSets stand: this user may not list them/,
      /what PullPolicies allow: this user may not list them/,
      /this user may not list Nodes/,
      /this user may not list Pods in drop-pulls/,
    ]) {
      assert.match(stderr, lost);
    }
  });

  test("a cluster without the CRDs, or none at all, is an outage in one line", async () => {
    const config = await readFile(kubernetes.kubeconfigPath, "utf8");
    const nowhere = join(folder.path, "nowhere.kubeconfig");
    await writeFile(nowhere, config.replace(/server: .*/, "server: https://127.0.0.1:1"));
    const away = await status(["status"], nowhere);
    assert.equal(away.code, 3);
    assert.match(away.stderr, /^drop: reading the Lease .*failed: .*\n$/);
    const absent = await status(["status"], join(folder.path, "absent"));
    assert.equal(absent.code, 2);
  });

  describe("with a reconciler that leads", { skip: noAddress() }, () => {
    let health: HealthServer;
    /** The API server proxies to no loopback address. */
    let address: Address;
    let view: View = leaderView();
    let looks = 0;

    before(async () => {
      address = makeAddress();
      health = await startHealthServer({
        ...{ host: address.ip, port: 0, alive: {}, ready: {} },
        metrics: { contentType: "text/plain", text: async () => "" },
        pages: reportPages(() => {
          looks += 1;
          return view;
        }),
      });
      const pod = {
        ...{ apiVersion: "v1", kind: "Pod", metadata: { name: "drop-reconciler-0" } },
        spec: { nodeName: "node-1", containers: [{ name: "reconciler", image: "drop" }] },
      };
      await kubectl(["create", "serviceaccount", "default", "-n", "drop-system"]).catch(() => "");
      await kubectl(["apply", "-n", "drop-system", "-f", "-"], JSON.stringify(pod));
      const { ip } = address;
      const podStatus = { status: { phase: "Running", podIP: ip, podIPs: [{ ip }] } };
      await kubectl([
        ...["patch", "pod", "drop-reconciler-0", "-n", "drop-system", "--subresource=status"],
        ...["--type=merge", "-p", JSON.stringify(podStatus)],
      ]);
      const lease = {
        ...{ apiVersion: "coordination.k8s.io/v1", kind: "Lease" },
        metadata: { name: "drop-reconciler", namespace: "drop-system" },
        spec: { holderIdentity: "drop-reconciler-0" },
      };
      await kubectl(["apply", "-f", "-"], JSON.stringify(lease));
    });

    after(async () => {
      await health?.close();
      address?.release();
    });

    function ask(args: readonly string[], kubeconfig = kubernetes.kubeconfigPath) {
      return status([...args, "--health-port", String(health.port)], kubeconfig);
    }

    test("drop status shows what the leader knows, through pods/proxy", async () => {
      view = leaderView();
      const { code, stdout, stderr } = await ask(["status"]);
      assert.deepEqual([code, stderr], [0, ""]);
      const golden = join(projectFolder, "test", "golden", "status", "overview-reconciler.txt");
      assert.equal(stdout, await readFile(golden, "utf8"));
      const json = await ask(["status", "web-nginx", "-o", "json"]);
      const report = JSON.parse(json.stdout);
      assert.equal(report.source, "reconciler");
      assert.equal(report.images[0].nodes.length, 8);
      assert.match((await ask(["status", "-o", "yaml"])).stdout, /^---\nversion: 1\n/);
    });

    test("drop why does too, whatever is in the question", async () => {
      const { stdout } = await ask(["why", "node-5", "nginx:1.27"]);
      assert.match(stdout, /^Backoff: node-5 does not hold it: it is tried again in 24s/);
      const json = JSON.parse((await ask(["why", "node-4", "web-nginx", "-o", "json"])).stdout);
      assert.equal(json.state, "Pulling");
      const strange = await ask(["why", "../?a=b&c#d %2e", "nginx:1.27"]);
      assert.equal(strange.code, 2);
      assert.match(strange.stderr, /no node is called "\.\.\/\?a=b&c#d %2e"/);
    });

    test("who may follow the shipped role may do all this", async () => {
      const { kubeconfigPath: kubeconfig } = await kubernetes.addUser({ name: "viewer" });
      const role = join(projectFolder, "kustomize", "base", "reconciler", "viewer.yaml");
      await kubectl(["apply", "-f", role]);
      await kubectl([
        ...["create", "clusterrolebinding", "viewer", "--clusterrole=drop-viewer"],
        "--user=viewer",
      ]);
      for (const namespace of ["drop-system", "drop-pulls"]) {
        await kubectl([
          ...["create", "rolebinding", "viewer", "--role=drop-viewer", "--user=viewer"],
          ...["-n", namespace],
        ]);
      }
      await until(async () => (await ask(["status"], kubeconfig)).stderr === "", {
        what: "the rights to be there",
      });
      const { stdout } = await ask(["status"], kubeconfig);
      assert.match(stdout, /as the reconciler told/);
    });

    test("a leader of another version, or one that is away, leaves the objects", async () => {
      for (const [change, why] of [
        [["--health-port", "1"], /the reconciler's Pod drop-reconciler-0 could not be heard/],
        [["--lease", "other"], /there is no Lease other in drop-system/],
      ] as const) {
        const { code, stdout, stderr } = await status(["status", ...change]);
        assert.equal(code, 0, stderr);
        assert.match(stdout, /as the cluster's objects told/);
        assert.match(stderr, why);
      }
      view = {
        ...leaderView({ now: NOW + 9_000 }),
        get source(): never {
          throw new Error("no answer");
        },
      };
      const broken = await ask(["status"]);
      assert.match(broken.stdout, /as the cluster's objects told/);
      view = leaderView();
    });

    const WATCH = ["status", "--watch"];

    test("--watch shows each change once, and ends with 0 on Ctrl-C", async (t) => {
      view = leaderView();
      const main = join(projectFolder, "src", "cli", "main.ts");
      const flags = ["--kubeconfig", kubernetes.kubeconfigPath, "--health-port", `${health.port}`];
      const child = spawn(process.execPath, [main, ...WATCH, ...flags], {
        env: { PATH: process.env["PATH"] ?? "" },
      });
      t.after(() => child.kill("SIGKILL"));
      let said = "";
      child.stdout.setEncoding("utf8").on("data", (text: string) => {
        said += text;
      });
      await until(() => said.includes("LEFT OUT"), { what: "a report", withinMs: 20_000 });
      const first = said.length;
      view = leaderView({ now: NOW + 2_000 });
      const before = looks;
      await until(() => looks > before + 1, { what: "more looks", withinMs: 20_000 });
      assert.equal(said.length, first, "time passing is no change off a terminal");
      view = leaderView({ now: NOW + 4_000, holds: () => [] });
      await until(() => said.length > first, { what: "the change", withinMs: 20_000 });
      await until(() => said.endsWith("node-8\n"), { what: "all of it" });
      assert.doesNotMatch(said.slice(first), /^HELD/m);
      child.kill("SIGINT");
      const [code] = await once(child, "close");
      assert.equal(code, 0);
    });

    test("--watch redraws in place on a terminal", { skip: noTerminal }, async (t) => {
      view = leaderView();
      const main = join(projectFolder, "src", "cli", "main.ts");
      const flags = `--kubeconfig ${kubernetes.kubeconfigPath} --health-port ${health.port}`;
      const pty = await openPty({
        command: `exec '${process.execPath}' '${main}' ${WATCH.join(" ")} ${flags}`,
        ...{ cwd: folder.path, env: {}, columns: 200 },
      });
      t.after(() => pty.close());
      await pty.shows("Windows");
      view = leaderView({ now: NOW + 2_000, holds: () => [] });
      await pty.shows("\u001b[J");
      await pty.shows("Windows");
      assert.match(pty.output().replaceAll("\u001b", "ESC"), /ESC\[\d+A/);
      pty.type("\u0003");
      const { code } = await pty.ended();
      assert.equal(code, 0, pty.output());
    });
  });
});
