import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { after, before, describe, test } from "node:test";
import { drop } from "../support/drop.ts";
import { makeFolder } from "../support/folder.ts";
import { type Kubernetes, startKubernetes } from "../support/kubernetes.ts";
import { type Prometheus, startPrometheus } from "../support/prometheus.ts";
import { unavailable } from "../support/tools.ts";
import { usageHistory } from "../support/usage-history.ts";

const header = "apiVersion: drop.corewire.io/v1alpha1\n";

describe("commands with a kubeconfig", {
  skip: await unavailable("kube-apiserver", "etcd", "kubectl", "prometheus"),
}, () => {
  let kubernetes: Kubernetes;
  let prometheus: Prometheus;

  before(async () => {
    const images = [{ image: "ghcr.io/team/app:1", samples: () => 1 }];
    [kubernetes, prometheus] = await Promise.all([
      startKubernetes({ crds: true }),
      startPrometheus({
        basicAuth: true,
        openMetrics: usageHistory({ now: Date.now(), days: 1, images }),
      }),
    ]);
    const { username = "", password = "" } = prometheus.credentials ?? {};
    for (const args of [
      ["create", "namespace", "drop-system"],
      ["create", "namespace", "drop-pulls"],
      [
        ...["create", "secret", "generic", "login", "-n", "drop-system"],
        ...[`--from-literal=username=${username}`, `--from-literal=password=${password}`],
      ],
    ]) {
      const { code, stderr } = await kubernetes.kubectl(args);
      assert.equal(code, 0, stderr);
    }
    const nodes = Array.from(
      { length: 3 },
      (_, index) => `apiVersion: v1\nkind: Node\nmetadata: {name: n${index}}\n`,
    );
    const policy = `${header}kind: PullPolicy\nmetadata: {name: in-cluster}\nspec: {repullInterval: 1d}\n`;
    const applied = await kubernetes.kubectl(
      ["apply", "-f", "-"],
      [...nodes, policy].join("---\n"),
    );
    assert.equal(applied.code, 0, applied.stderr);
  });

  after(() => Promise.all([kubernetes?.stop(), prometheus?.stop()]));

  function policy(secret: string): string {
    return `${header}kind: DiscoveryPolicy
metadata: {name: used}
spec:
  sources:
    - type: prometheus
      secretRef: {name: ${secret}}
      prometheus:
        endpoint: ${prometheus.url}
        query: count(container_memory_working_set_bytes) by (image)
`;
  }

  test("render reads a source's Secret from the cluster and prints none of it", async () => {
    const set = `---\n${header}kind: CachedImageSet\nmetadata: {name: used}\nspec: {discoveryPolicyRef: {name: used}}\n`;
    const { code, stdout, stderr } = await drop(
      ["render", "-", "--kubeconfig", kubernetes.kubeconfigPath],
      {
        stdin: policy("login") + set,
      },
    );
    assert.equal(code, 0, stderr);
    assert.match(stdout, /image: ghcr\.io\/team\/app/);
    assert.equal((stdout + stderr).includes(prometheus.credentials?.password ?? "?"), false);
  });

  test("a Secret that is missing in the cluster fails its source by name", async () => {
    const { code, stderr } = await drop(
      ["discover", "-", "--kubeconfig", kubernetes.kubeconfigPath],
      {
        stdin: policy("absent"),
      },
    );
    assert.equal(code, 3);
    assert.match(stderr, /the Secret absent was not found; create it/);
  });

  test("validate compares with the policies, Secrets and nodes of the cluster", async () => {
    const image = (name: string, policyName: string, secret: string) => `---
${header}kind: CachedImage
metadata: {name: ${name}}
spec:
  image: ghcr.io/team/${name}
  tag: "1"
  policyRef: {name: ${policyName}}
  imagePullSecrets: [{name: ${secret}}]
`;
    const slow = `---\n${header}kind: PullPolicy\nmetadata: {name: slow}\nspec: {minDelayBetweenPulls: 13h}\n`;
    const { code, stdout, stderr } = await drop(
      ["validate", "-", "--kubeconfig", kubernetes.kubeconfigPath],
      {
        stdin:
          policy("absent") +
          image("a", "in-cluster", "login") +
          image("b", "nowhere", "login") +
          slow,
      },
    );
    assert.equal(code, 0, stderr);
    const rules = [...stdout.matchAll(/warning: (\S+ \S+): .*\[(DROP\d+)\]$/gm)].map(
      ([, object, rule]) => `${rule} ${object}`,
    );
    assert.deepEqual(rules.sort(), [
      "DROP2005 DiscoveryPolicy used",
      "DROP2101 CachedImage b",
      "DROP2103 CachedImage a",
      "DROP2103 CachedImage b",
      "DROP2103 DiscoveryPolicy used",
      "DROP2105 PullPolicy slow",
    ]);
    assert.match(stdout, /with 13h between nodes, 3 nodes take 1d2h/);
  });

  test("validate warns of a Secret that may not be sent to the host of its source", async () => {
    const validated = async (flags: readonly string[] = []) => {
      const args = ["validate", "-", "--kubeconfig", kubernetes.kubeconfigPath, ...flags];
      const { code, stdout, stderr } = await drop(args, { stdin: policy("login") });
      assert.equal(code, 0, stderr);
      return /^.*warning: .*\[DROP2107\]$/m.exec(stdout)?.[0];
    };
    const annotated = async (change: string) => {
      const args = ["annotate", "secret", "login", "-n", "drop-system", "--overwrite", change];
      const { code, stderr } = await kubernetes.kubectl(args);
      assert.equal(code, 0, stderr);
    };
    const { host, hostname } = new URL(prometheus.url);
    assert.equal(await validated(), undefined);
    assert.equal(
      await validated(["--require-allowed-hosts"]),
      `-:7:25: warning: DiscoveryPolicy used: spec.sources[0].secretRef.name: the Secret login does not say which hosts it may be sent to; annotate it with drop.corewire.io/allowed-hosts: ${hostname} [DROP2107]`,
    );
    try {
      await annotated("drop.corewire.io/allowed-hosts=prometheus.example.com");
      assert.match(
        (await validated()) ?? "",
        new RegExp(`login may not be sent to ${host}; list the host in its annotation `),
      );
      // What validate says early is what happens when the source is asked.
      const asked = await drop(["discover", "-", "--kubeconfig", kubernetes.kubeconfigPath], {
        stdin: policy("login"),
      });
      assert.equal(asked.code, 3);
      assert.match(asked.stderr, new RegExp(`login may not be sent to ${host}; list the host`));
      await annotated(`drop.corewire.io/allowed-hosts=prometheus.example.com ${host}`);
      assert.equal(await validated(["--require-allowed-hosts"]), undefined);
    } finally {
      await annotated("drop.corewire.io/allowed-hosts-");
    }
  });

  test("a cluster that cannot be reached is exit code 3, a kubeconfig that cannot be read 2, each with its fix", async () => {
    const unreadable = await drop(["validate", "-", "--kubeconfig", "/nowhere"], {
      stdin: policy("login"),
    });
    assert.equal(unreadable.code, 2);
    assert.match(unreadable.stderr, /^drop: the kubeconfig \/nowhere cannot be read; check /m);
    const view = await kubernetes.kubectl(["config", "view", "--raw", "--minify", "-o", "yaml"]);
    const folder = await makeFolder("kubeconfig");
    const path = `${folder.path}/config`;
    await writeFile(path, view.stdout.replace(/server: .*/, "server: https://127.0.0.1:1"));
    const unreachable = await drop(["validate", "-", "--kubeconfig", path], {
      stdin: policy("login"),
    });
    await folder.remove();
    assert.equal(unreachable.code, 3, unreachable.stderr);
    assert.match(unreachable.stderr, /the API server did not answer; check the kubeconfig/);
  });
});
