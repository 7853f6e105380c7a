import assert from "node:assert/strict";
import { once } from "node:events";
import type { ServerResponse } from "node:http";
import { test } from "node:test";
import { fakeClock } from "../runtime/fake-clock.ts";
import { faultServer, json } from "../runtime/fault-server.ts";
import { askOne, found, reasonOf, textOf } from "./ask.ts";
import { prometheusSource } from "./policies.ts";

function series(image: string | undefined, ...values: readonly string[]) {
  const metric = image === undefined ? { pod: "p", node: "n" } : { image };
  const samples = values.map((value, index) => [1_700_000_000 + index, value]);
  return values.length === 1 ? { metric, value: samples[0] } : { metric, values: samples };
}

function vector(response: ServerResponse, result: readonly unknown[], more = {}): void {
  json(response, { status: "success", data: { resultType: "vector", result }, ...more });
}

const digest = `sha256:${"a".repeat(64)}`;

test("each image's value is its score, under its normalised reference", async () => {
  await using server = await faultServer((_, response) =>
    vector(response, [
      series("nginx", "3"),
      series("docker.io/library/nginx:latest", "4"),
      series(`registry.example.com/a:1.5@${digest}`, "2.5"),
      series(`ghcr.io/b@${digest}`, "1"),
      series("docker-pullable://quay.io/c:1", "1"),
    ]),
  );
  const outcome = await askOne(prometheusSource({ endpoint: server.url }));
  assert.deepEqual(outcome.parts[0]?.state, "complete");
  assert.deepEqual(found(outcome), [
    "docker.io/library/nginx:latest=7",
    `registry.example.com/a@${digest}=2.5`,
    `ghcr.io/b@${digest}=1`,
    "quay.io/c:1=1",
  ]);
});

test("what cannot be an image or a score is left out and counted", async () => {
  await using server = await faultServer((_, response) =>
    vector(response, [
      series("a.io/a:1", "1"),
      series("a.io/b:1", "NaN"),
      series("a.io/c:1", "+Inf"),
      series("a.io/d:1", "-Inf"),
      series(digest, "1"),
      series("a".repeat(64), "1"),
      series("not an image", "1"),
      series(undefined, "1"),
      series("", "1"),
      { metric: { image: "a.io/h:1" }, histogram: [1, {}] },
      null,
    ]),
  );
  const outcome = await askOne(prometheusSource({ endpoint: server.url }));
  assert.deepEqual(found(outcome), ["a.io/a:1=1"]);
  assert.deepEqual(outcome.notes, [
    'left out: 3 series without the label "image"',
    "left out: 2 series whose image is an id without a name",
    "left out: 1 series whose image is no reference",
    "left out: 4 series without any number that counts",
    "left out: 4 samples not finite or no number",
  ]);
});

test("the sum of a range does not depend on the order of the series", async () => {
  const addends = ["0.1", "1e16", "0.2", "-1e16", "0.3"];
  const sums = new Set<string>();
  for (const order of [addends, addends.toReversed()]) {
    await using server = await faultServer((_, response) =>
      vector(
        response,
        order.map((value) => series("a.io/a:1", value)),
      ),
    );
    sums.add(found(await askOne(prometheusSource({ endpoint: server.url }))).join());
  }
  assert.equal(sums.size, 1);
});

test("no series with an image at all is a failure that names the labels seen", async () => {
  await using server = await faultServer((_, response) =>
    vector(response, [series(undefined, "1")]),
  );
  const outcome = await askOne(prometheusSource({ endpoint: server.url }));
  assert.equal(reasonOf(outcome), "QueryRejected");
  assert.match(textOf(outcome), /node, pod/);
});

test("an empty result is complete, and noted", async () => {
  await using server = await faultServer((_, response) => vector(response, []));
  const outcome = await askOne(prometheusSource({ endpoint: server.url }));
  assert.equal(outcome.parts[0]?.state, "complete");
  assert.match(textOf(outcome), /no series at all/);
});

for (const doubt of [{ warnings: ["store gateway missed"] }, { isPartial: true }]) {
  test(`an answer with ${Object.keys(doubt)} is partial`, async () => {
    await using server = await faultServer((_, response) =>
      vector(response, [series("a.io/a:1", "1")], doubt),
    );
    const outcome = await askOne(prometheusSource({ endpoint: server.url }));
    assert.equal(outcome.parts[0]?.state, "partial");
    assert.equal(reasonOf(outcome), "Warnings");
    assert.deepEqual(found(outcome), ["a.io/a:1=1"]);
  });
}

test("the query is posted as a form, under the endpoint's own path", async () => {
  await using server = await faultServer((_, response) => vector(response, []));
  await askOne(prometheusSource({ endpoint: `${server.url}/prometheus/`, query: 'up{a="b&c"}' }));
  const [seen] = server.seen;
  assert.equal(seen?.method, "POST");
  assert.equal(seen?.path, "/prometheus/api/v1/query");
  assert.equal(new URLSearchParams(seen?.body).get("query"), 'up{a="b&c"}');
});

test("with lookback the range ends at the last multiple of the step and its samples are added up", async () => {
  await using server = await faultServer((_, response) =>
    json(response, {
      status: "success",
      data: { resultType: "matrix", result: [series("a.io/a:1", "1", "2", "NaN", "4")] },
    }),
  );
  const clock = fakeClock(1_700_000_000_000);
  const outcome = await askOne(
    prometheusSource({ endpoint: server.url, lookback: "7d", step: "1h" }),
    { clock },
  );
  assert.deepEqual(found(outcome), ["a.io/a:1=7"]);
  const [seen] = server.seen;
  assert.equal(seen?.path, "/api/v1/query_range");
  assert.deepEqual(Object.fromEntries(new URLSearchParams(seen?.body)), {
    query: "up",
    start: String(1_699_999_200 - 7 * 86_400),
    end: "1699999200",
    step: "3600",
  });
});

for (const status of [302, 403, 404, 405, 501]) {
  test(`where a POST gets ${status} the query is sent as a GET`, async () => {
    await using server = await faultServer(({ method }, response) => {
      if (method === "POST") response.writeHead(status, { location: "/elsewhere" }).end();
      else vector(response, [series("a.io/a:1", "1")]);
    });
    const outcome = await askOne(prometheusSource({ endpoint: server.url, query: "sum(up)" }));
    assert.deepEqual(found(outcome), ["a.io/a:1=1"]);
    assert.equal(server.seen.at(-1)?.path, "/api/v1/query?query=sum%28up%29");
  });
}

const failures = [
  {
    name: "a refused query",
    status: 400,
    body: { status: "error", errorType: "bad_data", error: "parse error: unexpected )" },
    reason: "QueryRejected",
    text: /unexpected \)/,
  },
  {
    name: "an error with status 200",
    status: 200,
    body: { status: "error", error: "bad" },
    reason: "QueryRejected",
    text: /bad/,
  },
  {
    name: "a scalar",
    status: 200,
    body: { status: "success", data: { resultType: "scalar", result: [1, "1"] } },
    reason: "QueryRejected",
    text: /scalar/,
  },
  {
    name: "another JSON",
    status: 200,
    body: { hello: "world" },
    reason: "InvalidAnswer",
    text: /none that Prometheus gives/,
  },
  { name: "no API", status: 404, body: { status: 404 }, reason: "NotFound", text: /\/prometheus/ },
  { name: "a wanted login", status: 401, body: {}, reason: "Unauthorized", text: /secretRef/ },
  {
    name: "a timeout of its own",
    status: 503,
    body: { status: "error", error: "query timed out" },
    reason: "ServerError",
    text: /timed out/,
  },
  { name: "too many requests", status: 429, body: {}, reason: "RateLimited", text: /too many/ },
] as const;

for (const { name, status, body, reason, text } of failures) {
  test(`${name} is ${reason}`, async () => {
    await using server = await faultServer((_, response) => json(response, body, status));
    const outcome = await askOne(prometheusSource({ endpoint: server.url }));
    assert.equal(outcome.parts[0]?.state, "failed");
    assert.equal(reasonOf(outcome), reason);
    assert.match(textOf(outcome), text);
  });
}

test("Prometheus' words are cut and cannot forge a line", async () => {
  await using server = await faultServer((_, response) =>
    json(response, { status: "error", error: `a\n\u001b[31mb${"x".repeat(5000)}` }, 400),
  );
  const outcome = await askOne(prometheusSource({ endpoint: server.url }));
  assert.doesNotMatch(textOf(outcome), /\p{Cc}/u);
  assert.ok(textOf(outcome).length < 500);
});

test("a login page in place of the API is an invalid answer that quotes nothing", async () => {
  await using server = await faultServer((_, response) => {
    response.writeHead(200, { "content-type": "text/html" }).end("<title>hunter2");
  });
  const outcome = await askOne(prometheusSource({ endpoint: server.url }));
  assert.equal(reasonOf(outcome), "InvalidAnswer");
  assert.match(textOf(outcome), /text\/html/);
  assert.doesNotMatch(textOf(outcome), /hunter2/);
});

test("a login and further headers are sent", async () => {
  await using server = await faultServer((_, response) => vector(response, []));
  const source = prometheusSource({ endpoint: server.url }, { secretRef: { name: "creds" } });
  await askOne(source, {
    secret: { username: "admin", password: "pw", "headers.X-Scope-OrgID": "team" },
  });
  assert.equal(
    server.seen[0]?.headers.authorization,
    `Basic ${Buffer.from("admin:pw").toString("base64")}`,
  );
  assert.equal(server.seen[0]?.headers["x-scope-orgid"], "team");
});

for (const status of [200, 401, 422, 503]) {
  test(`secrets that Prometheus' words repeat with ${status} are left out`, async () => {
    await using server = await faultServer(({ headers }, response) => {
      const said = `${headers.authorization} and hunter2 with ${headers["x-scope-orgid"]}`;
      json(response, { status: "error", error: `cannot use ${said}` }, status);
    });
    const source = prometheusSource({ endpoint: server.url }, { secretRef: { name: "creds" } });
    const secret = {
      username: "admin",
      password: "hunter2",
      "headers.X-Scope-OrgID": "tenant-hunter2",
    };
    const outcome = await askOne(source, { secret });
    assert.match(textOf(outcome), /cannot use \[secret\] and \[secret\] with \[secret\]/);
    assert.doesNotMatch(textOf(outcome), /hunter2|aHVudGVy|YWRtaW4/);
  });
}

test("fifty thousand series are read, and a range of many more bytes than are held", async () => {
  const values = Array.from({ length: 2000 }, (_, index) => [1_700_000_000 + index * 300, "1"]);
  for (const [count, samples] of [
    [50_000, { value: [1_700_000_000, "3"] }],
    [1_200, { values }],
  ] as const) {
    await using server = await faultServer(async (_, response) => {
      response.writeHead(200, { "content-type": "application/json" });
      response.write('{"status":"success","data":{"resultType":"matrix","result":[');
      for (let index = 0; index < count; index++) {
        const metric = { image: `registry.example.com/team/app-${index}:1` };
        const text = `${index === 0 ? "" : ","}${JSON.stringify({ metric, ...samples })}`;
        if (!response.write(text)) await once(response, "drain");
      }
      response.end("]}}");
    });
    const outcome = await askOne(prometheusSource({ endpoint: server.url, lookback: "7d" }));
    assert.equal(outcome.parts[0]?.state, "complete", textOf(outcome));
    assert.equal(found(outcome).length, count);
    assert.match(found(outcome).at(-1) ?? "", "values" in samples ? /=2000$/ : /=3$/);
  }
});

test("what is no series is held to the usual limit", async () => {
  await using server = await faultServer((_, response) => {
    response.writeHead(200, { "content-type": "application/json" });
    const chunk = Buffer.alloc(1 << 20, " ");
    const more = () => {
      while (response.write(chunk));
    };
    response.on("drain", more);
    more();
  });
  const outcome = await askOne(prometheusSource({ endpoint: server.url }));
  assert.equal(reasonOf(outcome), "AnswerTooLarge");
  assert.match(textOf(outcome), /more than 32 MiB/);
});
