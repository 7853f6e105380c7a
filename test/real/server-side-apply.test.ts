import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { parseAllDocuments } from "yaml";
import { drop, projectFolder } from "../support/drop.ts";
import { makeFolder } from "../support/folder.ts";
import { type Kubernetes, startKubernetes } from "../support/kubernetes.ts";
import { unavailable } from "../support/tools.ts";

/** A set that uses every field a child can be given, and values that YAML readers misread. */
const AWKWARD_SET = {
  apiVersion: "drop.corewire.io/v1alpha1",
  kind: "CachedImageSet",
  metadata: { name: "awkward" },
  spec: {
    policyRef: { name: "on" },
    imagePullPolicy: "IfNotPresent",
    imagePullSecrets: [{ name: "registry-login" }],
    nodeSelector: {
      pool: "on",
      "example.com/gpu": "1.10",
      empty: "",
      number: "010",
      when: "12_30",
    },
    tolerations: [
      { key: "dedicated", operator: "Equal", value: "yes", effect: "NoSchedule" },
      { operator: "Exists", effect: "NoExecute", tolerationSeconds: 30 },
    ],
    images: ["1.10", "010", "1e3", "on", "0x1F", "1_000", "12_30", "null", "v1.2.3"].map((tag) => ({
      image: "docker.io/library/nginx",
      tag,
    })),
  },
};

describe("rendered CachedImages", {
  skip: await unavailable("kube-apiserver", "etcd", "kubectl"),
}, () => {
  let kubernetes: Kubernetes;

  before(async () => {
    kubernetes = await startKubernetes({ crds: true });
  });

  after(() => kubernetes?.stop());

  /** Applies a stream and compares what the API server then holds with what was applied. */
  async function comesBackEqual(stream: string): Promise<number> {
    const applied = await kubernetes.kubectl(
      ["apply", "--server-side", "--validate=strict", "-f", "-"],
      stream,
    );
    assert.equal(applied.code, 0, applied.stderr);
    const documents = parseAllDocuments(stream);
    const objects = (Array.isArray(documents) ? documents : []).map((document) => document.toJS());
    for (const { metadata, spec } of objects) {
      const got = await kubernetes.kubectl(["get", "cachedimage", metadata.name, "-o", "json"]);
      const held = JSON.parse(got.stdout);
      assert.deepEqual(held.spec, spec);
      assert.deepEqual(held.metadata.labels, metadata.labels);
      assert.deepEqual(held.status, { observedGeneration: -1 });
    }
    const diff = await kubernetes.kubectl(["diff", "--server-side", "-f", "-"], stream);
    assert.equal(diff.code, 0, diff.stdout + diff.stderr);
    return objects.length;
  }

  test("come back from server-side apply with an equal spec and an empty diff", async () => {
    const examples = join(projectFolder, "examples");
    const quickstart = await drop([
      ...["render", join(examples, "quickstart"), "--discovered", join(examples, "recorded.yaml")],
    ]);
    assert.equal(await comesBackEqual(quickstart.stdout), 7);
  });

  test("come back equal with every field and with values that YAML readers misread", async () => {
    const { stdout, stderr, code } = await drop(["render", "-"], {
      stdin: JSON.stringify(AWKWARD_SET),
    });
    assert.equal(code, 0, stderr);
    assert.equal(await comesBackEqual(stdout), AWKWARD_SET.spec.images.length);
  });

  test("are applied with their kustomization.yaml by kubectl apply -k", async (t) => {
    const folder = await makeFolder("apply-k");
    t.after(() => folder.remove());
    const { code } = await drop(["render", "-", "--output-dir", folder.path], {
      stdin: JSON.stringify(AWKWARD_SET),
    });
    assert.equal(code, 0);
    const applied = await kubernetes.kubectl(["apply", "-k", folder.path]);
    assert.equal(applied.code, 0, applied.stderr);
    assert.equal(applied.stdout.trim().split("\n").length, AWKWARD_SET.spec.images.length);
  });
});
