/** A bad input: its name, its text, where which rules are broken, and the beginning of the first one's correction. */
export type Row = readonly [name: string, text: string, expected: readonly string[], fix: string];

const API = "apiVersion: drop.corewire.io/v1alpha1\n";

/** An object up to and with its line `spec:`, and what follows. */
export function head(kind: string, rest = ""): string {
  return `${API}kind: ${kind}\nmetadata:\n  name: web\nspec:\n${rest}`;
}

function indented(lines: readonly string[]): string {
  return lines.map((line) => `  ${line}\n`).join("");
}

/** A CachedImage with these lines below its image, on line 6; they begin on line 7. */
export function img(...lines: readonly string[]): string {
  return head("CachedImage", `  image: docker.io/library/nginx\n${indented(lines)}`);
}

/** A CachedImageSet with these lines as its spec, from line 6 on. */
export function set(...lines: readonly string[]): string {
  return head("CachedImageSet", indented(lines));
}

/** A PullPolicy with these lines as its spec, from line 6 on. */
export function pull(...lines: readonly string[]): string {
  return head("PullPolicy", indented(lines));
}

/** A DiscoveryPolicy that asks a Prometheus, with these lines below its sources, from line 11 on. */
export function prom(...lines: readonly string[]): string {
  return head("DiscoveryPolicy", `${PROMETHEUS}${indented(lines)}`);
}

const PROMETHEUS = `  sources:
    - type: prometheus
      prometheus:
        endpoint: https://m.example
        query: sum by (image) (up)
`;

/** A DiscoveryPolicy that asks a registry, with these lines in its block, from line 11 on. */
export function reg(...lines: readonly string[]): string {
  const block = lines.map((line) => `        ${line}\n`).join("");
  return head("DiscoveryPolicy", `${REGISTRY}${block}`);
}

const REGISTRY = `  sources:
    - type: registry
      registry:
        url: https://r.example
        repositories: [a/b]
`;
