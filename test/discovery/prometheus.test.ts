import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { type Prometheus, startPrometheus } from "../support/prometheus.ts";
import { usageHistory } from "../support/usage-history.ts";
import { askOne, found, reasonOf, textOf } from "./ask.ts";
import { prometheusSource } from "./policies.ts";

const dayMs = 86_400_000;
const query =
  'count(container_memory_working_set_bytes{container!="", namespace="build-stuff"}) by (image)';

let prometheus: Prometheus;

before(async () => {
  const now = Date.now();
  const namespace = "build-stuff";
  const always = () => 1;
  prometheus = await startPrometheus({
    basicAuth: true,
    tls: true,
    openMetrics: usageHistory({
      now,
      days: 7,
      images: [
        { image: "docker.io/library/steady:1", namespace, samples: always },
        { image: "steady:1", namespace, samples: (time) => (now - time < dayMs ? undefined : 1) },
        // Three at once, yet only since an hour ago.
        ...[1, 2, 3].map(() => ({
          image: "ghcr.io/team/burst:2",
          namespace,
          samples: (time: number) => (now - time < dayMs / 24 ? 1 : undefined),
        })),
        {
          image: "quay.io/gone/lastweek:3",
          namespace,
          samples: (time) => (now - time > 2 * dayMs ? 1 : undefined),
        },
        { image: `sha256:${"a".repeat(64)}`, namespace, samples: always },
        { image: "docker.io/library/elsewhere:1", namespace: "default", samples: always },
      ],
    }),
  });
});

after(async () => {
  await prometheus?.stop();
});

function ask(
  more: Parameters<typeof prometheusSource>[0],
  secret?: Readonly<Record<string, string>>,
) {
  const { username = "", password = "" } = prometheus.credentials ?? {};
  const source = prometheusSource(
    { endpoint: prometheus.url, query, ...more },
    { secretRef: { name: "creds" } },
  );
  return askOne(source, {
    secret: secret ?? { username, password, "ca.crt": prometheus.caPem ?? "" },
  });
}

function ranked(texts: readonly string[]): readonly string[] {
  const score = (text: string) => Number(text.split("=").at(-1));
  return texts.toSorted((a, b) => score(b) - score(a)).map((text) => text.split("=")[0] ?? "");
}

test("an instant query ranks by what runs now", async () => {
  const outcome = await ask({});
  assert.equal(outcome.parts[0]?.state, "complete", textOf(outcome));
  assert.deepEqual(ranked(found(outcome)), ["ghcr.io/team/burst:2", "docker.io/library/steady:1"]);
  assert.ok(found(outcome).includes("ghcr.io/team/burst:2=3"));
  assert.match(textOf(outcome), /1 series whose image is an id without a name/);
});

test("with seven days of lookback images rank by total use", async () => {
  const outcome = await ask({ lookback: "7d", step: "5m" });
  assert.equal(outcome.parts[0]?.state, "complete", textOf(outcome));
  assert.deepEqual(ranked(found(outcome)), [
    "docker.io/library/steady:1",
    "quay.io/gone/lastweek:3",
    "ghcr.io/team/burst:2",
  ]);
  const steady = found(outcome).find((text) => text.includes("steady")) ?? "";
  // 2,016 samples of one series and 1,728 of the other, give or take those at the edges.
  const score = Number(steady.split("=")[1]);
  assert.ok(score > 3_700 && score < 3_780, String(score));
});

test("a query that Prometheus cannot read is refused in its own words", async () => {
  const outcome = await ask({ query: "count(" });
  assert.equal(reasonOf(outcome), "QueryRejected");
  assert.match(textOf(outcome), /parse error/);
});

test("more than 11,000 samples a series are refused in Prometheus' own words", async () => {
  const outcome = await ask({ lookback: "7d", step: "1s" });
  assert.equal(reasonOf(outcome), "QueryRejected");
  assert.match(textOf(outcome), /11,000/);
});

test("a query that loses the label image says which labels there are", async () => {
  const outcome = await ask({
    query: "count(container_memory_working_set_bytes) by (namespace, pod)",
  });
  assert.equal(reasonOf(outcome), "QueryRejected");
  assert.match(textOf(outcome), /namespace, pod/);
});

test("a scalar is no ranking", async () => {
  assert.equal(reasonOf(await ask({ query: "scalar(vector(1))" })), "QueryRejected");
});

test("a wrong login is Unauthorized, a certificate that nobody vouches for a TLSError", async () => {
  const wrong = { username: "x", password: "y", "ca.crt": prometheus.caPem ?? "" };
  assert.equal(reasonOf(await ask({}, wrong)), "Unauthorized");
  assert.equal(reasonOf(await ask({}, { username: "x", password: "y" })), "TLSError");
});
