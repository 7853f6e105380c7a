import { API_VERSION, KINDS, type Kind } from "../api/types.gen.ts";
import { ADMISSION_API_VERSION } from "./admission.ts";
import { parseBody } from "./body.ts";
import { review } from "./review.ts";

const [group, version] = API_VERSION.split("/");

/**
 * Specs that take the ways most reviews take: good ones with each grammar that texts have, and broken ones. Those of
 * another turn have other patterns and queries: what is said of a text is remembered.
 */
const SPECS: Readonly<Record<Kind, (turn: number) => readonly unknown[]>> = {
  CachedImage: () => [
    { image: "docker.io/library/nginx", tag: "1.27", nodeSelector: { pool: "web" } },
    { image: "nginx:1.27", tag: 5, digest: "sha256:1", imagePullPolicy: "Alway" },
  ],
  CachedImageSet: () => [{ images: [{ image: "docker.io/library/nginx", tag: "latest" }] }],
  DiscoveryPolicy: (turn) => [
    policyWith(`^(?!.*\\.example${turn}\\.com/)(?i)[a-z]+(?:/[^\\s-]{2,8})*$`, turn),
    policyWith(`^(?:\\pL|\\d)+?\\b|[[:alpha:]]?.{20}\\Qa.${turn}\\E`, turn),
    policyWith(`(?=${turn})`, turn),
    // As large as is compiled at all.
    policyWith(`(?:${turn}+y*)?`.repeat(100), turn),
    policyWith(`${turn}|`.repeat(300), turn),
    policyWith(`((${turn}{1,9}){1,9}){1,9}`, turn),
  ],
  PullPolicy: () => [{ repullInterval: "7d", failureBackoff: { initial: "9h", max: "5m" } }],
};

function policyWith(filter: string, turn: number): unknown {
  const endpoint = "https://prometheus.example.com";
  const query = `topk(${turn}, count by (image) (kube_pod_info{namespace!~"kube-.*"}))`;
  const imageTemplate = '{{ .Registry | lower }}/{{ trimPrefix "a" .Repository }}:{{ .Tag }}';
  const registry = { url: "https://registry.example.com", repositories: ["team/app"] };
  const tagFilter = `^v${turn}[0-9]+`;
  return {
    imageFilter: filter,
    sources: [
      { type: "prometheus", prometheus: { endpoint, query, lookback: "7d", step: "1h" } },
      { type: "registry", registry: { ...registry, imageTemplate, tagFilter } },
    ],
  };
}

/** How often each is judged: until what is compiled at its first use is there, and the hottest of it is fast. */
const TURNS = 3;

/** Compiles what judging needs, so that the first requests take no longer than the others. */
export function warmUp(): void {
  for (let turn = 1; turn <= TURNS; turn++) {
    for (const kind of KINDS) {
      for (const spec of SPECS[kind](turn)) judgeText(JSON.stringify(reviewOf(kind, spec)));
    }
    judgeText(`{${" ".repeat(LONG)}}`);
  }
}

/** So long a body is looked through before it is parsed. */
const LONG = 2 ** 18;

function judgeText(text: string): void {
  const body = parseBody(Buffer.from(text));
  if (body.ok) review(body.value);
}

function reviewOf(kind: Kind, spec: unknown): unknown {
  const object = { apiVersion: API_VERSION, kind, metadata: { name: "warm-up" }, spec };
  return {
    apiVersion: ADMISSION_API_VERSION,
    kind: "AdmissionReview",
    request: { uid: "warm-up", kind: { group, version, kind }, operation: "CREATE", object },
  };
}
