import { API_VERSION, type Kind, PLURALS } from "../../src/api/types.gen.ts";

const [group, version] = API_VERSION.split("/");

/** A CachedImage as the renderer writes it. */
const CACHED_IMAGE = {
  image: "docker.io/library/nginx",
  imagePullPolicy: "IfNotPresent",
  nodeSelector: { "kubernetes.io/arch": "amd64" },
  policyRef: { name: "gentle" },
  tag: "1.27.3",
};

/** A DiscoveryPolicy with both sources, and a pattern, a template and a query to read. */
const DISCOVERY_POLICY = {
  excludeFilter: "example\\.net",
  imageFilter: "^registry\\.example\\.com/team-[a-z]+/",
  maxImages: 30,
  sources: [
    {
      prometheus: {
        endpoint: "https://prometheus.example.com",
        lookback: "7d",
        query: 'topk(50, count by (image) (kube_pod_container_info{namespace!~"kube-.*"}))',
        step: "1h",
      },
      type: "prometheus",
    },
    {
      registry: {
        imageTemplate: "{{ .Registry }}/{{ .Repository }}:{{ .Tag }}",
        repositories: ["team/app", "team/worker"],
        tagFilter: "^v[0-9]+\\.[0-9]+\\.[0-9]+$",
        topX: 5,
        url: "https://registry.example.com",
      },
      secretRef: { name: "registry-login" },
      type: "registry",
    },
  ],
  syncInterval: "1h",
};

/** Kinds that are reviewed over and over, with their specs. */
export const SPECS = { CachedImage: CACHED_IMAGE, DiscoveryPolicy: DISCOVERY_POLICY } as const;

/** What an API server asks when such an object is applied on the server: every field that a real one sends. */
export function reviewBody(kind: keyof typeof SPECS): string {
  const spec = SPECS[kind];
  const asked = { group, version, kind };
  const resource = { group, version, resource: PLURALS[kind satisfies Kind] };
  const labels = { "app.kubernetes.io/managed-by": "drop", team: "web" };
  const object = {
    apiVersion: API_VERSION,
    kind,
    metadata: { labels, managedFields: [managedFields(labels, spec)], name: "web-1f0c9e" },
    spec,
    ...(kind === "CachedImage" && { status: { observedGeneration: -1 } }),
  };
  const request = {
    uid: "76e30dd6-96ae-4a5c-8179-9ffddba6e3f1",
    ...{ kind: asked, resource, requestKind: asked, requestResource: resource },
    name: "web-1f0c9e",
    operation: "CREATE",
    userInfo: {
      username: "system:serviceaccount:flux-system:kustomize-controller",
      uid: "0d6e9d0c-2b7f-4f60-9d66-6e3f4c1a4c5b",
      groups: ["system:serviceaccounts", "system:serviceaccounts:flux-system"],
    },
    object,
    oldObject: null,
    dryRun: false,
    options: { kind: "CreateOptions", apiVersion: "meta.k8s.io/v1", fieldManager: "kubectl" },
  };
  return JSON.stringify({ kind: "AdmissionReview", apiVersion: "admission.k8s.io/v1", request });
}

function managedFields(labels: object, spec: object) {
  const named = (record: object) =>
    Object.fromEntries(Object.keys(record).map((name) => [`f:${name}`, {}]));
  return {
    apiVersion: API_VERSION,
    fieldsType: "FieldsV1",
    fieldsV1: { "f:metadata": { "f:labels": named(labels) }, "f:spec": named(spec) },
    manager: "kubectl",
    operation: "Apply",
    time: "2026-01-31T08:00:00Z",
  };
}
