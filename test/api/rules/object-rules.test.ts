import assert from "node:assert/strict";
import { test } from "node:test";
import { decode } from "../../../src/api/decode.ts";
import { formatPath, problemText } from "../../../src/api/problem.ts";
import { objectProblems, type Surroundings } from "../../../src/api/rules/object-rules.ts";
import type { DropObject, Kind } from "../../../src/api/types.gen.ts";

function object(
  kind: Kind,
  name: string,
  spec: object,
  labels: Readonly<Record<string, string>> = {},
): DropObject {
  const apiVersion = "drop.corewire.io/v1alpha1";
  const decoded = decode(kind, { apiVersion, kind, metadata: { name, labels }, spec });
  assert.ok(decoded.object, JSON.stringify(decoded.problems));
  return decoded.object;
}

const image = (name: string, spec: object = {}, labels: Readonly<Record<string, string>> = {}) =>
  object("CachedImage", name, { image: "docker.io/library/nginx", tag: "1.27", ...spec }, labels);
const set = (name: string, spec: object = {}) => object("CachedImageSet", name, spec);
const pace = (name: string, spec: object = {}) => object("PullPolicy", name, spec);
const source = {
  type: "registry",
  registry: { url: "https://registry.example.com", repositories: ["a"] },
};
const discovery = (name: string, spec: object = {}) =>
  object("DiscoveryPolicy", name, {
    sources: [{ ...source, secretRef: { name: "login" } }],
    ...spec,
  });

/** The rules that hit, each with the object and field that it is about. */
function hits(surroundings: Surroundings): readonly string[] {
  return objectProblems(surroundings).map(
    ({ object: { kind, metadata }, problem }) =>
      `${problem.rule} ${kind}/${metadata.name} ${formatPath(problem.path)}`,
  );
}

const nodes = (count: number, labels = {}) => Array.from({ length: count }, () => labels);

const ROWS: readonly (readonly [string, Surroundings, readonly string[]])[] = [
  ["nothing is wrong with nothing", { objects: [] }, []],
  [
    "a PullPolicy that is not there",
    { objects: [image("a", { policyRef: { name: "slow" } })] },
    ["DROP2101 CachedImage/a spec.policyRef.name"],
  ],
  [
    "a PullPolicy that is there",
    { objects: [image("a", { policyRef: { name: "slow" } }), pace("slow")] },
    [],
  ],
  [
    "a DiscoveryPolicy that is not there",
    { objects: [set("s", { discoveryPolicyRef: { name: "find" } })] },
    ["DROP2102 CachedImageSet/s spec.discoveryPolicyRef.name"],
  ],
  [
    "a DiscoveryPolicy that no set uses",
    { objects: [set("s"), discovery("find")] },
    ["DROP2106 DiscoveryPolicy/find metadata.name"],
  ],
  [
    "a DiscoveryPolicy by itself, whose sets may be elsewhere",
    { objects: [discovery("find")] },
    [],
  ],
  [
    "a discovery Secret that is not in the cluster",
    { objects: [discovery("find")], sourceSecrets: new Map([["other", {}]]) },
    ["DROP2103 DiscoveryPolicy/find spec.sources[0].secretRef.name"],
  ],
  [
    "a pull Secret that is only among the discovery Secrets",
    {
      objects: [image("a", { imagePullSecrets: [{ name: "login" }] })],
      sourceSecrets: new Map([["login", {}]]),
      pullSecrets: new Set(),
    },
    ["DROP2103 CachedImage/a spec.imagePullSecrets[0].name"],
  ],
  [
    "a discovery Secret that says nothing of hosts",
    { objects: [discovery("find")], sourceSecrets: new Map([["login", {}]]) },
    [],
  ],
  [
    "a discovery Secret that lists the host of its source",
    {
      objects: [discovery("find")],
      sourceSecrets: new Map([["login", { allowedHosts: "a.io, *.example.com:443" }]]),
    },
    [],
  ],
  [
    "a discovery Secret that lists other hosts",
    {
      objects: [discovery("find")],
      sourceSecrets: new Map([["login", { allowedHosts: "registry.example.com:80, a.io" }]]),
    },
    ["DROP2107 DiscoveryPolicy/find spec.sources[0].secretRef.name"],
  ],
  [
    "a discovery Secret whose list of hosts cannot be read",
    {
      objects: [discovery("find")],
      sourceSecrets: new Map([["login", { allowedHosts: "https://registry.example.com" }]]),
    },
    ["DROP2107 DiscoveryPolicy/find spec.sources[0].secretRef.name"],
  ],
  [
    "a discovery Secret that must list its hosts and does not",
    {
      objects: [discovery("find")],
      sourceSecrets: new Map([["login", { needsAllowedHosts: true }]]),
    },
    ["DROP2107 DiscoveryPolicy/find spec.sources[0].secretRef.name"],
  ],
  [
    "Docker Hub, which is asked at a host of another name",
    {
      objects: [
        discovery("find", {
          sources: ["https://docker.io", "https://index.docker.io/"].map((url, at) => ({
            type: "registry",
            registry: { url, repositories: ["a"] },
            secretRef: { name: ["hub", "api"][at] },
          })),
        }),
      ],
      sourceSecrets: new Map([
        ["hub", { allowedHosts: "docker.io" }],
        ["api", { allowedHosts: "registry-1.docker.io" }],
      ]),
    },
    [],
  ],
  [
    "only the source whose host is not listed",
    {
      objects: [
        discovery("find", {
          sources: ["https://a.io:8443/x", "http://b.io/prometheus"].map((endpoint) => ({
            type: "prometheus",
            prometheus: { endpoint, query: "up" },
            secretRef: { name: "login" },
          })),
        }),
      ],
      sourceSecrets: new Map([["login", { allowedHosts: "a.io" }]]),
    },
    ["DROP2107 DiscoveryPolicy/find spec.sources[1].secretRef.name"],
  ],
  ["Secrets nobody could look for", { objects: [discovery("find")] }, []],
  [
    "the same image on all nodes twice",
    { objects: [image("a"), image("b")] },
    ["DROP2104 CachedImage/b spec.image"],
  ],
  [
    "the same image under a short and a full name",
    { objects: [image("a"), image("b", { image: "nginx" })] },
    ["DROP2104 CachedImage/b spec.image"],
  ],
  [
    "another tag of the same repository",
    { objects: [image("a"), image("b", { tag: "1.28" })] },
    [],
  ],
  [
    "the same image where the selectors differ in one label's value",
    {
      objects: [
        image("a", { nodeSelector: { pool: "x", zone: "1" } }),
        image("b", { nodeSelector: { pool: "y", zone: "1" } }),
      ],
    },
    [],
  ],
  [
    "the same image where the selectors name different labels",
    {
      objects: [
        image("a", { nodeSelector: { pool: "x" } }),
        image("b", { nodeSelector: { zone: "1" } }),
      ],
    },
    ["DROP2104 CachedImage/b spec.image"],
  ],
  [
    "an image of a set and of a CachedImage beside it",
    {
      objects: [
        set("s", { images: [{ image: "docker.io/library/nginx", tag: "1.27" }] }),
        image("b"),
      ],
    },
    ["DROP2104 CachedImage/b spec.image"],
  ],
  [
    "a set and the CachedImage that was rendered from it",
    {
      objects: [
        set("s", { images: [{ image: "docker.io/library/nginx", tag: "1.27" }] }),
        image("s-nginx", {}, { "drop.corewire.io/imageset": "s" }),
      ],
    },
    [],
  ],
  [
    "a moving tag under a policy that never pulls again",
    { objects: [image("a", { tag: "stable", policyRef: { name: "slow" } }), pace("slow")] },
    ["DROP2001 CachedImage/a spec.tag"],
  ],
  [
    "a moving tag under a policy that pulls again",
    {
      objects: [
        image("a", { tag: "stable", policyRef: { name: "slow" } }),
        pace("slow", { repullInterval: "1d" }),
      ],
    },
    [],
  ],
  [
    "a delay with which two nodes take more than a day",
    { objects: [pace("slow", { minDelayBetweenPulls: "25h" })] },
    ["DROP2105 PullPolicy/slow spec.minDelayBetweenPulls"],
  ],
  [
    "a delay with which two nodes take a day",
    { objects: [pace("slow", { minDelayBetweenPulls: "24h" })] },
    [],
  ],
  [
    "a delay with which the cluster's nodes take more than a day",
    { objects: [pace("slow", { minDelayBetweenPulls: "1h" })], nodes: nodes(26) },
    ["DROP2105 PullPolicy/slow spec.minDelayBetweenPulls"],
  ],
  [
    "a delay with which the cluster's nodes take a day",
    { objects: [pace("slow", { minDelayBetweenPulls: "1h" })], nodes: nodes(25) },
    [],
  ],
  [
    "a delay for the few nodes that the policy selects",
    {
      objects: [pace("slow", { minDelayBetweenPulls: "1h", nodeSelector: { pool: "x" } })],
      nodes: [...nodes(40), ...nodes(2, { pool: "x" })],
    },
    [],
  ],
  [
    "a cluster without nodes",
    { objects: [pace("slow", { minDelayBetweenPulls: "30d" })], nodes: [] },
    [],
  ],
];

for (const [name, surroundings, expected] of ROWS) {
  test(`the rules across objects on ${name}`, () => {
    assert.deepEqual(hits(surroundings), expected);
  });
}

test("a pace that is too slow is told one that reaches its nodes within a day", () => {
  const objects = [pace("slow", { minDelayBetweenPulls: "2h" })];
  const [found] = objectProblems({ objects, nodes: nodes(25) });
  assert.ok(found);
  assert.equal(
    problemText(found.problem),
    "with 2h between nodes, 25 nodes take 2d; write 1h or less to reach them within a day [DROP2105]",
  );
});
