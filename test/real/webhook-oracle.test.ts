import assert from "node:assert/strict";
import { Agent, request } from "node:https";
import { after, before, test } from "node:test";
import { decode } from "../../src/api/decode.ts";
import { isMistake, type Problem } from "../../src/api/problem.ts";
import { own } from "../../src/api/record.ts";
import { type Kind, PLURALS } from "../../src/api/types.gen.ts";
import { review } from "../../src/webhook/review.ts";
import type { Child } from "../support/child.ts";
import type { Kubernetes } from "../support/kubernetes.ts";
import { unavailable } from "../support/tools.ts";
import { reviewOf } from "../webhook/reviews.ts";
import { type Mutant, mutants } from "./mutations.ts";
import { startWebhookCluster } from "./webhook-cluster.ts";

const skip = await unavailable("kube-apiserver", "etcd", "kubectl");
const SEED = 77_001;
const COUNT = 2_000;
const AT_ONCE = 8;

let kubernetes: Kubernetes;
let webhook: Child;
const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE });

before(async () => {
  if (skip) return;
  const cluster = await startWebhookCluster();
  kubernetes = cluster.kubernetes;
  webhook = await cluster.startWebhook();
});

after(async () => {
  agent.destroy();
  if (skip) return;
  await webhook.stop();
  await kubernetes.stop();
});

interface Answer {
  readonly status: number;
  readonly message: string;
}

function create(kind: Kind, object: unknown): Promise<Answer> {
  const { server, caPem, certPem, keyPem } = kubernetes.config;
  const path = `/apis/drop.corewire.io/v1alpha1/${PLURALS[kind]}?dryRun=All&fieldValidation=Strict`;
  const body = JSON.stringify(object);
  const headers = { "content-type": "application/json", "content-length": Buffer.byteLength(body) };
  const tls = { ca: caPem, cert: certPem, key: keyPem };
  return new Promise((resolve, reject) => {
    const sent = request(new URL(path, server), { method: "POST", agent, headers, ...tls });
    sent.on("response", (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (chunk) => {
        text += chunk;
      });
      response.on("end", () => {
        const message = String(own(JSON.parse(text), "message") ?? "");
        resolve({ status: response.statusCode ?? 0, message });
      });
    });
    sent.on("error", reject).end(body);
  });
}

/** Mistakes that exist in a request: nulls in maps are gone before anybody judges. */
function mistakesOf(kind: Kind, object: unknown): readonly Problem[] {
  const { problems } = decode(kind, object);
  return problems.filter((problem) => isMistake(problem) && problem.home !== "file");
}

/** How the verdicts differ, undefined where they do not. */
async function difference({ kind, object }: Mutant): Promise<string | undefined> {
  const plain: unknown = JSON.parse(JSON.stringify(object));
  const mistakes = mistakesOf(kind, plain);
  const { status, message } = await create(kind, plain);
  if ((status === 201) !== (mistakes.length === 0)) {
    const ours = mistakes.map(({ rule, path }) => `${rule} ${path.join(".")}`).join(", ");
    return `cluster: ${status} ${message.slice(0, 500)}\n  decode: ${ours || "no mistake"}`;
  }
  const { response } = review(reviewOf(kind, plain));
  const visible = mistakes.filter(({ rule }) => rule !== "DROP1001");
  const hasNulls = decode(kind, plain).problems.some(({ home }) => home === "file");
  if (!hasNulls && response.allowed !== (visible.length === 0)) return "review disagrees";
  return undefined;
}

test(`API server, webhook and decode give ${COUNT} nearly valid objects one verdict`, {
  skip,
  timeout: 300_000,
}, async (t) => {
  const rows = mutants(SEED, COUNT);
  const differences: string[] = [];
  const open = rows.values();
  const work = async (): Promise<void> => {
    for (const row of open) {
      const found = await difference(row);
      if (found !== undefined) differences.push(`${row.kind} ${row.changes.join(" ")}\n  ${found}`);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  const judged = webhook.output().split("refused an object").length - 1;
  t.diagnostic(`the webhook's log tells of ${judged} refusals or more`);
  assert.ok(judged > 100);
  assert.equal(differences.length, 0, differences.slice(0, 10).join("\n"));
});
