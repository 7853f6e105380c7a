import type { Kind } from "../../src/api/types.gen.ts";

/** A JSON object as a test writes it, free to be made wrong. */
export type Loose = { [key: string]: unknown };

const API_VERSION = "drop.corewire.io/v1alpha1";
export const DIGEST = `sha256:${"0123456789abcdef".repeat(4)}`;

/** The smallest object of each kind that Kubernetes takes. */
export function smallest(kind: Kind): Loose {
  return { apiVersion: API_VERSION, kind, metadata: { name: "tiny" }, ...SMALLEST[kind]() };
}

const SMALLEST: Readonly<Record<Kind, () => Loose>> = {
  CachedImage: () => ({ spec: { image: "docker.io/library/nginx", tag: "1.27" } }),
  CachedImageSet: () => ({ spec: {} }),
  DiscoveryPolicy: () => ({ spec: { sources: [prometheusSource()] } }),
  PullPolicy: () => ({}),
};

function prometheusSource(): Loose {
  return {
    type: "prometheus",
    prometheus: { endpoint: "https://metrics.example.com", query: "sum by (image) (up)" },
  };
}

/** An object of each kind with every field of its spec set, so that nothing is left to warn about. */
export function fullest(kind: Kind): Loose {
  const metadata = {
    name: "full",
    labels: { team: "web" },
    annotations: { "example.com/note": "kept" },
  };
  return { apiVersion: API_VERSION, kind, metadata, spec: FULLEST[kind]() };
}

const FULLEST: Readonly<Record<Kind, () => Loose>> = {
  CachedImage: () => ({
    image: "docker.io/library/nginx",
    tag: "1.27",
    priority: -5,
    ...placement(),
  }),
  CachedImageSet: () => ({
    images: [
      { image: "docker.io/library/nginx", tag: "1.27" },
      { image: "registry.example.com:5000/team/app", digest: DIGEST },
    ],
    discoveryPolicyRef: { name: "popular" },
    ...placement(),
  }),
  DiscoveryPolicy: () => ({
    sources: [fullPrometheus(), fullRegistry()],
    imageFilter: "^(?!.*amazonaws).*$",
    excludeFilter: "example\\.net",
    syncInterval: "1h",
    maxImages: 20,
    suspend: false,
  }),
  PullPolicy: () => ({
    maxConcurrentNodes: 3,
    minDelayBetweenPulls: "0",
    failureBackoff: { initial: "10s", max: "1h" },
    repullInterval: "7d",
    pullTimeout: "20m",
    nodeSelector: { pool: "web" },
    tolerations: [{ key: "dedicated", operator: "Exists" }],
    suspend: true,
  }),
};

function placement(): Loose {
  return {
    imagePullPolicy: "IfNotPresent",
    imagePullSecrets: [{ name: "login" }, { name: "other.login" }],
    nodeSelector: { "kubernetes.io/arch": "amd64" },
    tolerations: [
      { key: "dedicated", operator: "Equal", value: "web", effect: "NoSchedule" },
      { operator: "Exists", effect: "NoExecute", tolerationSeconds: 60 },
    ],
    policyRef: { name: "gentle" },
    suspend: false,
  };
}

function fullPrometheus(): Loose {
  return {
    name: "metrics",
    type: "prometheus",
    prometheus: {
      endpoint: "https://metrics.example.com:9090/prometheus",
      query: "count(container_memory_working_set_bytes) by (image)",
      lookback: "7d",
      step: "10m",
    },
    secretRef: { name: "metrics-login" },
  };
}

function fullRegistry(): Loose {
  return {
    name: "hub",
    type: "registry",
    registry: {
      url: "https://registry.example.com",
      repositories: ["library/nginx", "team/app"],
      tagFilter: "^v[0-9]+",
      topX: 5,
      imageTemplate: "{{ .Registry }}/{{ .Repository }}:{{ .Tag }}",
    },
  };
}

/** A copy of the object with the value at a dotted path replaced, or with undefined removed. */
export function changed(object: Loose, dotted: string, value: unknown): Loose {
  const copy = structuredClone(object);
  const steps = dotted.split(".");
  const last = steps.pop() ?? "";
  let parent: unknown = copy;
  for (const step of steps) parent = childOf(parent, step);
  if (Array.isArray(parent)) parent.splice(Number(last), 1, value);
  else if (isLoose(parent) && value === undefined) delete parent[last];
  else if (isLoose(parent)) {
    const facts = { value, enumerable: true, configurable: true, writable: true };
    Object.defineProperty(parent, last, facts);
  }
  return copy;
}

function childOf(parent: unknown, step: string): unknown {
  if (Array.isArray(parent)) return parent[Number(step)];
  if (!isLoose(parent)) return undefined;
  if (!Object.hasOwn(parent, step)) parent[step] = {};
  return parent[step];
}

function isLoose(value: unknown): value is Loose {
  return typeof value === "object" && value !== null;
}
