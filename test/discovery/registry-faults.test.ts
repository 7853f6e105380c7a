import assert from "node:assert/strict";
import type { ServerResponse } from "node:http";
import { test } from "node:test";
import { listTags, nextLink, type TagPage } from "../../src/discovery/registry/pages.ts";
import { registryAddress, tagListUrl } from "../../src/discovery/registry/url.ts";
import { SourceError } from "../../src/discovery/source-error.ts";
import { HttpError } from "../../src/runtime/http-error.ts";
import { faultServer, json, type Seen } from "../runtime/fault-server.ts";
import { askOne, found, reasonOf, textOf } from "./ask.ts";
import { registrySource } from "./policies.ts";

function tagsOf(response: ServerResponse, tags: readonly unknown[] | null, headers = {}): void {
  response.writeHead(200, { "content-type": "application/json", ...headers });
  response.end(JSON.stringify({ name: "team/app", tags }));
}

function lastOf({ path }: Seen): string | null {
  return new URL(path, "http://x").searchParams.get("last");
}

function numbered(from: number, to: number): string[] {
  return Array.from(
    { length: to - from },
    (_, index) => `t${String(from + index).padStart(6, "0")}`,
  );
}

test("tags rank by version, the newest with 1000, and v10 goes before v9", async () => {
  await using server = await faultServer((_, response) =>
    tagsOf(response, ["v9.0.0", "latest", "v10.0.0", "v9.1.0"]),
  );
  const outcome = await askOne(
    registrySource({ url: server.url, tagFilter: "^v\\d+\\.\\d+\\.\\d+$" }),
  );
  assert.deepEqual(found(outcome), [
    `${server.host}/team/app:v10.0.0=1000`,
    `${server.host}/team/app:v9.1.0=999`,
    `${server.host}/team/app:v9.0.0=998`,
  ]);
  assert.equal(server.seen[0]?.path, "/v2/team/app/tags/list");
});

test("topX keeps the newest of what the filter keeps, and the specification's template names them", async () => {
  await using server = await faultServer((_, response) =>
    tagsOf(response, ["v1.0.0", "v3.0.0", "nightly", "v2.0.0"]),
  );
  const outcome = await askOne(
    registrySource({
      url: server.url,
      repositories: ["gitlab-org/gitlab-runner/gitlab-runner-helper"],
      tagFilter: "^v\\d+\\.\\d+\\.\\d+$",
      topX: 2,
      imageTemplate: "registry.gitlab.com/{{ .Repository }}:x86_64-{{ .Tag }}",
    }),
  );
  assert.deepEqual(found(outcome), [
    "registry.gitlab.com/gitlab-org/gitlab-runner/gitlab-runner-helper:x86_64-v3.0.0=1000",
    "registry.gitlab.com/gitlab-org/gitlab-runner/gitlab-runner-helper:x86_64-v2.0.0=999",
  ]);
});

test("a tag that makes no reference is left out and counted", async () => {
  await using server = await faultServer((_, response) =>
    tagsOf(response, ["ok", "not a tag", "../../x", "__proto__"]),
  );
  const outcome = await askOne(registrySource({ url: server.url }));
  assert.deepEqual(found(outcome).length, 2);
  assert.match(textOf(outcome), /2 tags made no image reference/);
});

test("one missing repository does not hide the other", async () => {
  await using server = await faultServer(({ path }, response) => {
    if (path.includes("missing")) json(response, { errors: [{ code: "NAME_UNKNOWN" }] }, 404);
    else tagsOf(response, ["1"]);
  });
  const outcome = await askOne(
    registrySource({ url: server.url, repositories: ["missing", "there"] }),
  );
  assert.deepEqual(
    outcome.parts.map(({ name, state }) => `${name} ${state}`),
    ["missing failed", "there complete"],
  );
  assert.equal(reasonOf(outcome), "NotFound");
  assert.deepEqual(found(outcome), [`${server.host}/there:1=1000`]);
});

const pagings = [
  {
    name: "a relative Link",
    page: (tags: string[]) => `</v2/team/app/tags/list?n=1000&last=${tags.at(-1)}>; rel="next"`,
  },
  {
    name: "an absolute Link",
    page: (tags: string[], host: string) =>
      `<http://${host}/v2/team/app/tags/list?last=${tags.at(-1)}>; rel=next`,
  },
  {
    name: "a Link without the registry's own prefix",
    page: (tags: string[]) => `</tags/list?last=${tags.at(-1)}>; rel="next"`,
  },
  { name: "full pages without a Link", page: () => "" },
] as const;

for (const { name, page } of pagings) {
  test(`pages are read over ${name}`, async () => {
    const all = numbered(0, 2500);
    await using server = await faultServer((request, response) => {
      const start = all.indexOf(lastOf(request) ?? "") + 1;
      const tags = all.slice(start, start + 1000);
      const link = start + 1000 < all.length ? page(tags, request.headers.host ?? "") : "";
      tagsOf(response, tags, link === "" ? {} : { link });
    });
    const progress: string[] = [];
    const outcome = await askOne(registrySource({ url: `${server.url}/` }), {
      onProgress: ({ part, pages, tags }) => progress.push(`${part} ${pages} ${tags}`),
    });
    assert.equal(found(outcome).length, 2500);
    assert.ok(server.seen.every(({ path }) => path.startsWith("/v2/team/app/tags/list")));
    assert.deepEqual(progress, ["team/app 1 1000", "team/app 2 2000", "team/app 3 2500"]);
  });
}

const loops = [
  ["the same full page for ever", {}, numbered(0, 1000), "complete", 3],
  ["everything at once", {}, numbered(0, 1501), "complete", 1],
  ["everything at once, and as many as a page may have", {}, numbered(0, 1500), "complete", 2],
  [
    "the same Link for ever",
    { link: '</v2/team/app/tags/list?n=1000&last=t000000>; rel="next"' },
    numbered(0, 10),
    "partial",
    12,
  ],
  ["a Link that is no address", { link: '<http://[>; rel="next"' }, ["1"], "partial", 2],
] as const;

for (const [name, headers, tags, state, requests] of loops) {
  test(`a list of a server that sends ${name} is ${state} after ${requests} requests`, async () => {
    await using server = await faultServer((_, response) => tagsOf(response, tags, headers));
    const outcome = await askOne(registrySource({ url: server.url }));
    assert.equal(outcome.parts[0]?.state, state);
    assert.equal(found(outcome).length, tags.length);
    assert.equal(server.seen.length, requests);
  });
}

test("pages without a tag do not end a list that goes on behind them", async () => {
  await using server = await faultServer((request, response) => {
    const page = Number(lastOf(request) ?? "0");
    const link = page < 5 ? { link: `</v2/team/app/tags/list?last=${page + 1}>; rel="next"` } : {};
    tagsOf(response, page === 0 || page === 5 ? [`v${page}`] : null, link);
  });
  const outcome = await askOne(registrySource({ url: server.url }));
  assert.equal(outcome.parts[0]?.state, "complete");
  assert.equal(found(outcome).length, 2);
});

test("a Link to another host is not followed, and the list counts as partial", async () => {
  await using other = await faultServer((_, response) => tagsOf(response, ["stolen"]));
  await using server = await faultServer((_, response) =>
    tagsOf(response, ["1"], { link: `<${other.url}/v2/team/app/tags/list?last=1>; rel="next"` }),
  );
  const outcome = await askOne(registrySource({ url: server.url }));
  assert.equal(outcome.parts[0]?.state, "partial");
  assert.deepEqual(found(outcome), [`${server.host}/team/app:1=1000`]);
  assert.equal(other.seen.length, 0);
});

test("a Link with another scheme and port of the same host leads on where the list began", async () => {
  const asked: string[] = [];
  const list = await listTags({
    first: new URL("https://registry.example.com/v2/a/tags/list"),
    pageSize: 2,
    maxTags: 25,
    fetchPage: async (url): Promise<TagPage> => {
      asked.push(url.href);
      const link = '<http://registry.example.com:5000/v2/a/tags/list?last=x>; rel="next"';
      return { tags: [url.search], link: asked.length <= 2 ? link : "" };
    },
    onPage: () => undefined,
  });
  assert.equal(list.cut, undefined);
  assert.equal(asked[2], "https://registry.example.com/v2/a/tags/list?last=x");
});

/** Reads a list of a server that answers a request without a query so. */
function wholeOr(answer: () => TagPage, maxTags = 100) {
  const asked: string[] = [];
  const list = listTags({
    first: new URL("https://registry.example.com/v2/a/tags/list"),
    pageSize: 20,
    maxTags,
    fetchPage: async (url): Promise<TagPage> => {
      asked.push(url.search);
      if (url.search === "") return answer();
      return url.searchParams.has("last")
        ? { tags: numbered(20, 27), link: "" }
        : { tags: numbered(0, 20), link: "" };
    },
    onPage: () => undefined,
  });
  return { list, asked };
}

const wholes: readonly [what: string, answer: () => TagPage, requests: number, tags: number][] = [
  ["is all there is where the server gives it", () => ({ tags: numbered(0, 27), link: "" }), 1, 27],
  ["may be empty", () => ({ tags: [], link: "" }), 1, 0],
  ["is asked for in pages where it may be cut", () => ({ tags: numbered(0, 10), link: "" }), 3, 27],
  [
    "is asked for in pages where the server links to more",
    () => ({ tags: numbered(0, 7), link: '</v2/a/tags/list?last=t000006>; rel="next"' }),
    3,
    27,
  ],
  ["is asked for in pages where it is too large for one answer", tooLarge, 3, 27],
];

function tooLarge(): never {
  throw new HttpError("AnswerTooLarge", { message: "too large", fix: "ask for less" });
}

for (const [what, answer, requests, count] of wholes) {
  test(`a list that is asked for at once ${what}`, async () => {
    const { list, asked } = wholeOr(answer);
    assert.deepEqual([...(await list).tags], numbered(0, count));
    assert.equal(asked.length, requests);
  });
}

test("a list that cannot be had at all is asked for once", async () => {
  const missing = wholeOr(() => {
    throw new HttpError("Unreachable", { message: "nobody there", fix: "check it" });
  });
  await assert.rejects(missing.list, /nobody there/);
  assert.equal(missing.asked.length, 1);
});

test("beyond the cap a list is cut and says so, in one answer too", async () => {
  const { list } = wholeOr(() => ({ tags: numbered(0, 27), link: "" }), 25);
  assert.deepEqual([(await list).cut, (await list).tags.length], ["tooMany", 25]);
});

test("beyond the cap a list is cut and says so", async () => {
  let next = 0;
  const list = await listTags({
    first: new URL("https://registry.example.com/v2/a/tags/list"),
    pageSize: 10,
    maxTags: 25,
    fetchPage: async (): Promise<TagPage> => {
      next += 10;
      return { tags: numbered(next - 10, next), link: "" };
    },
    onPage: () => undefined,
  });
  assert.equal(list.cut, "tooMany");
  assert.equal(list.tags.length, 25);
});

const links = [
  ['</a?last=1>; rel="next"', "/a?last=1"],
  ["</a?last=1>; rel=next", "/a?last=1"],
  ['</first>; rel="first", </next>; rel="next"', "/next"],
  ['</a>; title="x"; rel="prev next"', "/a"],
  ['</a>; rel="nextish"', undefined],
  ['</a>; rel="prev"', undefined],
  ["", undefined],
  ["garbage", undefined],
] as const;

for (const [header, target] of links) {
  test(`the Link ${JSON.stringify(header)} leads to ${target ?? "nothing"}`, () => {
    assert.equal(nextLink(header), target);
  });
}

const badAnswers = [
  {
    name: "HTML",
    send: (response: ServerResponse) =>
      void response.writeHead(200, { "content-type": "text/html" }).end("<p>hunter2"),
    reason: "InvalidAnswer",
  },
  {
    name: "JSON without tags",
    send: (response: ServerResponse) => json(response, { hunter2: 1 }),
    reason: "InvalidAnswer",
  },
  {
    name: "403",
    send: (response: ServerResponse) => json(response, { errors: ["hunter2"] }, 403),
    reason: "Forbidden",
  },
  {
    name: "401",
    send: (response: ServerResponse) => json(response, { errors: ["hunter2"] }, 401),
    reason: "Unauthorized",
  },
  {
    name: "429 for ever",
    send: (response: ServerResponse) => json(response, {}, 429),
    reason: "RateLimited",
  },
  {
    name: "500 for ever",
    send: (response: ServerResponse) => json(response, {}, 500),
    reason: "ServerError",
  },
] as const;

for (const { name, send, reason } of badAnswers) {
  test(`a registry that answers ${name} is ${reason}, and its body is not quoted`, async () => {
    await using server = await faultServer((_, response) => send(response));
    const outcome = await askOne(registrySource({ url: server.url }));
    assert.equal(reasonOf(outcome), reason);
    assert.doesNotMatch(textOf(outcome), /hunter2/);
  });
}

test("an empty repository is a complete answer without images", async () => {
  await using server = await faultServer((_, response) => tagsOf(response, null));
  const outcome = await askOne(registrySource({ url: server.url }));
  assert.deepEqual(outcome.parts, [{ state: "complete", name: "team/app", candidates: [] }]);
});

const addresses = [
  [
    "https://docker.io",
    "library/nginx",
    "https://registry-1.docker.io/v2/library/nginx/tags/list",
    "docker.io",
  ],
  [
    "https://docker.io/",
    "nginx",
    "https://registry-1.docker.io/v2/library/nginx/tags/list",
    "docker.io",
  ],
  ["https://ghcr.io", "nginx", "https://ghcr.io/v2/nginx/tags/list", "ghcr.io"],
  [
    "http://registry.local:5000/prefix/",
    "a/b",
    "http://registry.local:5000/prefix/v2/a/b/tags/list",
    "registry.local:5000",
  ],
] as const;

for (const [url, repository, list, host] of addresses) {
  test(`${repository} of ${url} is listed at ${list}`, () => {
    const address = registryAddress(url);
    assert.equal(tagListUrl(address, repository).href, list);
    assert.equal(address.host, host);
  });
}

for (const repository of [
  "../../secret",
  "a/../b",
  "A",
  "a b",
  "a?x=1",
  "a#b",
  "/a",
  "a/",
  "a%2f..",
  "a:1",
]) {
  test(`${JSON.stringify(repository)} is no repository and is not asked for`, () => {
    assert.throws(() => tagListUrl(registryAddress("https://ghcr.io"), repository), SourceError);
  });
}
