import assert from "node:assert/strict";
import { test } from "node:test";
import { ask } from "../support/http.ts";
import { type Kubernetes, startKubernetes } from "../support/kubernetes.ts";
import { apply, restrictedNamespace, volumePod } from "../support/pull-pods.ts";
import { assertRecorded } from "../support/recorded.ts";
import { requireTool } from "../support/tools.ts";
import { until } from "../support/until.ts";

interface Case {
  readonly name: string;
  readonly namespace: string;
  /** What the Pod has beside or over that of a pull Pod. */
  readonly spec?: object;
  readonly metadata?: object;
  /** Whose certificate; the administrator's without it. */
  readonly user?: "nobody";
}

const cases: readonly Case[] = [
  { name: "pod security", namespace: "restricted", spec: { hostNetwork: true } },
  { name: "quota", namespace: "quota" },
  { name: "limit range", namespace: "limits" },
  { name: "admission policy", namespace: "policy" },
  { name: "webhook away", namespace: "webhook" },
  { name: "missing namespace", namespace: "none" },
  { name: "ending namespace", namespace: "ending" },
  { name: "missing priority class", namespace: "restricted", spec: { priorityClassName: "none" } },
  { name: "no right", namespace: "restricted", user: "nobody" },
  { name: "invalid", namespace: "restricted", spec: { restartPolicy: "Sometimes" } },
  { name: "there already", namespace: "restricted", metadata: { name: "there" } },
];

const pulls = [{ name: "pull", reference: "registry.example.com/team/app:1" }];
const pod = { namespace: "restricted", name: "there", nodeName: "node-a", pulls };

function only(namespace: string): object {
  return { matchLabels: { "kubernetes.io/metadata.name": namespace } };
}

const podsCreated = {
  apiGroups: [""],
  apiVersions: ["v1"],
  resources: ["pods"],
  operations: ["CREATE"],
};

const obstacles = [
  {
    apiVersion: "v1",
    kind: "ResourceQuota",
    metadata: { namespace: "quota", name: "none" },
    spec: { hard: { pods: "0" } },
  },
  {
    apiVersion: "v1",
    kind: "LimitRange",
    metadata: { namespace: "limits", name: "least" },
    spec: { limits: [{ type: "Container", min: { memory: "64Mi" } }] },
  },
  {
    apiVersion: "admissionregistration.k8s.io/v1",
    kind: "ValidatingAdmissionPolicy",
    metadata: { name: "no-image-volumes" },
    spec: {
      matchConstraints: { resourceRules: [podsCreated] },
      validations: [
        {
          expression: "!object.spec.volumes.exists(v, has(v.image))",
          message: "image volumes are not allowed here",
        },
      ],
    },
  },
  {
    apiVersion: "admissionregistration.k8s.io/v1",
    kind: "ValidatingAdmissionPolicyBinding",
    metadata: { name: "no-image-volumes" },
    spec: {
      policyName: "no-image-volumes",
      validationActions: ["Deny"],
      matchResources: { namespaceSelector: only("policy") },
    },
  },
  {
    apiVersion: "admissionregistration.k8s.io/v1",
    kind: "ValidatingWebhookConfiguration",
    metadata: { name: "away" },
    webhooks: [
      {
        name: "away.example.com",
        clientConfig: { url: "https://127.0.0.1:1/validate" },
        namespaceSelector: only("webhook"),
        rules: [podsCreated],
        sideEffects: "None",
        admissionReviewVersions: ["v1"],
      },
    ],
  },
];

test("an API server refuses Pods in the words that the classification was written for", async (t) => {
  if (!(await requireTool(t, "kube-apiserver", "etcd", "kubectl"))) return;
  const kubernetes = await startKubernetes({ crds: false });
  t.after(() => kubernetes.stop());
  const nobody = await kubernetes.addUser({ name: "nobody" });
  const created = cases.map(({ namespace }) => namespace).filter((name) => name !== "none");
  await apply(kubernetes, ...[...new Set(created)].map(restrictedNamespace), ...obstacles);
  await apply(kubernetes, volumePod("pause:1", pod));
  const { kubectl } = kubernetes;
  // No controller runs: the quota's status stays as written and the namespace goes on ending.
  const status = JSON.stringify({ status: { hard: { pods: "0" }, used: { pods: "0" } } });
  await kubectl([
    ...["patch", "quota", "none", "-n", "quota", "--subresource=status"],
    ...["--type=merge", "-p", status],
  ]);
  await kubectl(["delete", "namespace", "ending", "--wait=false"]);
  const refusals = [];
  for (const one of cases) {
    const login = one.user === "nobody" ? nobody : kubernetes.config;
    refusals.push({ case: one.name, ...(await refusalOf(kubernetes, one, login)) });
  }
  await assertRecorded("apiserver-1.36.json", refusals);
});

interface Login {
  readonly certPem: string;
  readonly keyPem: string;
}

/** Asks until it is refused, for some obstacles take effect only after a moment. */
async function refusalOf({ config }: Kubernetes, one: Case, login: Login) {
  const { namespace, spec, metadata } = one;
  // Whatever is let through until then is not kept.
  const path = `/api/v1/namespaces/${namespace}/pods?dryRun=All`;
  const whole: { spec?: object; metadata?: object } = volumePod("pause:1", { ...pod, namespace });
  let answer: { code?: number; reason?: string; message?: string } = {};
  await until(
    async () => {
      const { body } = await ask(`${config.server}${path}`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({
          ...whole,
          metadata: { ...whole.metadata, name: "pull", ...metadata },
          spec: { ...whole.spec, ...spec },
        }),
        caPem: config.caPem,
        login,
      });
      answer = JSON.parse(body);
      return answer.code !== undefined;
    },
    { what: `the Pod of "${one.name}" to be refused` },
  );
  assert.ok(answer.message);
  return { status: answer.code, reason: answer.reason, message: answer.message };
}
