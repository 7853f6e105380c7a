import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { mayShareLogin } from "../../src/discovery/logins/login-sharing.ts";
import { parseChallenges } from "../../src/discovery/registry/challenge.ts";
import { fakeClock } from "../runtime/fake-clock.ts";
import { type FaultServer, faultServer, json } from "../runtime/fault-server.ts";
import { type AskOptions, askOne, found, reasonOf, textOf } from "./ask.ts";
import { registrySource } from "./policies.ts";

const challenges = [
  [
    'Bearer realm="https://a/t",service="s",scope="repository:x:pull"',
    ["bearer realm=https://a/t service=s scope=repository:x:pull"],
  ],
  ['Basic realm="a, \\"b\\""', ['basic realm=a, "b"']],
  [
    'Basic realm=x, Bearer realm="https://a/t" , service=s',
    ["basic realm=x", "bearer realm=https://a/t service=s"],
  ],
  ["Negotiate oRQw==, Basic realm=x", ["negotiate", "basic realm=x"]],
  ["Negotiate", ["negotiate"]],
  ['BEARER Realm = "x"', ["bearer realm=x"]],
  ['Bearer realm="unclosed', ["bearer"]],
  ["", []],
  [", ,", []],
] as const;

for (const [header, expected] of challenges) {
  test(`the challenge ${JSON.stringify(header)} is read`, () => {
    const read = parseChallenges(header).map(({ scheme, parameters }) =>
      [scheme, ...Array.from(parameters, ([name, value]) => `${name}=${value}`)].join(" "),
    );
    assert.deepEqual(read, expected);
  });
}

test("no header breaks the reader of challenges, however long", () => {
  fc.assert(fc.property(fc.string(), (text) => Array.isArray(parseChallenges(text))));
  for (const piece of ['"', "\\", "a=", "a ", ",", '="\\']) parseChallenges(piece.repeat(100_000));
});

const sharing = [
  ["https://registry-1.docker.io", "https://auth.docker.io/token", true],
  ["https://registry.gitlab.com", "https://gitlab.com/jwt/auth", true],
  ["https://ghcr.io", "https://ghcr.io/token", true],
  ["https://ghcr.io", "https://evil.example.com/token", false],
  ["https://a.github.io", "https://b.github.io/token", false],
  ["https://a.co.uk", "https://b.co.uk/token", false],
  ["http://10.0.0.1:5000", "http://10.0.0.1:5001/token", true],
  ["http://10.0.0.1", "http://10.0.0.2/token", false],
  ["http://registry.harbor.svc", "http://registry.harbor.svc/token", true],
  ["http://registry.harbor.svc", "http://token.harbor.svc/token", false],
  ["http://registry.a.svc.cluster.local", "http://evil.b.svc.cluster.local/token", false],
  ["https://registry.example.com", "http://auth.example.com/token", false],
] as const;

for (const [given, named, shared] of sharing) {
  test(`a login for ${given} ${shared ? "may" : "may not"} be sent to ${named}`, () => {
    assert.equal(mayShareLogin(new URL(given), new URL(named)), shared);
  });
}

const login = { username: "admin", password: "pässword" };
const basic = `Basic ${Buffer.from("admin:pässword").toString("base64")}`;

interface TokenAnswers {
  readonly body?: (count: number) => object;
  readonly accepts?: (authorization: string | undefined, count: number) => boolean;
  readonly pages?: number;
}

/** A registry that wants a token, and on the same server the service that gives it. */
function tokenRegistry({ body, accepts, pages = 1 }: TokenAnswers = {}): Promise<FaultServer> {
  let tokens = 0;
  let lists = 0;
  return faultServer(({ path, headers }, response) => {
    const origin = `http://${headers.host}`;
    if (path.startsWith("/token")) {
      tokens++;
      json(response, body?.(tokens) ?? { token: `t${tokens}`, expires_in: 300 });
      return;
    }
    const isRight =
      accepts?.(headers.authorization, ++lists) ?? headers.authorization !== undefined;
    if (!isRight) {
      const challenge = `Bearer realm="${origin}/token",service="reg",scope="repository:team/app:pull"`;
      response.writeHead(401, { "www-authenticate": challenge }).end();
      return;
    }
    const page = Number(new URL(path, origin).searchParams.get("page") ?? "1");
    const link =
      page < pages ? { link: `</v2/team/app/tags/list?page=${page + 1}>; rel="next"` } : {};
    response.writeHead(200, { "content-type": "application/json", ...link });
    response.end(JSON.stringify({ tags: [`v${page}`] }));
  });
}

function ask(server: FaultServer, options: AskOptions = {}) {
  const more = options.secret === undefined ? {} : { secretRef: { name: "creds" } };
  return askOne(registrySource({ url: server.url }, more), options);
}

test("a token is asked for without a login where there is none, once for all pages", async () => {
  await using server = await tokenRegistry({ pages: 3 });
  assert.equal(found(await ask(server)).length, 3);
  const asked = server.seen.filter(({ path }) => path.startsWith("/token"));
  assert.equal(asked.length, 1);
  assert.equal(asked[0]?.path, "/token?service=reg&scope=repository%3Ateam%2Fapp%3Apull");
  assert.equal(asked[0]?.headers.authorization, undefined);
  assert.equal(server.seen.at(-1)?.headers.authorization, "Bearer t1");
});

test("a login goes to the token service, and only the token to the registry", async () => {
  await using server = await tokenRegistry();
  await ask(server, { secret: login });
  for (const { path, headers } of server.seen) {
    const isToken = path.startsWith("/token");
    assert.equal(headers.authorization === basic, isToken, path);
  }
});

test("access_token is as good as token", async () => {
  await using server = await tokenRegistry({ body: () => ({ access_token: "other" }) });
  await ask(server);
  assert.equal(server.seen.at(-1)?.headers.authorization, "Bearer other");
});

test("a token that is refused between pages is renewed once", async () => {
  await using server = await tokenRegistry({
    pages: 4,
    accepts: (authorization, count) =>
      authorization !== undefined && (count < 4 || authorization === "Bearer t2"),
  });
  assert.equal(found(await ask(server)).length, 4);
  assert.equal(server.seen.filter(({ path }) => path.startsWith("/token")).length, 2);
});

test("a registry that refuses every token is Unauthorized after one new one", async () => {
  await using server = await tokenRegistry({ accepts: () => false });
  const outcome = await ask(server);
  assert.equal(reasonOf(outcome), "Unauthorized");
  assert.equal(server.seen.length, 3);
});

test("a token is not used beyond its life", async () => {
  const clock = fakeClock(Date.now());
  await using server = await tokenRegistry({
    pages: 3,
    body: (count) => ({ token: `t${count}`, expires_in: 60 }),
  });
  await ask(server, {
    clock,
    onProgress: () => void clock.sleep(61_000, new AbortController().signal),
  });
  assert.equal(server.seen.filter(({ path }) => path.startsWith("/token")).length, 3);
});

test("a token's life begins when it was issued", async () => {
  const clock = fakeClock(Date.now());
  const issued = new Date(clock.now() - 3_600_000).toISOString();
  await using server = await tokenRegistry({
    pages: 2,
    body: (count) => ({ token: `t${count}`, expires_in: 3600, issued_at: issued }),
  });
  await ask(server, { clock });
  assert.equal(server.seen.filter(({ path }) => path.startsWith("/token")).length, 3);
});

test("a token service without a token is an invalid answer", async () => {
  await using server = await tokenRegistry({ body: () => ({ error: "hunter2" }) });
  const outcome = await ask(server);
  assert.equal(reasonOf(outcome), "InvalidAnswer");
  assert.doesNotMatch(textOf(outcome), /hunter2/);
});

test("a login is not sent to a token service of another organisation", async () => {
  await using server = await faultServer((_, response) => {
    response
      .writeHead(401, { "www-authenticate": 'Bearer realm="https://tokens.example.com/t"' })
      .end();
  });
  const outcome = await ask(server, { secret: login });
  assert.equal(reasonOf(outcome), "EndpointRefused");
  assert.match(textOf(outcome), /tokens\.example\.com/);
  assert.doesNotMatch(textOf(outcome), /pässword/);
});

for (const realm of ["file:///etc/passwd", "http://user:pw@127.0.0.1/", "", "javascript:1"]) {
  test(`a challenge to the realm ${JSON.stringify(realm)} is an invalid answer`, async () => {
    await using server = await faultServer((_, response) => {
      response.writeHead(401, { "www-authenticate": `Bearer realm="${realm}"` }).end();
    });
    assert.equal(reasonOf(await ask(server)), "InvalidAnswer");
  });
}

test("a Basic challenge gets the login, for every repository at once", async () => {
  await using server = await faultServer(({ headers }, response) => {
    if (headers.authorization === basic) json(response, { tags: ["1"] });
    else response.writeHead(401, { "www-authenticate": 'Basic realm="x"' }).end();
  });
  const repositories = ["a", "b", "c", "d", "e", "f"];
  const source = registrySource(
    { url: server.url, repositories },
    { secretRef: { name: "creds" } },
  );
  const outcome = await askOne(source, { secret: login });
  assert.ok(
    outcome.parts.every(({ state }) => state === "complete"),
    textOf(outcome),
  );
});

test("a wrong login is Unauthorized", async () => {
  await using server = await faultServer((_, response) => {
    response.writeHead(401, { "www-authenticate": 'Basic realm="x"' }).end();
  });
  const outcome = await ask(server, { secret: login });
  assert.equal(reasonOf(outcome), "Unauthorized");
  assert.equal(server.seen.length, 2);
});

test("a token from the Secret, further headers too, go to the registry as they are", async () => {
  await using server = await faultServer((_, response) => json(response, { tags: [] }));
  await ask(server, { secret: { token: "abc\n", "headers.X-Tenant": "team" } });
  assert.equal(server.seen[0]?.headers.authorization, "Bearer abc");
  assert.equal(server.seen[0]?.headers["x-tenant"], "team");
});

test("a redirect with a login is not followed", async () => {
  await using other = await faultServer((_, response) => json(response, { tags: [] }));
  await using server = await faultServer((_, response) => {
    response.writeHead(302, { location: other.url }).end();
  });
  assert.equal(reasonOf(await ask(server, { secret: { token: "abc" } })), "EndpointRefused");
  assert.equal(other.seen.length, 0);
});
