import assert from "node:assert/strict";
import { test } from "node:test";
import type { Login } from "../../src/discovery/logins/login.ts";
import { SecretValue } from "../../src/runtime/secret-value.ts";
import { type FaultServer, faultServer, type Handler, json } from "../runtime/fault-server.ts";
import { basic } from "../support/credentials.ts";
import { allHere } from "../support/quirks/tag-list.ts";
import { type AskOptions, askOne, found, reasonOf, textOf } from "./ask.ts";
import { prometheusSource, registrySource } from "./policies.ts";

const secret = { username: "robot", password: "hunter2", "headers.X-Tenant": "tenant-hunter2" };
const login = basic(secret);
const SECRETS = [login, "hunter2", Buffer.from("hunter2").toString("base64")];

/** Everything secret that a server was sent, as `header of path`. */
function received(server: FaultServer): readonly string[] {
  return server.seen.flatMap(({ path, headers, body }) =>
    [...Object.entries(headers), ["body", body] as const].flatMap(([name, value]) =>
      SECRETS.some((text) => String(value).includes(text)) ? [`${name} of ${path}`] : [],
    ),
  );
}

function at(server: FaultServer, host: string): string {
  return `http://${host}:${new URL(server.url).port}`;
}

async function askNamed(server: FaultServer, host: string, options: AskOptions = {}) {
  const more = options.secret === undefined ? {} : { secretRef: { name: "creds" } };
  return askOne(registrySource({ url: at(server, host) }, more), { resolve: allHere, ...options });
}

/** A server that wants a login and then does what the test says. */
function wanting(challenge: string, then: Handler): Promise<FaultServer> {
  return faultServer((seen, response) => {
    if (seen.headers.authorization !== undefined) return then(seen, response);
    response.writeHead(401, { "www-authenticate": challenge }).end();
  });
}

for (const status of [301, 302, 303, 307, 308]) {
  test(`a redirect with ${status} to another host gets no login, before or after it was asked for`, async () => {
    await using thief = await faultServer((_, response) => json(response, { tags: ["stolen"] }));
    const location = `${at(thief, "thief.example.com")}/v2/team/app/tags/list`;
    await using server = await wanting('Basic realm="x"', (_, response) => {
      response.writeHead(status, { location }).end();
    });
    const outcome = await askNamed(server, "registry.example.org", { secret });
    assert.equal(reasonOf(outcome), "EndpointRefused");
    assert.match(textOf(outcome), /logins are not sent on/);
    assert.deepEqual(received(thief), []);
    assert.doesNotMatch(textOf(outcome), /hunter2/);

    await using first = await faultServer((_, response) => {
      response.writeHead(status, { location }).end();
    });
    await askNamed(first, "registry.example.org", {
      secret: { username: "a", password: "hunter2" },
    });
    assert.deepEqual(received(thief), []);
  });
}

test("a host behind a redirect that asks for a login does not get it", async () => {
  await using thief = await faultServer((_, response) => {
    response.writeHead(401, { "www-authenticate": 'Basic realm="x"' }).end();
  });
  await using server = await faultServer((_, response) => {
    response.writeHead(302, { location: `${at(thief, "thief.example.com")}/v2/` }).end();
  });
  const plain = { username: "robot", password: "hunter2" };
  await askNamed(server, "registry.example.org", { secret: plain });
  assert.deepEqual(received(thief), []);
});

for (const name of ["thief.example.com", "registry.example.org.thief.com", "example.co.uk"]) {
  test(`a token service at ${name} is asked nothing on behalf of registry.example.org`, async () => {
    await using thief = await faultServer((_, response) => json(response, { token: "t" }));
    const challenge = `Bearer realm="${at(thief, name)}/token",service="s"`;
    await using server = await wanting(challenge, (_, response) => json(response, { tags: [] }));
    const plain = { username: "robot", password: "hunter2" };
    const outcome = await askNamed(server, "registry.example.org", { secret: plain });
    assert.equal(reasonOf(outcome), "EndpointRefused");
    assert.equal(thief.seen.length, 0);
  });
}

test("a token service of another organisation gets the login where it is listed", async () => {
  await using service = await faultServer((_, response) => json(response, { token: "t" }));
  const challenge = `Bearer realm="${at(service, "tokens.example.com")}/token",service="s"`;
  await using server = await wanting(challenge, (_, response) => json(response, { tags: ["1"] }));
  const isListed = (host: string) => host === "tokens.example.com";
  const plain = { username: "robot", password: "hunter2" };
  const outcome = await askNamed(server, "registry.example.org", { secret: plain, isListed });
  assert.equal(found(outcome).length, 1, textOf(outcome));
  assert.equal(received(service).length, 1);
});

test("anonymous tokens come from anywhere, and further headers stay with the registry", async () => {
  await using service = await faultServer((_, response) => json(response, { token: "t" }));
  const challenge = `Bearer realm="${at(service, "tokens.example.com")}/token",service="s"`;
  await using server = await wanting(challenge, (_, response) => json(response, { tags: ["1"] }));
  const headers = { "headers.X-Tenant": "tenant-hunter2" };
  const outcome = await askNamed(server, "registry.example.org", { secret: headers });
  assert.equal(found(outcome).length, 1, textOf(outcome));
  assert.deepEqual(received(service), []);
  assert.equal(server.seen.at(-1)?.headers["x-tenant"], "tenant-hunter2");
});

test("a Link to another origin is sent nothing, not even a request", async () => {
  await using thief = await faultServer((_, response) => json(response, { tags: ["stolen"] }));
  await using server = await wanting('Basic realm="x"', (_, response) => {
    const link = `<${at(thief, "thief.example.com")}/v2/team/app/tags/list?last=1>; rel="next"`;
    response.writeHead(200, { "content-type": "application/json", link });
    response.end(JSON.stringify({ tags: ["1"] }));
  });
  const outcome = await askNamed(server, "registry.example.org", { secret });
  assert.equal(outcome.parts[0]?.state, "partial");
  assert.equal(thief.seen.length, 0);
});

test("Prometheus' login does not follow a redirect either, by POST or by GET", async () => {
  await using thief = await faultServer((_, response) => json(response, {}));
  await using server = await faultServer((_, response) => {
    response.writeHead(307, { location: `${thief.url}/api/v1/query` }).end();
  });
  const source = prometheusSource({ endpoint: server.url }, { secretRef: { name: "creds" } });
  const outcome = await askOne(source, { secret });
  assert.equal(reasonOf(outcome), "EndpointRefused");
  assert.equal(thief.seen.length, 0);
});

test("a Secret goes only to the hosts that it is annotated with", async () => {
  await using server = await faultServer((_, response) => json(response, { tags: ["1"] }));
  const ask = (allowedHosts: string) =>
    askNamed(server, "registry.example.org", { secret: { token: "hunter2" }, allowedHosts });
  const refused = await ask("ghcr.io");
  assert.equal(reasonOf(refused), "SecretUnusable");
  assert.match(textOf(refused), /may not be sent to registry\.example\.org/);
  assert.match(textOf(refused), /drop\.corewire\.io\/allowed-hosts/);
  assert.equal(server.seen.length, 0);
  assert.equal(found(await ask("ghcr.io, *.example.org")).length, 1);
});

test("a token service must be among the annotated hosts too", async () => {
  await using server = await faultServer(({ path, headers }, response) => {
    const port = headers.host?.split(":")[1];
    if (path.startsWith("/token")) json(response, { token: "t" });
    else if (headers.authorization !== undefined) json(response, { tags: ["1"] });
    else {
      const realm = `http://auth.example.org:${port}/token`;
      response.writeHead(401, { "www-authenticate": `Bearer realm="${realm}"` }).end();
    }
  });
  const plain = { username: "robot", password: "hunter2" };
  const ask = (allowedHosts: string) =>
    askNamed(server, "registry.example.org", { secret: plain, allowedHosts });
  const refused = await ask("registry.example.org");
  assert.equal(reasonOf(refused), "SecretUnusable");
  assert.match(textOf(refused), /auth\.example\.org/);
  assert.deepEqual(received(server), []);
  assert.equal(found(await ask("registry.example.org auth.example.org")).length, 1);
});

const stored: Login = {
  kind: "basic",
  username: new SecretValue("robot"),
  password: new SecretValue("hunter2"),
};

function finder(answer: Login | undefined) {
  const asked: string[] = [];
  return {
    asked,
    find: async (host: string) => {
      asked.push(host);
      return answer;
    },
  };
}

test("a stored login is used where a registry's source names no Secret, and only there", async () => {
  await using server = await wanting('Basic realm="x"', (_, response) =>
    json(response, { tags: ["1"] }),
  );
  const logins = finder(stored);
  assert.equal(found(await askOne(registrySource({ url: server.url }), { logins })).length, 1);
  assert.deepEqual(logins.asked, [server.host]);
  const named = registrySource({ url: server.url }, { secretRef: { name: "creds" } });
  await askOne(named, { logins, secret: { token: "abc" } });
  await askOne(prometheusSource({ endpoint: server.url }), { logins });
  assert.deepEqual(logins.asked, [server.host]);
});

test("a stored login is not sent over http to another machine unless that is listed", async () => {
  await using server = await wanting('Basic realm="x"', (_, response) =>
    json(response, { tags: ["1"] }),
  );
  const logins = finder(stored);
  const refused = await askNamed(server, "registry.example.org", { logins });
  assert.equal(reasonOf(refused), "Unauthorized");
  assert.deepEqual(received(server), []);
  const isListed = () => true;
  assert.equal(
    found(await askNamed(server, "registry.example.org", { logins, isListed })).length,
    1,
  );
});

test("an identity token is exchanged at the token service and sent nowhere else", async () => {
  await using server = await faultServer(({ method, path, headers }, response) => {
    if (path === "/oauth2/token" && method === "POST") {
      json(response, { access_token: "short", expires_in: 60 });
      return;
    }
    if (headers.authorization === "Bearer short") json(response, { tags: ["1"] });
    else {
      const challenge = `Bearer realm="http://${headers.host}/oauth2/token",service="reg"`;
      response.writeHead(401, { "www-authenticate": challenge }).end();
    }
  });
  const logins = finder({ kind: "identity", token: new SecretValue("hunter2") });
  const outcome = await askOne(registrySource({ url: server.url }), { logins });
  assert.equal(found(outcome).length, 1, textOf(outcome));
  assert.deepEqual(received(server), ["body of /oauth2/token"]);
  const exchange = server.seen.find(({ method }) => method === "POST");
  assert.deepEqual(Object.fromEntries(new URLSearchParams(exchange?.body)), {
    grant_type: "refresh_token",
    client_id: "drop",
    service: "reg",
    scope: "repository:team/app:pull",
    refresh_token: "hunter2",
  });
});

test("an identity token is no answer to a Basic challenge", async () => {
  await using server = await wanting('Basic realm="x"', (_, response) =>
    json(response, { tags: [] }),
  );
  const logins = finder({ kind: "identity", token: new SecretValue("hunter2") });
  const outcome = await askOne(registrySource({ url: server.url }), { logins });
  assert.equal(reasonOf(outcome), "Unauthorized");
  assert.deepEqual(received(server), []);
});
