import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:https";
import { after, before, test } from "node:test";
import { connect, type TLSSocket } from "node:tls";
import fc from "fast-check";
import { KINDS } from "../../src/api/types.gen.ts";
import { portOf } from "../../src/runtime/health.ts";
import { createLogger } from "../../src/runtime/logger.ts";
import { createRegistry } from "../../src/runtime/metrics.ts";
import { MAX_BODY_BYTES } from "../../src/webhook/body.ts";
import { createMeasures } from "../../src/webhook/measures.ts";
import { judge } from "../../src/webhook/review.ts";
import { createRoutes } from "../../src/webhook/routes.ts";
import { changed, fullest, smallest } from "../api/valid-objects.ts";
import { ask, type Question } from "../support/http.ts";
import { until } from "../support/until.ts";
import { reviewOf } from "./reviews.ts";
import { type Serving, serve } from "./serving.ts";

let serving: Serving;

before(async () => {
  serving = await serve();
});

after(() => serving.stop());

const JSON_TYPE = { "content-type": "application/json" };
const ENDPOINTS = ["/mutate", "/validate"];

function post(path: string, body: string | Uint8Array, rest: Question = {}) {
  const caPem = serving.certificate?.caPem;
  return ask(`${serving.url}${path}`, { method: "POST", headers: JSON_TYPE, body, caPem, ...rest });
}

function textOf(...args: Parameters<typeof reviewOf>): string {
  return JSON.stringify(reviewOf(...args));
}

test("both endpoints give the same verdict, the patch comes from /mutate only", async () => {
  const valid = textOf("PullPolicy", smallest("PullPolicy"));
  const wrong = textOf("CachedImage", changed(smallest("CachedImage"), "spec.image", "nginx:1"));
  const answers = await Promise.all(
    [valid, wrong].flatMap((body) => ENDPOINTS.map((path) => post(`${path}?timeout=5s`, body))),
  );
  const [mutated, validated, refused, alsoRefused] = answers.map(({ status, headers, body }) => {
    assert.equal(status, 200);
    assert.match(headers["content-type"] ?? "", /^application\/json/);
    return JSON.parse(body).response;
  });
  assert.equal(mutated.patchType, "JSONPatch");
  assert.deepEqual(validated, { uid: "7f0b", allowed: true });
  assert.equal(refused.status.code, 422);
  assert.deepEqual(refused, alsoRefused);
});

test("answers tell neither what serves them nor an entity tag, and keep connections for 120 s", async () => {
  const { headers } = await post("/validate", textOf("PullPolicy", fullest("PullPolicy")));
  assert.equal(headers["x-powered-by"], undefined);
  assert.equal(headers.etag, undefined);
  assert.equal(headers["keep-alive"], "timeout=120");
});

/** Requests that are no AdmissionReview, with what they are answered. */
const CLEAR: readonly (readonly [string, string, Question, number, RegExp])[] = [
  ["another path", "/", {}, 404, /here are \/mutate and \/validate/],
  ["GET", "/mutate", { method: "GET" }, 405, /only POST/],
  ["DELETE", "/validate", { method: "DELETE" }, 405, /only POST/],
  [
    "another media type",
    "/mutate",
    { headers: { "content-type": "text/yaml" }, body: "a" },
    415,
    /application\/json/,
  ],
  ["no media type", "/mutate", { headers: {}, body: "{}" }, 415, /application\/json/],
  [
    "a compressed body",
    "/mutate",
    { headers: { ...JSON_TYPE, "content-encoding": "gzip" }, body: "{}" },
    415,
    /compressed/,
  ],
  ["no body", "/validate", { body: "" }, 400, /no JSON/],
  ["half a JSON", "/validate", { body: '{"a":' }, 400, /no JSON/],
  [
    "bytes that are no UTF-8",
    "/validate",
    { body: Buffer.from([0x22, 0xff, 0x22]) },
    400,
    /no JSON in UTF-8/,
  ],
  ["JSON that is no AdmissionReview", "/mutate", { body: "[]" }, 400, /no AdmissionReview/],
  ["too many values", "/mutate", { body: `[${"0,".repeat(100_000)}0]` }, 400, /more than 50000/],
  ["too deep a body", "/mutate", { body: "[".repeat(200_000) }, 400, /more than 50000/],
  [
    "a body that is too long",
    "/mutate",
    { body: Buffer.alloc(MAX_BODY_BYTES + 1, 0x20) },
    413,
    /larger than 7340032/,
  ],
  ["a URL that cannot be", "/%zz", {}, 404, /here are/],
];

for (const [what, path, question, status, text] of CLEAR) {
  test(`${what} is answered ${status} in plain words`, async () => {
    const answer = await post(path, "", question);
    assert.equal(answer.status, status, answer.body);
    assert.match(answer.body, text);
    assert.doesNotMatch(answer.body, /\n.|<html|node_modules/i);
  });
}

test("a body as long as permitted is judged", async () => {
  const object = changed(smallest("CachedImage"), "metadata.annotations", {
    note: "x".repeat(6_900_000),
  });
  const { status, body } = await post("/validate", textOf("CachedImage", object));
  assert.equal(status, 200);
  assert.equal(JSON.parse(body).response.allowed, false);
  assert.ok(body.length < 10_000);
});

test("a body announced as too long is refused before any of it is read", async () => {
  const socket = await rawConnection();
  socket.write(
    `POST /mutate HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: ${MAX_BODY_BYTES + 1}\r\n\r\n`,
  );
  assert.match(await firstText(socket), /^HTTP\/1\.1 413 /);
});

test("a body without announced length is cut where it becomes too long", async () => {
  const socket = await rawConnection();
  socket.on("error", () => undefined);
  socket.write(
    "POST /mutate HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n",
  );
  const piece = Buffer.alloc(1024 * 1024, 0x20);
  for (let count = 0; count < 8; count++) {
    socket.write(`${piece.length.toString(16)}\r\n`);
    socket.write(piece);
    socket.write("\r\n");
  }
  assert.match(await firstText(socket), /^HTTP\/1\.1 413 /);
});

test("a body that comes too slowly is cut before the API server's own deadline", async () => {
  const socket = await rawConnection();
  const closed = once(socket, "close");
  socket.write(
    'POST /mutate?timeout=200ms HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: 9\r\n\r\n{"a"',
  );
  const text = await firstText(socket);
  assert.match(text, /^HTTP\/1\.1 408 /);
  assert.match(text, /did not arrive within 120 ms/);
  await closed;
});

test("headers that come too slowly are cut", { timeout: 20_000 }, async () => {
  const socket = await rawConnection();
  const closed = once(socket, "close");
  socket.write("POST /mutate HTTP/1.1\r\nhost: a\r\n");
  assert.match(await firstText(socket), /^HTTP\/1\.1 408 /);
  await closed;
});

async function rawConnection(): Promise<TLSSocket> {
  const ca = serving.certificate?.caPem ?? "";
  const socket = connect({ port: serving.port, host: "127.0.0.1", ca });
  await once(socket, "secureConnect");
  return socket;
}

async function firstText(socket: TLSSocket): Promise<string> {
  const [chunk] = await once(socket, "data");
  return String(chunk);
}

test("no bytes whatever get a 5xx, and any JSON in a review gets its verdict", async () => {
  const bytes = fc.uint8Array({ maxLength: 400 });
  const json = fc.jsonValue().map((value) => Buffer.from(JSON.stringify(value)));
  const review = fc
    .tuple(
      fc.constantFrom(...KINDS),
      fc.jsonValue(),
      fc.jsonValue(),
      fc.constantFrom("CREATE", "UPDATE", "DELETE", "x"),
    )
    .map(([kind, spec, oldObject, operation]) =>
      Buffer.from(textOf(kind, { ...smallest(kind), spec }, { oldObject, operation })),
    );
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...ENDPOINTS),
      fc.oneof(bytes, json, review),
      async (path, body) => {
        const answer = await post(path, body);
        assert.ok([200, 400].includes(answer.status), `${answer.status}: ${answer.body}`);
        if (answer.status === 200) assert.equal(JSON.parse(answer.body).response.uid, "7f0b");
      },
    ),
    { numRuns: 600 },
  );
  const { status } = await post("/validate", textOf("PullPolicy", fullest("PullPolicy")));
  assert.equal(status, 200);
});

test("a bug refuses with an error id that the log repeats", async (t) => {
  const lines: string[] = [];
  const log = createLogger({ level: "info", part: "test", write: (line) => lines.push(line) });
  const routes = createRoutes({
    judge() {
      throw new Error("the bug");
    },
    measures: createMeasures(createRegistry(), () => undefined),
    ...{ log, clock: { now: () => Date.now() }, isDraining: () => false },
  });
  const { certPem, keyPem, caPem } = serving.certificate ?? assert.fail();
  const server = createServer({ cert: certPem, key: keyPem }, routes).listen(0, "127.0.0.1");
  t.after(() => server.close());
  await once(server, "listening");
  const { status, body } = await ask(`https://127.0.0.1:${portOf(server)}/validate`, {
    ...{ method: "POST", headers: JSON_TYPE, caPem },
    body: textOf("PullPolicy", {}),
  });
  const { response } = JSON.parse(body);
  assert.deepEqual(
    [status, response.uid, response.allowed, response.status.code],
    [200, "7f0b", false, 500],
  );
  const [line] = lines.map((text) => JSON.parse(text));
  assert.match(line.errorId, /^[0-9a-f-]{36}$/);
  assert.ok(response.status.message.includes(line.errorId));
  assert.equal(line.error.message, "the bug");
  assert.doesNotMatch(body, /the bug/);
});

test("a process too busy to answer in time says so, and leaves the verdict to the failurePolicy", async (t) => {
  let now = 0;
  const clock = {
    now() {
      now += 2_000;
      return now;
    },
  };
  const measures = createMeasures(createRegistry(), () => undefined);
  const log = createLogger({ level: "info", part: "test", write() {} });
  const routes = createRoutes({ judge, measures, log, clock, isDraining: () => false });
  const { certPem, keyPem, caPem } = serving.certificate ?? assert.fail();
  const server = createServer({ cert: certPem, key: keyPem }, routes).listen(0, "127.0.0.1");
  t.after(() => server.close());
  await once(server, "listening");
  const url = `https://127.0.0.1:${portOf(server)}/validate?timeout=2s`;
  const body = textOf("PullPolicy", fullest("PullPolicy"));
  const answer = await ask(url, { method: "POST", headers: JSON_TYPE, caPem, body });
  assert.equal(answer.status, 503);
  assert.match(answer.body, /too busy to answer within 1200 ms/);
});

test("the plain port tells health, readiness and what was judged", async () => {
  const wrong = changed(smallest("CachedImage"), "spec.image", "nginx:1");
  await post("/mutate", textOf("CachedImage", wrong));
  const [health, ready, metrics, none, posted] = await Promise.all([
    ...["/healthz", "/readyz", "/metrics", "/"].map((path) => ask(`${serving.healthUrl}${path}`)),
    ask(`${serving.healthUrl}/metrics`, { method: "POST" }),
  ]);
  assert.deepEqual([health?.status, health?.body], [200, "[+]event-loop ok\n"]);
  assert.equal(ready?.status, 200);
  assert.match(
    ready?.body ?? "",
    /^\[\+\]listener ok\n\[\+\]certificate ok\n\[\+\]schemas ok\n\[\+\]serving ok\n$/,
  );
  assert.deepEqual([none?.status, posted?.status], [404, 405]);
  for (const line of [
    /drop_webhook_request_duration_seconds_count\{kind="CachedImage",operation="CREATE",verdict="refused"\} [1-9]/,
    /drop_webhook_refusals_total\{rule="DROP1006"\} [1-9]/,
    /drop_webhook_requests_in_flight 0/,
    /drop_webhook_certificate_expiry_timestamp_seconds 1[0-9]{9}/,
    /process_cpu_seconds_total/,
  ]) {
    assert.match(metrics?.body ?? "", line);
  }
});

test("TLS 1.2 is refused unless it is allowed", async (t) => {
  const lenient = await serve({ minVersion: "TLSv1.2" });
  t.after(() => lenient.stop());
  const old = { maxVersion: "TLSv1.2", rejectUnauthorized: false, host: "127.0.0.1" } as const;
  const refused = connect({ ...old, port: serving.port });
  const [error] = await once(refused, "error");
  assert.match(String(error), /alert protocol version/);
  const taken = connect({ ...old, port: lenient.port });
  await once(taken, "secureConnect");
  taken.destroy();
});

test("SIGTERM fails readiness, answers go on with Connection: close, then all is closed", async () => {
  const leaving = await serve();
  const caPem = leaving.certificate?.caPem;
  const body = textOf("PullPolicy", fullest("PullPolicy"));
  const answer = () =>
    ask(`${leaving.url}/validate`, { method: "POST", headers: JSON_TYPE, body, caPem });
  assert.equal((await answer()).headers.connection, "keep-alive");
  leaving.terminate();
  await until(async () => (await ask(`${leaving.healthUrl}/readyz`)).status === 503, {
    what: "readiness to fail",
  });
  const { status, headers } = await answer();
  assert.deepEqual([status, headers.connection], [200, "close"]);
  await leaving.stop();
  await assert.rejects(answer(), { code: "ECONNREFUSED" });
});
