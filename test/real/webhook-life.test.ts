import assert from "node:assert/strict";
import { Agent, request } from "node:https";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { parseAllDocuments } from "yaml";
import { changed, fullest, smallest } from "../api/valid-objects.ts";
import { type Backend, type Balancer, startBalancer } from "../support/balancer.ts";
import { type Child, startChild } from "../support/child.ts";
import { makeFolder } from "../support/folder.ts";
import { type Kubernetes, startKubernetes } from "../support/kubernetes.ts";
import { unavailable } from "../support/tools.ts";
import { until } from "../support/until.ts";
import { makePair, mountPair } from "../webhook/certificates.ts";
import { serve } from "../webhook/serving.ts";
import { certManagerCrds } from "./cert-manager.ts";
import { built } from "./webhook-cluster.ts";

const skip = await unavailable("kube-apiserver", "etcd", "kubectl");
const certManager = skip ? undefined : await certManagerCrds();
const REPLICA = fileURLToPath(new URL("./webhook-replica.ts", import.meta.url));
const WEBHOOK_USER = "system:serviceaccount:drop-system:drop-webhook";

describe("the webhook as shipped", { skip }, () => {
  let kubernetes: Kubernetes;
  let balancer: Balancer;
  let userConfig: string;

  before(async () => {
    kubernetes = await startKubernetes({ crds: true, crdPaths: certManager ?? [] });
    balancer = await startBalancer();
    await done(["apply", "-f", "-"], await built("base/namespace"));
    userConfig = (await kubernetes.addUser({ name: WEBHOOK_USER })).kubeconfigPath;
  });

  after(async () => {
    await balancer?.close();
    await kubernetes?.stop();
  });

  async function done(args: readonly string[], input = ""): Promise<string> {
    const { code, stdout, stderr } = await kubernetes.kubectl(args, input);
    assert.equal(code, 0, `${args.join(" ")}: ${stderr}`);
    return stdout;
  }

  /** Kinds that this cluster has only where cert-manager's own definitions could be had. */
  const FOREIGN = certManager === undefined ? ["Certificate", "Issuer"] : [];

  for (const folder of [
    "base/webhook",
    "overlays/webhook-cert-manager",
    "overlays/webhook-self-signed",
  ]) {
    test(`the API server accepts all of kustomize/${folder}`, async () => {
      const documents = parseAllDocuments(await built(folder));
      const objects = (Array.isArray(documents) ? documents : []).map((document) =>
        document.toJS(),
      );
      const own = objects.filter(({ kind }) => !FOREIGN.includes(kind));
      const issued = objects.filter(({ apiVersion }) => apiVersion === "cert-manager.io/v1");
      assert.equal(issued.length, folder.endsWith("cert-manager") ? 4 : 0);
      const stream = own.map((object) => JSON.stringify(object)).join("\n---\n");
      await done(
        [
          "apply",
          "--server-side",
          "--force-conflicts",
          "--dry-run=server",
          "--validate=strict",
          "-f",
          "-",
        ],
        stream,
      );
    });
  }

  test("without the component self-signed the webhook has no right at all", async () => {
    await done(["apply", "-f", "-"], pointed(await built("base/webhook")));
    for (const right of [
      ["get", "secrets"],
      ["list", "cachedimages.drop.corewire.io"],
      ["get", "configmaps"],
    ]) {
      assert.equal(await can(...right), "no");
    }
  });

  async function can(...right: readonly string[]): Promise<string> {
    const { stdout } = await kubernetes.kubectl([
      "auth",
      "can-i",
      ...right,
      "--namespace=drop-system",
      `--as=${WEBHOOK_USER}`,
    ]);
    return stdout.trim();
  }

  /** The manifests with both configurations calling the balancer under the name localhost. */
  function pointed(manifests: string): string {
    const documents = parseAllDocuments(manifests);
    const objects = (Array.isArray(documents) ? documents : []).map((document) => document.toJS());
    for (const object of objects) {
      for (const hook of object.webhooks ?? []) {
        const { path } = hook.clientConfig.service;
        hook.clientConfig = { url: `https://localhost:${balancer.port}${path}` };
      }
    }
    const CRD = "CustomResourceDefinition";
    return objects
      .filter(({ kind }) => kind !== CRD)
      .map((object) => JSON.stringify(object))
      .join("\n---\n");
  }

  const policy = JSON.stringify(fullest("DiscoveryPolicy"));
  const creating = ["create", "--dry-run=server", "-f", "-"];

  test("a certificate that is not trusted or has expired fails the call, and a good one mends it", async (t) => {
    const [good, strange] = await Promise.all([makePair(), makePair()]);
    const { path: folder, remove } = await makeFolder("real-certificate");
    t.after(remove);
    await mountPair(folder, strange);
    const serving = await serve({ folder });
    t.after(() => serving.stop());
    balancer.use([{ port: serving.port, healthUrl: serving.healthUrl }]);
    await until(() => balancer.readyCount() === 1, { what: "a ready replica" });
    await trust(good.caPem);
    const fails = async (words: RegExp) => {
      const { code, stderr } = await kubernetes.kubectl(creating, policy);
      return code === 1 && words.test(stderr);
    };
    await until(() => fails(/failed calling webhook.*certificate signed by unknown authority/), {
      what: "distrust",
    });
    const other = JSON.stringify(smallest("CachedImage"));
    await done(creating, other);
    await mountPair(folder, good);
    await until(async () => (await kubernetes.kubectl(creating, policy)).code === 0, {
      what: "trust",
    });
    const expired = await makePair(Date.now() - 2 * 3_600_000);
    const old = await makeFolder("real-expired");
    t.after(() => old.remove());
    await mountPair(old.path, expired);
    const late = await serve({ folder: old.path });
    t.after(() => late.stop());
    await trust(expired.caPem);
    // The balancer follows readiness, so that nothing is sent to an expired one.
    balancer.use([{ port: late.port, healthUrl: late.healthUrl }]);
    await until(async () => (await kubernetes.kubectl(creating, policy)).code === 1, {
      what: "a refused call",
    });
    assert.equal(balancer.readyCount(), 0);
    await done(creating, other);
  });

  async function trust(caPem: string): Promise<void> {
    const value = Buffer.from(caPem).toString("base64");
    for (const [kind, count] of [
      ["mutating", 1],
      ["validating", 2],
    ] as const) {
      const operations = Array.from({ length: count }, (_, at) => ({
        op: "add",
        path: `/webhooks/${at}/clientConfig/caBundle`,
        value,
      }));
      await done([
        "patch",
        `${kind}webhookconfiguration`,
        "drop-webhook",
        "--type=json",
        "-p",
        JSON.stringify(operations),
      ]);
    }
  }

  describe("with the component self-signed", () => {
    /** Leaves live 6 s and are renewed after 4, authorities 45 s and are changed after 30. */
    const times = {
      authorityLifeMs: 45_000,
      leafLifeMs: 6_000,
      settleMs: 3_000,
      retireMs: 8_000,
      lookEveryMs: 500,
    };
    const replicas: Child[] = [];

    before(async () => {
      await done(["apply", "-f", "-"], pointed(await built("overlays/webhook-self-signed")));
    });

    after(async () => {
      for (const replica of replicas) {
        if (replica.ended() === undefined) process.kill(replica.pid, "SIGKILL");
      }
    });

    async function startReplica(): Promise<{ readonly child: Child; readonly backend: Backend }> {
      const child = await startChild({
        command: process.execPath,
        args: [REPLICA, JSON.stringify({ kubeconfig: userConfig, times })],
        ready: (output) => output.includes('"msg":"serving"'),
        graceMs: 40_000,
      });
      replicas.push(child);
      const line =
        child
          .output()
          .split("\n")
          .find((text) => text.includes('"msg":"serving"')) ?? "";
      const { port, healthPort } = JSON.parse(line);
      return { child, backend: { port, healthUrl: `http://127.0.0.1:${healthPort}` } };
    }

    test("its rights are its own Secret and the two configurations by name", async () => {
      const rights: readonly (readonly [string, readonly string[]])[] = [
        ["yes", ["get", "secrets/drop-webhook-ca"]],
        ["yes", ["update", "secrets/drop-webhook-ca"]],
        ["no", ["delete", "secrets/drop-webhook-ca"]],
        ["no", ["get", "secrets/another"]],
        ["no", ["create", "secrets"]],
        ["no", ["list", "secrets"]],
        ["yes", ["patch", "validatingwebhookconfigurations/drop-webhook"]],
        ["no", ["patch", "validatingwebhookconfigurations/another"]],
        ["no", ["delete", "mutatingwebhookconfigurations/drop-webhook"]],
        ["no", ["list", "cachedimages.drop.corewire.io"]],
      ];
      for (const [expected, right] of rights)
        assert.equal(await can(...right), expected, right.join(" "));
    });

    test("two replicas make one authority, and leaves, a new authority and a rolling restart lose no request", {
      timeout: 200_000,
    }, async (t) => {
      const started = await Promise.all([startReplica(), startReplica()]);
      balancer.use(started.map(({ backend }) => backend));
      await until(() => balancer.readyCount() === 2, { what: "two ready replicas" });
      assert.equal(authoritiesMade(), 1);
      const firstBundle = await bundle();
      await until(async () => (await kubernetes.kubectl(creating, policy)).code === 0, {
        what: "a trusted webhook",
      });
      const load = startLoad(kubernetes, 100);
      t.after(() => load.stop());
      const leaves = () => replicas.map((replica) => countOf(replica, "certificate made"));
      await until(() => leaves().every((count) => count >= 3), {
        what: "renewed leaves",
        withinMs: 30_000,
      });
      await until(() => authoritiesMade() === 2, { what: "a new authority", withinMs: 60_000 });
      await until(async () => blocksIn(await bundle()) === 2, {
        what: "both authorities to be trusted",
      });
      await until(async () => blocksIn(await bundle()) === 1, {
        what: "the old one to go",
        withinMs: 20_000,
      });
      assert.notEqual(await bundle(), firstBundle);
      let backends = started.map(({ backend }) => backend);
      for (const { child, backend } of started) {
        const fresh = await startReplica();
        backends = [...backends.filter((other) => other !== backend), fresh.backend];
        balancer.use([...backends, backend]);
        await until(() => balancer.readyCount() === 3, { what: "the new replica" });
        const { code } = await child.stop();
        assert.equal(code, 0, child.output().slice(-500));
        balancer.use(backends);
      }
      const { sent, lost, perSecond } = await load.stop();
      t.diagnostic(
        `${sent} objects, two calls each, ${Math.round(perSecond)} objects a second; lost: ${lost.length}`,
      );
      assert.deepEqual(lost.slice(0, 3), []);
      assert.ok(sent > 1_000);
      for (const replica of replicas)
        assert.equal(countOf(replica, "could not be seen to"), 0, replica.output().slice(-2_000));
    });

    function authoritiesMade(): number {
      return replicas.reduce((sum, replica) => sum + countOf(replica, "authority made"), 0);
    }

    async function bundle(): Promise<string> {
      const path = "jsonpath={.webhooks[0].clientConfig.caBundle}";
      const text = await done([
        "get",
        "validatingwebhookconfiguration",
        "drop-webhook",
        "-o",
        path,
      ]);
      return Buffer.from(text, "base64").toString();
    }

    test("only caBundle is the webhook's own field", async () => {
      const text = await done([
        "get",
        "mutatingwebhookconfiguration",
        "drop-webhook",
        "-o",
        "json",
        "--show-managed-fields",
      ]);
      const { managedFields } = JSON.parse(text).metadata;
      const own = managedFields.find(
        ({ manager }: { manager: string }) => manager === "drop-webhook",
      );
      assert.equal(own.operation, "Apply");
      assert.deepEqual(own.fieldsV1["f:webhooks"], {
        'k:{"name":"mutate.drop.corewire.io"}': {
          ".": {},
          "f:clientConfig": { "f:caBundle": {} },
          "f:name": {},
        },
      });
    });
  });
});

function countOf(child: Child, words: string): number {
  return child.output().split(words).length - 1;
}

function blocksIn(pem: string): number {
  return pem.split("BEGIN CERTIFICATE").length - 1;
}

/** Creates DiscoveryPolicies, dry, at a steady pace: each is two calls of the webhook, and a lost one is an error. */
function startLoad({ config }: Kubernetes, perSecond: number) {
  const agent = new Agent({ keepAlive: true, maxSockets: 32 });
  const path = "/apis/drop.corewire.io/v1alpha1/discoverypolicies?dryRun=All";
  const url = new URL(path, config.server);
  const body = JSON.stringify(changed(fullest("DiscoveryPolicy"), "metadata.name", "load"));
  const lost: string[] = [];
  const counts = { sent: 0 };
  const open = new Set<Promise<void>>();
  const since = performance.now();
  const timer = setInterval(() => {
    const due = Math.floor(((performance.now() - since) / 1_000) * perSecond) - counts.sent;
    for (let count = 0; count < Math.min(due, 20); count++) send();
  }, 10);
  function send(): void {
    counts.sent++;
    const answered = once().finally(() => open.delete(answered));
    open.add(answered);
  }
  function once(): Promise<void> {
    return new Promise((resolve) => {
      const tls = { ca: config.caPem, cert: config.certPem, key: config.keyPem, agent };
      const headers = {
        "content-type": "application/json",
        "content-length": Buffer.byteLength(body),
      };
      const sent = request(url, { method: "POST", headers, ...tls }, (response) => {
        let text = "";
        response.setEncoding("utf8").on("data", (chunk) => {
          text += chunk;
        });
        response.on("end", () => {
          if (response.statusCode !== 201) lost.push(text);
          resolve();
        });
      });
      sent.on("error", (error) => {
        lost.push(String(error));
        resolve();
      });
      sent.end(body);
    });
  }
  return {
    async stop() {
      clearInterval(timer);
      const seconds = (performance.now() - since) / 1_000;
      await Promise.all(open);
      agent.destroy();
      return { sent: counts.sent, lost, perSecond: counts.sent / seconds };
    },
  };
}
