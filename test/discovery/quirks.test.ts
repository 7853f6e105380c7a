import assert from "node:assert/strict";
import { test } from "node:test";
import type { RegistrySource } from "../../src/api/types.gen.ts";
import type { SourceOutcome } from "../../src/discovery/outcome.ts";
import { fakeClock } from "../runtime/fake-clock.ts";
import type { FaultServer } from "../runtime/fault-server.ts";
import { basic } from "../support/credentials.ts";
import {
  ARTIFACTORY_PREFIX,
  ARTIFACTORY_REPOSITORY,
  startArtifactory,
} from "../support/quirks/artifactory.ts";
import { HUB_REGISTRY, HUB_TOKENS, startDockerHub } from "../support/quirks/docker-hub.ts";
import { startEcr } from "../support/quirks/ecr.ts";
import { startGhcr } from "../support/quirks/ghcr.ts";
import { GITLAB, GITLAB_REGISTRY, startGitlab } from "../support/quirks/gitlab.ts";
import { startHarbor } from "../support/quirks/harbor.ts";
import { startNexus } from "../support/quirks/nexus.ts";
import { startQuay } from "../support/quirks/quay.ts";
import { allHere, pushed } from "../support/quirks/tag-list.ts";
import { type AskOptions, askOne, found, reasonOf, textOf } from "./ask.ts";
import { registrySource } from "./policies.ts";

const tags = pushed(2345);
const secret = { username: "robot$drop", password: "hunter2" };
const login = basic(secret);

/** Asks a server, under a name of its own where it has one. */
function ask(
  server: FaultServer,
  { host, path = "", ...registry }: Partial<RegistrySource> & { host?: string; path?: string } = {},
  options: AskOptions = {},
) {
  const name = host === undefined ? server.host : `${host}:${new URL(server.url).port}`;
  const secretRef = options.secret === undefined ? {} : { secretRef: { name: "creds" } };
  const source = registrySource({ url: `http://${name}${path}`, ...registry }, secretRef);
  return askOne(source, { resolve: allHere, ...options });
}

/** Asserts that every tag was found, and that the newest by version is the first. */
function assertComplete(outcome: SourceOutcome, count = tags.length): void {
  assert.equal(outcome.parts[0]?.state, "complete", textOf(outcome));
  assert.equal(found(outcome).length, count);
  assert.match(found(outcome)[0] ?? "", /:v23\.44\.0=1000$/);
}

/** The paths that saw the login. */
function whereSent(server: FaultServer): readonly string[] {
  const sent = server.seen.filter(({ headers, body }) =>
    `${JSON.stringify(headers)}${body}`.includes(login),
  );
  return sent.map(({ path, headers }) => `${headers.host?.split(":")[0]}${path.split("?")[0]}`);
}

test("GHCR: the newest tags are on the last page, and anybody needs a token", async () => {
  await using server = await startGhcr(tags);
  assertComplete(await ask(server, { topX: 3 }), 3);
  const tokens = server.seen.filter(({ path }) => path.startsWith("/token?"));
  assert.equal(tokens.length, 1);
  assert.equal(tokens[0]?.headers.authorization, undefined);
});

for (const links of ["relative", "absolute"] as const) {
  test(`Quay: small pages are followed by their own ${links} links`, async () => {
    await using server = await startQuay(tags, { links });
    assertComplete(await ask(server));
    assert.equal(server.seen.length, Math.ceil(tags.length / 50) + 3);
  });
}

test("Quay: a private repository is Unauthorized without a login and read with one", async () => {
  await using server = await startQuay(tags, { login });
  const refused = await ask(server);
  assert.equal(reasonOf(refused), "Unauthorized");
  assert.match(textOf(refused), /secretRef/);
  assertComplete(await ask(server, {}, { secret }));
  assert.deepEqual(whereSent(server), ["127.0.0.1/v2/auth"]);
});

test("Harbor: a robot's login goes to the token service of the same host, once", async () => {
  await using server = await startHarbor(tags, login);
  assertComplete(await ask(server, {}, { secret }));
  assert.deepEqual(whereSent(server), ["127.0.0.1/service/token"]);
  assert.ok(server.seen.every(({ headers }) => headers.cookie === undefined));
  assert.equal(reasonOf(await ask(server)), "Unauthorized");
});

test("GitLab: the login goes to the organisation's other host and not to the registry", async () => {
  await using server = await startGitlab(tags, login);
  assertComplete(await ask(server, { host: GITLAB_REGISTRY }, { secret }));
  assert.deepEqual(whereSent(server), [`${GITLAB}/jwt/auth`]);
  const refused = await ask(server, { host: GITLAB_REGISTRY });
  assert.equal(reasonOf(refused), "Forbidden");
});

test("ECR: no more than 1,000 tags are asked for at once, and opaque links are followed", async () => {
  const aws = { username: "AWS", password: "hunter2" };
  await using server = await startEcr(tags, { login: basic(aws) });
  assertComplete(await ask(server, {}, { secret: aws }));
});

test("ECR: an expired token is Forbidden, with what to do about it", async () => {
  await using server = await startEcr(tags, { login, isExpired: true });
  const outcome = await ask(server, {}, { secret });
  assert.equal(reasonOf(outcome), "Forbidden");
  assert.match(textOf(outcome), /give secretRef a login/);
});

for (const [name, path, repository] of [
  ["in the path", ARTIFACTORY_PREFIX, "team/app"],
  ["in the name", "", `${ARTIFACTORY_REPOSITORY}/team/app`],
] as const) {
  test(`Artifactory: links without its repository ${name} lead on all the same`, async () => {
    await using server = await startArtifactory(tags, login);
    assertComplete(await ask(server, { path, repositories: [repository] }, { secret }));
  });
}

for (const paging of ["whole list", "last without links", "links to the main port"] as const) {
  test(`Nexus: every tag is found with ${paging}`, async () => {
    await using server = await startNexus(tags, paging);
    assertComplete(await ask(server));
    assert.equal(server.seen.length, paging === "whole list" ? 1 : 4);
  });
}

test("Docker Hub: the API, the tokens and official images are where Docker finds them", async () => {
  await using server = await startDockerHub(tags);
  const outcome = await ask(server, { host: "docker.io", repositories: ["nginx"] });
  assertComplete(outcome);
  const hosts = new Set(server.seen.map(({ headers }) => headers.host?.split(":")[0]));
  assert.deepEqual([...hosts], [HUB_REGISTRY, HUB_TOKENS]);
  assert.ok(server.seen.some(({ path }) => path.startsWith("/v2/library/nginx/tags/list")));
});

test("Docker Hub: a login goes to its token service and nowhere else", async () => {
  await using server = await startDockerHub(tags, { login });
  assertComplete(await ask(server, { host: "docker.io" }, { secret }));
  assert.deepEqual(whereSent(server), [`${HUB_TOKENS}/token`]);
});

test("Docker Hub: the rate limit's Retry-After is waited for, and lifts", async () => {
  await using server = await startDockerHub(tags, { limited: 2 });
  const clock = fakeClock(Date.now());
  const start = clock.now();
  assertComplete(await ask(server, { host: "docker.io" }, { clock }));
  assert.ok(clock.now() - start >= 80_000);
});

test("Docker Hub: a rate limit that stays is RateLimited, and a login is what helps", async () => {
  await using server = await startDockerHub(tags, { limited: Number.POSITIVE_INFINITY });
  const outcome = await ask(server, { host: "docker.io" });
  assert.equal(reasonOf(outcome), "RateLimited");
  assert.match(textOf(outcome), /with a login that may ask more/);
});
