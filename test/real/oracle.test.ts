import assert from "node:assert/strict";
import { Agent, request } from "node:https";
import { after, before, test } from "node:test";
import { decode } from "../../src/api/decode.ts";
import { isMistake, type Problem, problemText } from "../../src/api/problem.ts";
import { isRecord, own } from "../../src/api/record.ts";
import { KINDS, type Kind } from "../../src/api/types.gen.ts";
import { changed, fullest, type Loose, smallest } from "../api/valid-objects.ts";
import { type Kubernetes, startKubernetes } from "../support/kubernetes.ts";
import { unavailable } from "../support/tools.ts";
import { type Mutant, mutants } from "./mutations.ts";

const skip = await unavailable("kube-apiserver", "etcd", "kubectl");
const SEED = 20_260_131;
const COUNT = 3_000;
const AT_ONCE = 8;

const PLURALS: Readonly<Record<Kind, string>> = {
  CachedImage: "cachedimages",
  CachedImageSet: "cachedimagesets",
  DiscoveryPolicy: "discoverypolicies",
  PullPolicy: "pullpolicies",
};

interface Verdict {
  readonly isAccepted: boolean;
  /** The object as it would be stored, or the Status that says why not. */
  readonly body: unknown;
}

let kubernetes: Kubernetes;
let create: (kind: Kind, object: unknown) => Promise<Verdict>;
const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE });

before(async () => {
  if (skip) return;
  kubernetes = await startKubernetes({ crds: true });
  const { server, caPem, certPem, keyPem } = kubernetes.config;
  create = (kind, object) => {
    const path = `/apis/drop.corewire.io/v1alpha1/${PLURALS[kind]}?dryRun=All&fieldValidation=Strict`;
    return post(new URL(path, server), JSON.stringify(object), {
      ca: caPem,
      cert: certPem,
      key: keyPem,
    });
  };
});

after(async () => {
  agent.destroy();
  if (!skip) await kubernetes.stop();
});

function post(url: URL, body: string, tls: { ca: string; cert: string; key: string }) {
  return new Promise<Verdict>((resolve, reject) => {
    const headers = {
      "content-type": "application/json",
      "content-length": Buffer.byteLength(body),
    };
    const sent = request(url, { method: "POST", agent, headers, ...tls }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk) => chunks.push(chunk)).on("error", reject);
      response.on("end", () => {
        const text = Buffer.concat(chunks).toString("utf8");
        const status = response.statusCode ?? 0;
        if (![201, 400, 413, 422].includes(status)) reject(new Error(`${status}: ${text}`));
        else resolve({ isAccepted: status === 201, body: JSON.parse(text) });
      });
    });
    sent.on("error", reject).end(body);
  });
}

/** The mistakes that an API server knows of too. */
function sharedMistakes(problems: readonly Problem[]): readonly Problem[] {
  return problems.filter(
    (problem) => isMistake(problem) && (problem.home === "schema" || problem.home === "cel"),
  );
}

/** How our verdict differs from the API server's, undefined where it does not. */
function difference(kind: Kind, object: Loose, { isAccepted, body }: Verdict): string | undefined {
  const { object: decoded, problems } = decode(kind, JSON.parse(JSON.stringify(object)));
  const shared = sharedMistakes(problems);
  const ours = shared.map(({ path, ...rest }) => `${path.join(".")}: ${problemText(rest)}`);
  if (isAccepted !== (shared.length === 0)) {
    const theirs = isAccepted ? "accepted" : String(own(body, "message")).slice(0, 600);
    return `theirs: ${theirs}\n  ours: ${ours.join("; ") || "accepted"}`;
  }
  if (!isAccepted || decoded === undefined) return undefined;
  const [stored, expected] = [own(body, "spec"), JSON.parse(JSON.stringify(decoded.spec))];
  if (canonical(stored) === canonical(expected)) return undefined;
  return `theirs: ${canonical(stored)}\n  ours: ${canonical(expected)}`;
}

function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, child: unknown) =>
    isRecord(child)
      ? Object.fromEntries(Object.entries(child).sort(([a], [b]) => (a < b ? -1 : 1)))
      : child,
  );
}

/** The objects that once got two verdicts. */
const ONCE_DISAGREED: readonly (readonly [Kind, string, unknown])[] = [
  ["CachedImage", "metadata.annotations", { "a b": "c" }],
  ["CachedImage", "metadata.annotations", { note: "x".repeat(262_145) }],
  ["CachedImage", "metadata.labels", { "/a": null }],
  ["CachedImage", "metadata.name", ""],
  ["CachedImage", "metadata.name", null],
  ["CachedImage", "metadata.name", undefined],
  ["CachedImage", "spec.tolerations.1.tolerationSeconds", 2 ** 63],
  ["CachedImage", "spec.tolerations.1.tolerationSeconds", -(2 ** 63)],
  ["DiscoveryPolicy", "spec.sources.0.prometheus.endpoint", "https://a\u00a0b"],
  ["PullPolicy", "spec.failureBackoff", { initial: "99999h1ns", max: "99999h" }],
  ["PullPolicy", "spec.failureBackoff", { max: "0.5ns" }],
  ["PullPolicy", "spec.failureBackoff", { initial: "8d", max: "1w" }],
];

test("objects that once got two verdicts now get one", { skip }, async () => {
  for (const [kind, field, value] of ONCE_DISAGREED) {
    const object = changed(fullest(kind), field, value);
    assert.equal(difference(kind, object, await create(kind, object)), undefined, field);
  }
});

test("the API server takes the smallest and the fullest object of each kind", {
  skip,
}, async () => {
  for (const kind of KINDS) {
    for (const object of [smallest(kind), fullest(kind)]) {
      const verdict = await create(kind, object);
      assert.equal(verdict.isAccepted, true, canonical(verdict.body));
      assert.equal(difference(kind, object, verdict), undefined);
    }
  }
});

test(`decode and the API server give ${COUNT} nearly valid objects the same verdict and the same defaults`, {
  skip,
  timeout: 300_000,
}, async (t) => {
  const rows = mutants(SEED, COUNT);
  const verdicts = await judgeAll(rows);
  const differences = rows.flatMap(({ kind, object, changes }, at) => {
    const verdict = verdicts[at];
    const found = verdict && difference(kind, object, verdict);
    return found === undefined ? [] : [`${kind} ${changes.join(" ")}\n  ${found}`];
  });
  for (const kind of KINDS) {
    const own = verdicts.filter((_, at) => rows[at]?.kind === kind);
    const accepted = own.filter(({ isAccepted }) => isAccepted).length;
    t.diagnostic(`${kind}: ${accepted} accepted, ${own.length - accepted} refused by both`);
    assert.ok(accepted > 100 && own.length - accepted > 100, kind);
  }
  assert.equal(differences.length, 0, differences.slice(0, 20).join("\n"));
});

async function judgeAll(rows: readonly Mutant[]): Promise<readonly Verdict[]> {
  const verdicts: Verdict[] = [];
  const open = rows.entries();
  const work = async (): Promise<void> => {
    for (const [at, { kind, object }] of open) verdicts[at] = await create(kind, object);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return verdicts;
}
