import { API_VERSION, KINDS, type Kind } from "../api/types.gen.ts";
import { ADMISSION_API_VERSION } from "./admission.ts";
import { review } from "./review.ts";

const [group, version] = API_VERSION.split("/");

/** Specs that take the ways most reviews take: good ones with each grammar that texts have, and broken ones. */
const SPECS: Readonly<Record<Kind, readonly unknown[]>> = {
  CachedImage: [
    { image: "docker.io/library/nginx", tag: "1.27", nodeSelector: { pool: "web" } },
    { image: "nginx:1.27", tag: 5, digest: "sha256:1", imagePullPolicy: "Alway" },
  ],
  CachedImageSet: [{ images: [{ image: "docker.io/library/nginx", tag: "latest" }] }],
  DiscoveryPolicy: [
    policyWith("^(?!.*\\.example\\.com/)(?i)[a-z]+(?:/[^\\s-]{2,8})*$"),
    policyWith("^(?:\\pL|\\d)+?\\b|[[:alpha:]]?.{20}\\Qa.b\\E"),
    policyWith("(?=a)"),
    policyWith("a{1,1000}b{1,1000}"),
    policyWith(`${"(x+y*)?".repeat(80)}[`),
  ],
  PullPolicy: [{ repullInterval: "7d", failureBackoff: { initial: "9h", max: "5m" } }],
};

function policyWith(filter: string): unknown {
  const endpoint = "https://prometheus.example.com";
  const query = 'topk(5, count by (image) (kube_pod_info{namespace!~"kube-.*"}))';
  const imageTemplate = '{{ .Registry | lower }}/{{ trimPrefix "a" .Repository }}:{{ .Tag }}';
  const registry = { url: "https://registry.example.com", repositories: ["team/app"] };
  return {
    imageFilter: filter,
    sources: [
      { type: "prometheus", prometheus: { endpoint, query, lookback: "7d", step: "1h" } },
      { type: "registry", registry: { ...registry, imageTemplate, tagFilter: "^v[0-9]+" } },
    ],
  };
}

/** How often each is judged: until what is compiled at its first use is there, and the hottest of it is fast. */
const TIMES = 3;

/** Compiles what judging needs, so that the first requests take no longer than the others. */
export function warmUp(): void {
  for (let count = 0; count < TIMES; count++) {
    for (const kind of KINDS) {
      for (const spec of SPECS[kind]) review(reviewOf(kind, spec));
    }
  }
}

function reviewOf(kind: Kind, spec: unknown): unknown {
  const object = { apiVersion: API_VERSION, kind, metadata: { name: "warm-up" }, spec };
  return {
    apiVersion: ADMISSION_API_VERSION,
    kind: "AdmissionReview",
    request: { uid: "warm-up", kind: { group, version, kind }, operation: "CREATE", object },
  };
}
