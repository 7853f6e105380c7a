import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { openClusterSecrets } from "../../src/cli/cluster/access.ts";
import { readCredentials } from "../../src/discovery/logins/credentials.ts";
import { connectKube, type KubeConnection } from "../../src/kube/connection.ts";
import { KubeError } from "../../src/kube/kube-error.ts";
import { clusterSecrets } from "../../src/kube/secrets.ts";
import { type Kubernetes, startKubernetes } from "../support/kubernetes.ts";

let kubernetes: Kubernetes;
let connection: KubeConnection;

before(async () => {
  kubernetes = await startKubernetes({ crds: false });
  connection = await connectKube({ kubeconfig: kubernetes.kubeconfigPath });
  for (const namespace of ["drop-system", "elsewhere"]) {
    const made = await kubernetes.kubectl(["create", "namespace", namespace]);
    assert.equal(made.code, 0, made.stderr);
  }
  const secret = {
    apiVersion: "v1",
    kind: "Secret",
    metadata: {
      name: "creds",
      namespace: "drop-system",
      annotations: { "drop.corewire.io/allowed-hosts": "ghcr.io" },
    },
    data: { binary: Buffer.from([0, 255, 128]).toString("base64") },
    stringData: { username: "admin", password: "pässword" },
  };
  const applied = await kubernetes.kubectl(["create", "-f", "-"], JSON.stringify(secret));
  assert.equal(applied.code, 0, applied.stderr);
});

after(async () => {
  await connection?.close();
  await kubernetes?.stop();
});

test("a Secret is read from Drop's own namespace of a real API server", async () => {
  const secret = await clusterSecrets(connection).read("creds", AbortSignal.timeout(10_000));
  const keys = secret?.keys;
  assert.equal(keys?.get("username")?.reveal(), "admin");
  assert.equal(keys?.get("password")?.reveal(), "pässword");
  assert.equal(keys?.get("binary")?.byteLength, 3);
  assert.equal(secret?.annotations["drop.corewire.io/allowed-hosts"], "ghcr.io");
});

test("a Secret of another name or namespace is not there", async () => {
  const signal = AbortSignal.timeout(10_000);
  assert.equal(await clusterSecrets(connection).read("missing", signal), undefined);
  assert.equal(await clusterSecrets(connection, "elsewhere").read("creds", signal), undefined);
});

test("a user who may not read Secrets is told so", async () => {
  const user = await kubernetes.addUser({ name: "nobody", groups: [] });
  const weak = await connectKube({ kubeconfig: user.kubeconfigPath });
  try {
    const read = clusterSecrets(weak).read("creds", AbortSignal.timeout(10_000));
    await assert.rejects(
      read,
      (error) => error instanceof KubeError && error.reason === "Forbidden",
    );
  } finally {
    await weak.close();
  }
});

test("what the API server refuses is the source's failure, in words", async () => {
  const user = await kubernetes.addUser({ name: "stranger", groups: [] });
  const weak = await connectKube({ kubeconfig: user.kubeconfigPath });
  try {
    const url = new URL("https://a.io");
    const signal = AbortSignal.timeout(10_000);
    const wanted = { secretName: "creds", host: "a.io", url, signal };
    await assert.rejects(readCredentials(clusterSecrets(weak), wanted), {
      reason: "SecretUnusable",
      message: /reading the Secret creds in drop-system failed: the API server answered 403/,
    });
  } finally {
    await weak.close();
  }
});

test("with requireAllowedHosts a Secret of the cluster is used for the hosts it names only", async () => {
  const plain = {
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name: "plain" },
    stringData: { token: "x" },
  };
  const made = await kubernetes.kubectl(
    ["create", "-n", "drop-system", "-f", "-"],
    JSON.stringify(plain),
  );
  assert.equal(made.code, 0, made.stderr);
  const named = { kubeconfig: kubernetes.kubeconfigPath, namespace: "drop-system" };
  const credentials = async (secretName: string, host: string, requireAllowedHosts: boolean) => {
    const secrets = await openClusterSecrets({ ...named, requireAllowedHosts });
    try {
      const url = new URL(`https://${host}`);
      const signal = AbortSignal.timeout(10_000);
      return await readCredentials(secrets.reader, { secretName, host, url, signal });
    } finally {
      await secrets.close();
    }
  };
  assert.equal((await credentials("plain", "ghcr.io", false)).login?.kind, "token");
  await assert.rejects(credentials("plain", "ghcr.io", true), {
    reason: "SecretUnusable",
    fix: "annotate it with drop.corewire.io/allowed-hosts: ghcr.io",
  });
  assert.equal((await credentials("creds", "ghcr.io", true)).login?.kind, "basic");
  await assert.rejects(credentials("creds", "quay.io", false), /may not be sent to quay\.io/);
});

test("an aborted read ends with the signal's reason", async () => {
  const signal = AbortSignal.abort(new Error("interrupted by a person"));
  await assert.rejects(clusterSecrets(connection).read("creds", signal), /interrupted by a person/);
});

test("two hundred calls share a few connections", async () => {
  let connections = 0;
  const server = new URL(connection.config.getCurrentCluster()?.server ?? "");
  const sockets = new Set<Socket>();
  const counter = createServer((socket) => {
    connections++;
    const upstream = connect(Number(server.port), server.hostname);
    socket.pipe(upstream).pipe(socket);
    for (const end of [socket, upstream]) {
      sockets.add(end);
      end.on("error", () => undefined);
    }
  });
  await new Promise<void>((resolve) => counter.listen(0, "127.0.0.1", resolve));
  const { port } = counter.address() as AddressInfo;
  const folder = await mkdtemp(join(tmpdir(), "drop-test-kubeconfig-"));
  const path = join(folder, "kubeconfig");
  const kubeconfig = await readFile(kubernetes.kubeconfigPath, "utf8");
  await writeFile(path, kubeconfig.replaceAll(server.host, `127.0.0.1:${port}`));
  const counted = await connectKube({ kubeconfig: path });
  try {
    const secrets = clusterSecrets(counted);
    for (let call = 0; call < 200; call++) {
      await secrets.read("creds", AbortSignal.timeout(10_000));
    }
    assert.ok(connections >= 1 && connections <= 2, `${connections} connections`);
  } finally {
    await counted.close();
    for (const socket of sockets) socket.destroy();
    counter.close();
    await rm(folder, { recursive: true });
  }
});

test("a kubeconfig that is missing, or lacks the context, is a mistake with a correction", async () => {
  const missing = connectKube({ kubeconfig: "/nonexistent/kubeconfig" });
  await assert.rejects(
    missing,
    (error) => error instanceof KubeError && error.reason === "InvalidConfig",
  );
  const unknown = connectKube({
    kubeconfig: kubernetes.kubeconfigPath,
    context: "no-such-context",
  });
  await assert.rejects(unknown, /no-such-context/);
});
