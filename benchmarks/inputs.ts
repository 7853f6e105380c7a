import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";

const NAMES = [
  ...["nginx", "redis", "postgres", "api-server", "worker", "node-exporter", "grafana", "loki"],
  ...["envoy", "coredns"],
];

/** Writes sets with a hundred images each, one file a set; gives the folder. */
export function writeSets(folder: string, sets: number): string {
  mkdirSync(folder, { recursive: true });
  for (let set = 0; set < sets; set++) {
    const name = `team-${String(set).padStart(3, "0")}`;
    writeFileSync(join(folder, `${name}.yaml`), setText(name, set));
  }
  return folder;
}

function setText(name: string, number: number): string {
  const images = Array.from(
    { length: 100 },
    (_, index) => `    - image: registry.example.com/${name}/${NAMES[index % NAMES.length]}
      tag: "1.${index}.${number}"
`,
  );
  return `apiVersion: drop.corewire.io/v1alpha1
kind: CachedImageSet
metadata:
  name: ${name}
spec:
  imagePullPolicy: IfNotPresent
  policyRef:
    name: gentle
  nodeSelector:
    pool: "workers"
  images:
${images.join("")}`;
}

/** Writes the PullPolicy that the sets name; gives its folder. */
export function writePullPolicy(folder: string): string {
  mkdirSync(folder, { recursive: true });
  const text = `apiVersion: drop.corewire.io/v1alpha1
kind: PullPolicy
metadata:
  name: gentle
spec:
  maxConcurrentNodes: 2
  repullInterval: 24h
`;
  writeFileSync(join(folder, "gentle.yaml"), text);
  return folder;
}

/** Writes a DiscoveryPolicy with one source, as people write them; gives its path. */
export function writePolicy(path: string, source: object): string {
  const policy = {
    apiVersion: "drop.corewire.io/v1alpha1",
    kind: "DiscoveryPolicy",
    metadata: { name: "measured" },
    spec: { sources: [source] },
  };
  writeFileSync(
    path,
    stringify(policy, { defaultStringType: "QUOTE_DOUBLE", defaultKeyType: "PLAIN" }),
  );
  return path;
}
