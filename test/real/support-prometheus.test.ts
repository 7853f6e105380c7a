import assert from "node:assert/strict";
import { test } from "node:test";
import { basic, testCredentials } from "../support/credentials.ts";
import { type Answer, ask, type Question } from "../support/http.ts";
import { type Prometheus, startPrometheus } from "../support/prometheus.ts";
import { requireTool } from "../support/tools.ts";
import { usageHistory } from "../support/usage-history.ts";

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const weekMs = 7 * 24 * hourMs;
const now = Math.floor(Date.now() / minuteMs) * minuteMs;
const metric = "container_memory_working_set_bytes";

const openMetrics = usageHistory({
  now,
  days: 7,
  images: [
    { image: "busy:1", samples: (timeMs) => Math.floor(timeMs / hourMs), namespace: "team" },
    { image: "gone:1", samples: (timeMs) => (timeMs < now - hourMs ? 5 : undefined) },
    { image: 'odd"\\name', samples: () => 7 },
  ],
});

function query(prometheus: Prometheus, path: string, parameters: Readonly<Record<string, string>>) {
  const url = `${prometheus.url}/api/v1/${path}?${new URLSearchParams(parameters)}`;
  const { caPem, credentials } = prometheus;
  const question: Question = credentials
    ? { headers: { authorization: basic(credentials) }, caPem }
    : { caPem };
  return ask(url, question);
}

function resultOf({ body }: Answer): readonly unknown[] {
  return JSON.parse(body).data.result;
}

test("Prometheus remembers seven days of usage up to now", async (t) => {
  if (!(await requireTool(t, "prometheus", "promtool"))) return;
  const prometheus = await startPrometheus({ openMetrics });
  t.after(() => prometheus.stop());
  const range = await query(prometheus, "query_range", {
    query: `${metric}{image="busy:1"}`,
    start: String((now - weekMs) / 1000),
    end: String(now / 1000),
    step: "3600",
  });
  const hours = Array.from({ length: 7 * 24 + 1 }, (_, hour) => now - weekMs + hour * hourMs);
  const labels = {
    __name__: metric,
    image: "busy:1",
    namespace: "team",
    pod: "pod-0",
    container: "app",
  };
  const values = hours.map((timeMs) => [timeMs / 1000, String(Math.floor(timeMs / hourMs))]);
  assert.deepEqual(resultOf(range), [{ metric: labels, values }]);
  const instant = await query(prometheus, "query", { query: `sum by (image) (${metric})` });
  const images = resultOf(instant).map((series) => JSON.parse(JSON.stringify(series)).metric.image);
  assert.deepEqual(new Set(images), new Set(["busy:1", 'odd"\\name']));
  await prometheus.stop();
  await assert.rejects(ask(prometheus.url), { code: "ECONNREFUSED" });
});

test("Prometheus with a login and a private authority answers those who know both", async (t) => {
  if (!(await requireTool(t, "prometheus", "promtool"))) return;
  const prometheus = await startPrometheus({ openMetrics, basicAuth: true, tls: true });
  t.after(() => prometheus.stop());
  const { caPem, url } = prometheus;
  const wrong = basic({ ...testCredentials, password: "wrong" });
  assert.equal((await query(prometheus, "query", { query: metric })).status, 200);
  assert.equal((await ask(`${url}/-/ready`, { caPem })).status, 401);
  assert.equal(
    (await ask(`${url}/-/ready`, { caPem, headers: { authorization: wrong } })).status,
    401,
  );
  await assert.rejects(ask(url), { code: "UNABLE_TO_VERIFY_LEAF_SIGNATURE" });
});
