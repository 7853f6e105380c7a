import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { makeFolder } from "../support/folder.ts";
import { ask } from "../support/http.ts";
import { startKubernetes } from "../support/kubernetes.ts";
import { requireTool } from "../support/tools.ts";

const crd = {
  apiVersion: "apiextensions.k8s.io/v1",
  kind: "CustomResourceDefinition",
  metadata: { name: "lamps.test.example" },
  spec: {
    group: "test.example",
    scope: "Namespaced",
    names: { kind: "Lamp", plural: "lamps", singular: "lamp" },
    versions: [
      {
        name: "v1",
        served: true,
        storage: true,
        schema: {
          openAPIV3Schema: {
            type: "object",
            properties: { spec: { type: "object", properties: { watts: { type: "integer" } } } },
          },
        },
      },
    ],
  },
};

const webhook = {
  apiVersion: "admissionregistration.k8s.io/v1",
  kind: "ValidatingWebhookConfiguration",
  metadata: { name: "lamps" },
  webhooks: [
    {
      name: "lamps.test.example",
      admissionReviewVersions: ["v1"],
      sideEffects: "None",
      clientConfig: { service: { name: "drop", namespace: "drop", path: "/check" } },
      rules: [
        {
          apiGroups: ["test.example"],
          apiVersions: ["v1"],
          operations: ["CREATE"],
          resources: ["lamps"],
        },
      ],
    },
  ],
};

function lamp(watts: unknown): string {
  const metadata = { name: "desk", namespace: "default" };
  return JSON.stringify({ apiVersion: "test.example/v1", kind: "Lamp", metadata, spec: { watts } });
}

test("a real API server answers a real kubectl, with schemas, users and webhooks, and leaves nothing", async (t) => {
  if (!(await requireTool(t, "kube-apiserver", "etcd", "kubectl"))) return;
  const folder = await makeFolder("manifests");
  t.after(() => folder.remove());
  const [crdPath, webhookPath] = ["crd.json", "webhook.json"].map((name) =>
    join(folder.path, name),
  );
  assert.ok(crdPath !== undefined && webhookPath !== undefined);
  await writeFile(crdPath, JSON.stringify(crd));
  await writeFile(webhookPath, JSON.stringify(webhook));
  const kubernetes = await startKubernetes({
    crds: false,
    crdPaths: [crdPath],
    webhooks: [webhookPath],
  });
  t.after(() => kubernetes.stop());
  const { kubectl, config } = kubernetes;

  await t.test("kubectl and the server know each other's versions", async () => {
    const { stdout, stderr, code } = await kubectl(["version", "--output=json"]);
    assert.deepEqual([code, stderr], [0, ""]);
    const { serverVersion, clientVersion } = JSON.parse(stdout);
    const [server, client] = [serverVersion, clientVersion].map(({ gitVersion }) =>
      Number(String(gitVersion).split(".")[1]),
    );
    assert.ok(Math.abs(Number(server) - Number(client)) <= 1, stdout);
  });

  await t.test("the namespaces that every cluster has are there", async () => {
    const { stdout } = await kubectl(["get", "namespaces", "--output=name"]);
    assert.match(stdout, /^namespace\/default$/m);
  });

  await t.test(
    "an object that breaks its schema is refused with the reason on stderr",
    async () => {
      const { code, stderr } = await kubectl(
        ["apply", "-f", "-", "--validate=false"],
        lamp("many"),
      );
      assert.equal(code, 1);
      assert.match(stderr, /spec\.watts: Invalid value: "string"/);
    },
  );

  await t.test("a webhook that is not there yet is called on loopback", async () => {
    const { code, stderr } = await kubectl(["apply", "-f", "-"], lamp(5));
    assert.equal(code, 1);
    assert.match(stderr, new RegExp(`https://127\\.0\\.0\\.1:${config.webhook?.port}/check`));
  });

  await t.test("a further user may do nothing until RBAC says so", async () => {
    const { kubeconfigPath } = await kubernetes.addUser({ name: "dora" });
    const { code, stderr } = await kubectl(["get", "lamps"], "", kubeconfigPath);
    assert.equal(code, 1);
    assert.match(stderr, /User "dora" cannot list resource "lamps"/);
  });

  await kubernetes.stop();
  await assert.rejects(ask(config.server), { code: "ECONNREFUSED" });
  await assert.rejects(ask(config.etcdURL ?? ""), { code: "ECONNREFUSED" });
  assert.equal(existsSync(dirname(kubernetes.kubeconfigPath)), false);
});
