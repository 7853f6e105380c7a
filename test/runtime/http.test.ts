import assert from "node:assert/strict";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { after, test } from "node:test";
import { gzipSync } from "node:zlib";
import { createEndpointGuard } from "../../src/runtime/endpoint-guard.ts";
import { createHttp, type Http, type HttpRequest } from "../../src/runtime/http.ts";
import { parseJson } from "../../src/runtime/http-answer.ts";
import { systemClock } from "../../src/runtime/http-clock.ts";
import type { Proxies } from "../../src/runtime/http-proxy.ts";
import { SecretValue } from "../../src/runtime/secret-value.ts";
import { until } from "../support/until.ts";
import { type FakeClock, fakeClock } from "./fake-clock.ts";
import { faultServer, json } from "./fault-server.ts";

const opened: Http[] = [];
after(async () => {
  for (const http of opened) await http.close();
});

function client({
  clock = fakeClock(),
  proxies = {},
}: {
  clock?: FakeClock;
  proxies?: Proxies;
} = {}) {
  const guard = createEndpointGuard({ allowLoopback: true });
  const http = createHttp({ guard, clock, userAgent: "drop/test", proxies });
  opened.push(http);
  return http;
}

function get(url: string, more: Partial<HttpRequest> = {}): HttpRequest {
  return { url: new URL(url), signal: AbortSignal.timeout(10_000), ...more };
}

test("an answer comes with its status, headers and JSON", async () => {
  await using server = await faultServer((_, response) => json(response, { tags: ["a"] }));
  const answer = await client().request(
    get(`${server.url}/v2/`, { headers: { accept: "application/json" } }),
  );
  assert.equal(answer.status, 200);
  assert.deepEqual(parseJson(answer), { tags: ["a"] });
  assert.equal(server.seen[0]?.headers["user-agent"], "drop/test");
  assert.equal(server.seen[0]?.headers.accept, "application/json");
});

test("connections are kept alive between requests", async () => {
  await using server = await faultServer((_, response) => json(response, {}));
  const http = client();
  for (let count = 0; count < 10; count++) await http.request(get(server.url));
  assert.ok(server.connections() <= 2, `${server.connections()} connections`);
});

for (const status of [429, 500, 502, 503, 504]) {
  test(`status ${status} is tried again, with growing waits`, async () => {
    let left = 2;
    await using server = await faultServer((_, response) =>
      json(response, {}, left-- > 0 ? status : 200),
    );
    const clock = fakeClock();
    assert.equal((await client({ clock }).request(get(server.url))).status, 200);
    assert.deepEqual(clock.slept, [375, 750]);
  });
}

test("a status that stays is the answer after three more attempts", async () => {
  await using server = await faultServer((_, response) => json(response, {}, 503));
  assert.equal((await client().request(get(server.url))).status, 503);
  assert.equal(server.seen.length, 4);
});

test("other statuses are answers at once", async () => {
  await using server = await faultServer((_, response) => json(response, {}, 404));
  assert.equal((await client().request(get(server.url))).status, 404);
  assert.equal(server.seen.length, 1);
});

test("a reset connection is tried again", async () => {
  let left = 1;
  await using server = await faultServer((_, response) => {
    if (left-- > 0) response.socket?.resetAndDestroy();
    else json(response, { fine: true });
  });
  assert.deepEqual(parseJson(await client().request(get(server.url))), { fine: true });
});

const retryAfter = [
  ["7", 7_000],
  [new Date(Date.UTC(2026, 0, 2, 3, 4, 25)).toUTCString(), 20_000],
  ["86400", 60_000],
  [new Date(Date.UTC(2030, 0, 1)).toUTCString(), 60_000],
  ["99999999999999999999999", 60_000],
] as const;

for (const [header, waitMs] of retryAfter) {
  test(`Retry-After: ${header} holds the whole host back for ${waitMs} ms`, async () => {
    let left = 1;
    await using server = await faultServer((_, response) => {
      if (left-- > 0) response.writeHead(429, { "retry-after": header }).end();
      else json(response, {});
    });
    const clock = fakeClock();
    const start = clock.now();
    await client({ clock }).request(get(server.url));
    assert.equal(clock.now() - start, waitMs);
  });
}

test("Retry-After holds back other requests to the host too", async () => {
  let left = 1;
  await using server = await faultServer((_, response) => {
    if (left-- > 0) response.writeHead(429, { "retry-after": "30" }).end();
    else json(response, {});
  });
  const clock = fakeClock();
  const waiting: number[] = [];
  const patient = {
    ...clock,
    sleep: async (ms: number, signal: AbortSignal) => {
      waiting.push(ms);
      await clock.sleep(ms, signal);
    },
  };
  const guard = createEndpointGuard({ allowLoopback: true });
  const http = createHttp({ guard, clock: patient, userAgent: "drop/test" });
  opened.push(http);
  await http.request(get(`${server.url}/first`));
  assert.ok(waiting.includes(375));
  assert.ok(
    waiting.some((ms) => ms === 30_000 - 375),
    String(waiting),
  );
});

test("at most four requests at once go to a host", async () => {
  const held: ServerResponse[] = [];
  await using server = await faultServer((_, response) => void held.push(response));
  await using other = await faultServer((_, response) => json(response, {}));
  const http = client();
  const all = Promise.all(Array.from({ length: 20 }, () => http.request(get(server.url))));
  for (let answered = 0; answered < 20; answered += 4) {
    await until(() => held.length >= 4, { what: "four requests", everyMs: 1 });
    // A fifth would have come before the answer to a later request.
    await http.request(get(other.url));
    assert.equal(held.length, 4);
    for (const response of held.splice(0)) json(response, {});
  }
  await all;
  assert.equal(server.seen.length, 20);
});

test("a body longer than allowed is cut off", async () => {
  await using server = await faultServer((_, response) => void response.end("x".repeat(2000)));
  await assert.rejects(client().request(get(server.url, { maxBytes: 1000 })), {
    reason: "AnswerTooLarge",
  });
});

test("a gzip bomb is cut off while it unfolds", async () => {
  const bomb = gzipSync(Buffer.alloc(64 * 1024 * 1024));
  await using server = await faultServer((_, response) => {
    response.writeHead(200, { "content-encoding": "gzip" }).end(bomb);
  });
  await assert.rejects(client().request(get(server.url)), {
    reason: "AnswerTooLarge",
    message: /more than 32 MiB/,
  });
});

test("a compressed answer is read", async () => {
  await using server = await faultServer((_, response) => {
    response.writeHead(200, { "content-encoding": "gzip" }).end(gzipSync('{"a":1}'));
  });
  assert.deepEqual(parseJson(await client().request(get(server.url))), { a: 1 });
});

test("a compressed answer that is cut off is invalid", async () => {
  await using server = await faultServer((_, response) => {
    response
      .writeHead(200, { "content-encoding": "gzip" })
      .end(gzipSync("x".repeat(10_000)).subarray(0, 30));
  });
  await assert.rejects(client().request(get(server.url)), { reason: "InvalidAnswer" });
});

test("a body shorter than announced is no answer", async () => {
  await using server = await faultServer((_, response) => {
    response.writeHead(200, { "content-length": "1000" });
    response.write("half");
    setImmediate(() => response.socket?.destroy());
  });
  await assert.rejects(client().request(get(server.url)), { reason: /Unreachable|InvalidAnswer/ });
});

test("HTML in place of JSON is named by its type and never quoted", async () => {
  await using server = await faultServer((_, response) => {
    response.writeHead(200, { "content-type": "text/html; charset=utf-8" }).end("<h1>hunter2</h1>");
  });
  const answer = await client().request(get(server.url));
  assert.throws(
    () => parseJson(answer),
    (error: Error & { reason?: string }) => {
      assert.equal(error.reason, "InvalidAnswer");
      assert.match(error.message, /text\/html/);
      assert.doesNotMatch(error.message, /hunter2/);
      return true;
    },
  );
});

test("a server that does not answer in time is a Timeout", async () => {
  await using server = await faultServer(() => undefined);
  await assert.rejects(client().request(get(server.url, { timeoutMs: 50 })), { reason: "Timeout" });
});

test("a body that trickles for ever is a Timeout", async () => {
  await using server = await faultServer((_, response) => {
    const timer = setInterval(() => response.write("x"), 5);
    response.on("close", () => clearInterval(timer));
  });
  await assert.rejects(client().request(get(server.url, { timeoutMs: 100 })), {
    reason: "Timeout",
  });
});

test("an interrupt ends a request with its own reason", async () => {
  await using server = await faultServer(() => undefined);
  const controller = new AbortController();
  const request = client().request(get(server.url, { signal: controller.signal }));
  controller.abort(new Error("interrupted by a person"));
  await assert.rejects(request, /interrupted by a person/);
});

test("an interrupt ends a wait for a busy host", async () => {
  await using server = await faultServer((_, response) => json(response, {}, 503));
  const controller = new AbortController();
  const guard = createEndpointGuard({ allowLoopback: true });
  const http = createHttp({
    guard,
    userAgent: "drop/test",
    clock: {
      ...systemClock,
      random: () => {
        setImmediate(() => controller.abort(new Error("enough")));
        return 1;
      },
    },
  });
  opened.push(http);
  await assert.rejects(http.request(get(server.url, { signal: controller.signal })), /enough/);
});

test("nobody listening is Unreachable, after trying again", async () => {
  const server = await faultServer(() => undefined);
  await server[Symbol.asyncDispose]();
  const clock = fakeClock();
  await assert.rejects(client({ clock }).request(get(server.url)), { reason: "Unreachable" });
  assert.equal(clock.slept.length, 3);
});

test("a certificate that nobody signed is a TLSError, and http on a TLS port too", async () => {
  await using server = await faultServer((_, response) => json(response, {}));
  await assert.rejects(client().request(get(server.url.replace("http:", "https:"))), {
    reason: "TLSError",
  });
});

test("a redirect is followed, and to another origin nothing but the wanted type goes along", async () => {
  await using target = await faultServer((_, response) => json(response, { moved: true }));
  await using server = await faultServer((_, response) => {
    response.writeHead(302, { location: `${target.url}/there` }).end();
  });
  const headers = { accept: "application/json", "x-custom": "1" };
  const answer = await client().request(get(server.url, { headers }));
  assert.deepEqual(parseJson(answer), { moved: true });
  assert.equal(target.seen[0]?.headers.accept, "application/json");
  assert.equal(target.seen[0]?.headers["x-custom"], undefined);
});

test("a request with credentials is not redirected", async () => {
  await using target = await faultServer((_, response) => json(response, {}));
  await using server = await faultServer((_, response) => {
    response.writeHead(307, { location: `${target.url}/steal` }).end();
  });
  const secretHeaders = new Map([["authorization", new SecretValue("Bearer hunter2")]]);
  await assert.rejects(client().request(get(server.url, { secretHeaders })), (error: Error) => {
    assert.match(error.message, /redirects to/);
    assert.doesNotMatch(error.message, /hunter2/);
    return true;
  });
  assert.equal(target.seen.length, 0);
});

const badLocations = [
  "file:///etc/passwd",
  "http://169.254.169.254/latest/meta-data",
  "http://user:pass@127.0.0.1/",
];
for (const location of badLocations) {
  test(`a redirect to ${location} is refused`, async () => {
    await using server = await faultServer((_, response) => {
      response.writeHead(302, { location }).end();
    });
    await assert.rejects(client().request(get(server.url)), { reason: "EndpointRefused" });
  });
}

test("redirects that go round end after five", async () => {
  await using server = await faultServer((_, response) => {
    response.writeHead(302, { location: "/again" }).end();
  });
  await assert.rejects(client().request(get(server.url)), { reason: "InvalidAnswer" });
  assert.equal(server.seen.length, 6);
});

test("a POST is not redirected, its answer is the redirect", async () => {
  await using server = await faultServer((_, response) => {
    response.writeHead(302, { location: "/again" }).end();
  });
  const answer = await client().request(get(server.url, { method: "POST", body: "query=up" }));
  assert.equal(answer.status, 302);
});

test("a secret with a line break is refused unquoted", async () => {
  await using server = await faultServer((_, response) => json(response, {}));
  const secretHeaders = new Map([["authorization", new SecretValue("Bearer a\r\nb")]]);
  await assert.rejects(client().request(get(server.url, { secretHeaders })), {
    reason: "SecretUnusable",
    message: /authorization/,
  });
});

test("an address that the guard refuses is never connected to", async () => {
  await assert.rejects(client().request(get("http://169.254.169.254/")), {
    reason: "EndpointRefused",
  });
});

test("a host name that turns into a forbidden address is never connected to", async () => {
  await using server = await faultServer((_, response) => json(response, {}));
  const guard = createEndpointGuard({ allowLoopback: false }, async () => [
    { address: "127.0.0.1", family: 4 },
  ]);
  const http = createHttp({ guard, clock: fakeClock(), userAgent: "drop/test" });
  opened.push(http);
  const url = server.url.replace("127.0.0.1", "rebound.example.com");
  await assert.rejects(http.request(get(url)), { reason: "EndpointRefused" });
  assert.equal(server.connections(), 0);
});

test("a plain proxy gets the request, except for hosts that are asked directly", async () => {
  await using server = await faultServer((_, response) => json(response, { from: "origin" }));
  await using proxy = await faultServer((_, response) => json(response, { from: "proxy" }));
  const proxied = client({ proxies: { httpProxy: proxy.url } });
  const url = "http://registry.example.com/v2/";
  assert.deepEqual(parseJson(await proxied.request(get(url))), { from: "proxy" });
  assert.equal(proxy.seen[0]?.headers.host, "registry.example.com");

  const direct = client({ proxies: { httpProxy: proxy.url, noProxy: "127.0.0.1" } });
  assert.deepEqual(parseJson(await direct.request(get(server.url))), { from: "origin" });
});

test("an https request goes through the proxy's tunnel", async () => {
  const tunnels: string[] = [];
  const proxy = createServer();
  proxy.on("connect", (request, socket) => {
    tunnels.push(request.url ?? "");
    socket.end("HTTP/1.1 403 Forbidden\r\n\r\n");
  });
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  const { port } = proxy.address() as AddressInfo;
  try {
    const http = client({ proxies: { httpsProxy: `http://127.0.0.1:${port}` } });
    await assert.rejects(http.request(get("https://registry.example.com/v2/")), {
      reason: "Unreachable",
    });
    assert.equal(tunnels[0], "registry.example.com:443");
  } finally {
    proxy.closeAllConnections();
    proxy.close();
  }
});

test("a proxy does not open the way to a metadata service", async () => {
  await using proxy = await faultServer((_, response) => json(response, {}));
  const http = client({ proxies: { httpProxy: proxy.url } });
  for (const url of ["http://169.254.169.254/", "http://metadata.google.internal/"]) {
    await assert.rejects(http.request(get(url)), { reason: "EndpointRefused" });
  }
  assert.equal(proxy.seen.length, 0);
});

test("garbage in place of HTTP is an invalid answer", async () => {
  const { createServer: createTcp } = await import("node:net");
  const server = createTcp((socket) => void socket.end("SSH-2.0-OpenSSH_9.2\r\n"));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  try {
    await assert.rejects(client().request(get(`http://127.0.0.1:${port}/`)), {
      reason: "InvalidAnswer",
    });
  } finally {
    server.close();
  }
});

test("a secret prints as nothing but that it is one", () => {
  const secret = new SecretValue("hunter2");
  assert.equal(`${secret}`, "[secret]");
  assert.equal(JSON.stringify({ secret }), '{"secret":"[secret]"}');
  assert.equal(secret.reveal(), "hunter2");
});
