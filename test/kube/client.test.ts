import assert from "node:assert/strict";
import { mkdir, rename, writeFile } from "node:fs/promises";
import type { ServerResponse } from "node:http";
import { join } from "node:path";
import { mock, test } from "node:test";
import { valueAt } from "../../src/api/record.ts";
import type { RequestMeasure } from "../../src/kube/call.ts";
import { createKubeClient, type KubeClient } from "../../src/kube/client.ts";
import type { KubeConnection } from "../../src/kube/connection.ts";
import { KubeError } from "../../src/kube/kube-error.ts";
import { dropResource, NODES, type ObjectRef, PODS } from "../../src/kube/resource.ts";
import { faultServer, json, type Seen } from "../runtime/fault-server.ts";
import { makeCertificate } from "../support/certificate.ts";
import { makeFolder } from "../support/folder.ts";
import { until } from "../support/until.ts";
import { driven } from "./driven.ts";
import { connected } from "./kubeconfig.ts";
import { type ManualClock, manualClock } from "./manual-clock.ts";
import { secureServer } from "./secure-server.ts";

const signal = new AbortController().signal;
const pod: ObjectRef = { resource: PODS, namespace: "drop-pulls", name: "pull-1" };
const within = { resource: PODS, namespace: "drop-pulls" };

interface Setup {
  readonly client: KubeClient;
  readonly clock: ManualClock;
  readonly measured: RequestMeasure[];
}

function setUp(connection: KubeConnection): Setup {
  const clock = manualClock();
  const measured: RequestMeasure[] = [];
  const client = createKubeClient({
    ...{ connection, clock, version: "1.2.3", part: "reconciler", qps: 20, burst: 40 },
    onRequest: (request) => measured.push(request),
  });
  return { client, clock, measured };
}

type Answer = (request: Seen, response: ServerResponse, number: number) => void;

/** Runs against a server that answers as told, the first request being number 1. */
async function against(
  answer: Answer,
  run: (setup: Setup & { readonly seen: readonly Seen[] }) => Promise<void>,
): Promise<void> {
  let number = 0;
  await using server = await faultServer((request, response) =>
    answer(request, response, ++number),
  );
  await using connection = await connected({ server: server.url });
  await run({ ...setUp(connection), seen: server.seen });
}

function refuse(response: ServerResponse, code: number, words: object, retryAfter?: string): void {
  if (retryAfter !== undefined) response.setHeader("retry-after", retryAfter);
  json(response, { kind: "Status", apiVersion: "v1", status: "Failure", code, ...words }, code);
}

function reasonIs(reason: KubeError["reason"]): (error: unknown) => boolean {
  return (error) => error instanceof KubeError && error.reason === reason;
}

test("each call is the request that the API server documents", async () => {
  await against(
    (_request, response) => json(response, { metadata: { resourceVersion: "7" }, items: [] }),
    async ({ client, seen, measured }) => {
      const image: ObjectRef = { resource: dropResource("CachedImage"), name: "a" };
      const options = { signal };
      await client.list({ resource: NODES, limit: 500, labelSelector: "a=b,c!=d" }, options);
      await client.list({ ...within, limit: 2, continue: "next", resourceVersion: "5" }, options);
      const body = await client.watch(
        { ...within, resourceVersion: "5", timeoutSeconds: 300 },
        options,
      );
      for await (const _chunk of body);
      await client.get(pod, options);
      await client.create({ metadata: { name: "pull-1" } }, within, options);
      const deletion = {
        uid: "u",
        gracePeriodSeconds: 0,
        propagationPolicy: "Background",
      } as const;
      await client.delete(pod, deletion, options);
      await client.applyStatus(image, { status: { ready: "1/2" }, resourceVersion: "9" }, options);
      await client.mergePatch(pod, { metadata: { labels: { a: null } } }, options);
      assert.deepEqual(
        seen.map(({ method, path }) => `${method} ${path}`),
        [
          "GET /api/v1/nodes?labelSelector=a%3Db%2Cc%21%3Dd&limit=500",
          "GET /api/v1/namespaces/drop-pulls/pods?limit=2&continue=next",
          "GET /api/v1/namespaces/drop-pulls/pods?resourceVersion=5&timeoutSeconds=300&watch=true&allowWatchBookmarks=true",
          "GET /api/v1/namespaces/drop-pulls/pods/pull-1",
          "POST /api/v1/namespaces/drop-pulls/pods?fieldManager=drop-reconciler",
          "DELETE /api/v1/namespaces/drop-pulls/pods/pull-1",
          "PATCH /apis/drop.corewire.io/v1alpha1/cachedimages/a/status?fieldManager=drop-reconciler&force=true",
          "PATCH /api/v1/namespaces/drop-pulls/pods/pull-1?fieldManager=drop-reconciler",
        ],
      );
      const bodies = seen
        .slice(4)
        .map((request) => [request.headers["content-type"], JSON.parse(request.body)]);
      assert.deepEqual(bodies, [
        ["application/json", { apiVersion: "v1", kind: "Pod", metadata: { name: "pull-1" } }],
        [
          "application/json",
          {
            apiVersion: "v1",
            kind: "DeleteOptions",
            gracePeriodSeconds: 0,
            propagationPolicy: "Background",
            preconditions: { uid: "u" },
          },
        ],
        [
          "application/apply-patch+yaml",
          {
            apiVersion: "drop.corewire.io/v1alpha1",
            kind: "CachedImage",
            metadata: { name: "a", resourceVersion: "9" },
            status: { ready: "1/2" },
          },
        ],
        ["application/merge-patch+json", { metadata: { labels: { a: null } } }],
      ]);
      for (const { headers } of seen) {
        assert.equal(headers["user-agent"], "drop/1.2.3 (reconciler)");
        assert.equal(headers["accept"], "application/json");
        assert.equal(headers["authorization"], "Bearer fixed");
      }
      assert.deepEqual(
        measured.map(({ verb, resource, code }) => `${verb} ${resource} ${code}`),
        [
          "list nodes 200",
          "list pods 200",
          "watch pods 200",
          "get pods 200",
          "create pods 200",
          "delete pods 200",
          "apply cachedimages/status 200",
          "patch pods 200",
        ],
      );
    },
  );
});

const refusals: readonly (readonly [number, string, KubeError["reason"]])[] = [
  [400, "BadRequest", "Refused"],
  [401, "Unauthorized", "Unauthorized"],
  [403, "Forbidden", "Forbidden"],
  [404, "NotFound", "NotFound"],
  [408, "Timeout", "Timeout"],
  [409, "AlreadyExists", "AlreadyExists"],
  [409, "Conflict", "Conflict"],
  [410, "Expired", "Gone"],
  [422, "Invalid", "Refused"],
  [429, "TooManyRequests", "TooManyRequests"],
  [500, "InternalError", "ServerError"],
  [504, "Timeout", "Timeout"],
];

for (const [code, word, reason] of refusals) {
  test(`an answer of ${code} ${word} is ${reason}, with the server's own words`, async () => {
    await against(
      (_request, response) =>
        refuse(response, code, { reason: word, message: "so\u001b[31m it is" }),
      async ({ client, clock }) => {
        const options = { signal, attempts: 1 };
        const call = client.create({ metadata: { name: "a" } }, within, options);
        await assert.rejects(driven(clock, call), (error) => {
          assert.ok(error instanceof KubeError);
          assert.equal(error.reason, reason);
          assert.deepEqual(error.answer, {
            code,
            reason: word,
            message: "so\\u{1b}[31m it is",
            retryAfterMs: 0,
          });
          assert.match(error.message, /^adding one to the pods in drop-pulls failed: /);
          return true;
        });
      },
    );
  });
}

test("what the server says is cut to what people can read", async () => {
  await against(
    (_request, response) =>
      refuse(response, 403, { reason: "F".repeat(9_999), message: "m".repeat(99_999) }),
    async ({ client }) => {
      await assert.rejects(client.get(pod, { signal }), (error) => {
        assert.ok(error instanceof KubeError);
        assert.ok(error.message.length < 600, `${error.message.length} characters`);
        assert.equal(error.answer?.message.length, 1_001);
        return true;
      });
    },
  );
});

test("a busy server is left alone for as long as it asks, by every other call as well", async () => {
  await against(
    (_request, response, number) =>
      number === 1
        ? refuse(response, 429, { reason: "TooManyRequests" }, "7")
        : json(response, { metadata: {} }),
    async ({ client, clock, seen }) => {
      const first = client.create({ metadata: { name: "a" } }, within, { signal });
      await until(() => clock.slept.length > 0, { what: "the pause to begin" });
      const second = client.get(pod, { signal });
      await clock.advance(6_999);
      assert.equal(seen.length, 1);
      await clock.advance(1);
      await Promise.all([driven(clock, first), driven(clock, second)]);
      assert.equal(seen.length, 3);
    },
  );
});

test("a call that may be made twice is tried again when the server is in trouble, and no oftener than told", async () => {
  await against(
    (_request, response, number) => {
      if (number === 1) refuse(response, 503, {});
      else if (number === 2) response.destroy();
      else json(response, { metadata: { name: "pull-1" } });
    },
    async ({ client, clock, measured }) => {
      await driven(clock, client.get(pod, { signal }));
      assert.deepEqual(
        measured.map(({ code }) => code),
        ["503", "none", "200"],
      );
      assert.ok(clock.slept.every((ms) => ms > 0 && ms <= 10_000));
    },
  );
  await against(
    (_request, response) => refuse(response, 500, {}),
    async ({ client, clock, seen }) => {
      await assert.rejects(driven(clock, client.get(pod, { signal })), reasonIs("ServerError"));
      assert.equal(seen.length, 4);
    },
  );
});

test("a Pod is not created again when nobody knows whether it was", async () => {
  for (const break_ of [
    (response: ServerResponse) => refuse(response, 500, {}),
    (response: ServerResponse) => response.destroy(),
  ]) {
    await against(
      (_request, response) => void break_(response),
      async ({ client, clock, seen }) => {
        const call = client.create({ metadata: { name: "a" } }, within, { signal });
        await assert.rejects(driven(clock, call), KubeError);
        assert.equal(seen.length, 1);
      },
    );
  }
});

test("deleting what is gone is no error", async () => {
  await against(
    (_request, response) => refuse(response, 404, { reason: "NotFound" }),
    async ({ client }) => {
      assert.equal(await client.delete(pod, {}, { signal }), false);
    },
  );
});

test("a server that does not answer is given up at the deadline, each attempt anew", async () => {
  await against(
    () => undefined,
    async ({ client, clock, seen }) => {
      const options = { signal, timeoutMs: 5_000, attempts: 2 };
      await assert.rejects(driven(clock, client.get(pod, options)), reasonIs("Timeout"));
      assert.equal(seen.length, 2);
    },
  );
});

test("an answer that stops half way is given up at the deadline too", async () => {
  await against(
    (_request, response) => void response.writeHead(200).write('{"items": ['),
    async ({ client, clock }) => {
      const call = client.list({ resource: NODES }, { signal, attempts: 1 });
      await assert.rejects(driven(clock, call), reasonIs("Timeout"));
    },
  );
});

test("an aborted call ends at once, with the reason it was aborted for", async () => {
  await against(
    () => undefined,
    async ({ client, seen }) => {
      const stop = new AbortController();
      const call = client.get(pod, { signal: stop.signal });
      await until(() => seen.length === 1, { what: "the request" });
      stop.abort(new Error("enough"));
      await assert.rejects(call, /^Error: enough$/);
      await assert.rejects(client.get(pod, { signal: stop.signal }), /^Error: enough$/);
      assert.equal(seen.length, 1);
    },
  );
});

const strange: readonly (readonly [string, string])[] = [
  ["a login page", "<html></html>"],
  ["a list of nothing", "[]"],
  ["a list without items", '{"metadata": {"resourceVersion": "1"}}'],
  ["a list without a version", '{"items": []}'],
];

for (const [what, body] of strange) {
  test(`${what} is no list`, async () => {
    await against(
      (_request, response) => void response.writeHead(200).end(body),
      async ({ client }) => {
        await assert.rejects(
          client.list({ resource: NODES }, { signal }),
          reasonIs("InvalidAnswer"),
        );
      },
    );
  });
}

test("objects of a list are handed over while it comes, and none is kept", async () => {
  const { promise: taken, resolve: take } = Promise.withResolvers<void>();
  await against(
    (_request, response) => {
      const [first, second] = ["a", "b"].map((name) => JSON.stringify({ metadata: { name } }));
      response.write(`{"metadata":{"resourceVersion":"7"},"items":[${first},`);
      taken.then(() => response.end(`${second}]}`));
    },
    async ({ client }) => {
      const names: unknown[] = [];
      const page = await client.list({ resource: NODES }, { signal }, (item) => {
        names.push(valueAt(item, ["metadata", "name"]));
        take();
      });
      assert.deepEqual(names, ["a", "b"]);
      assert.deepEqual(page, { items: [], continue: undefined, resourceVersion: "7" });
    },
  );
});

test("a mistake of whoever takes the objects is theirs, and not tried again", async () => {
  await against(
    (_request, response) => json(response, { metadata: { resourceVersion: "7" }, items: [{}] }),
    async ({ client, seen }) => {
      const call = client.list({ resource: NODES }, { signal }, () => {
        throw new TypeError("a bug");
      });
      await assert.rejects(call, /^TypeError: a bug$/);
      assert.equal(seen.length, 1);
    },
  );
});

test("an object that is longer than any can be is refused", async () => {
  await against(
    (_request, response) => {
      response.on("error", () => undefined);
      response.end(`{"items":[{"a":"${"x".repeat(9 * 1024 * 1024)}"}]}`);
    },
    async ({ client }) => {
      const call = client.list({ resource: NODES }, { signal, attempts: 1 }, () => undefined);
      await assert.rejects(call, reasonIs("AnswerTooLarge"));
    },
  );
});

test("an answer without end is cut off", async () => {
  await against(
    (_request, response) => {
      const chunk = Buffer.alloc(1024 * 1024, 0x20);
      const more = () => {
        while (!response.destroyed && response.write(chunk));
      };
      response.writeHead(200).on("drain", more);
      more();
    },
    async ({ client }) => {
      await assert.rejects(
        client.list({ resource: NODES }, { signal }),
        reasonIs("AnswerTooLarge"),
      );
    },
  );
});

test("a name is one part of the path, whatever it holds", async () => {
  await against(
    (_request, response) => json(response, {}),
    async ({ client, seen }) => {
      await client.get({ resource: NODES, name: "../pods?x=1#y" }, { signal });
      assert.equal(seen[0]?.path, "/api/v1/nodes/..%2Fpods%3Fx%3D1%23y");
      await assert.rejects(
        async () => client.get({ resource: NODES, name: ".." }, { signal }),
        KubeError,
      );
    },
  );
});

test("a server may live below a path", async () => {
  await using server = await faultServer((_request, response) => json(response, {}));
  await using connection = await connected({ server: `${server.url}/k8s/clusters/c-1/` });
  await setUp(connection).client.get({ resource: NODES, name: "a" }, { signal });
  assert.equal(server.seen[0]?.path, "/k8s/clusters/c-1/api/v1/nodes/a");
});

test("nobody listening is told as that", async () => {
  const server = await faultServer(() => undefined);
  await server[Symbol.asyncDispose]();
  await using connection = await connected({ server: server.url });
  const { client, clock } = setUp(connection);
  await assert.rejects(driven(clock, client.get(pod, { signal })), reasonIs("Unreachable"));
});

test("a token is read again from its file, without the line break behind it", async () => {
  const folder = await makeFolder("token");
  const tokenFile = join(folder.path, "token");
  await writeFile(tokenFile, "first\n");
  await using server = await faultServer((_request, response) => json(response, {}));
  await using connection = await connected({ server: server.url, tokenFile });
  const { client } = setUp(connection);
  mock.timers.enable({ apis: ["Date"], now: Date.now() });
  try {
    await client.get(pod, { signal });
    await writeFile(`${tokenFile}.new`, "second\n");
    await rename(`${tokenFile}.new`, tokenFile);
    mock.timers.tick(61_000);
    await client.get(pod, { signal });
  } finally {
    mock.timers.reset();
    await folder.remove();
  }
  assert.deepEqual(
    server.seen.map(({ headers }) => headers.authorization),
    ["Bearer first", "Bearer second"],
  );
});

test("credentials that cannot be had are told without what a plugin said", async () => {
  await using server = await faultServer((_request, response) => json(response, {}));
  const exec = {
    apiVersion: "client.authentication.k8s.io/v1",
    command: process.execPath,
    args: ["-e", "console.error('hunter2'); process.exit(1)"],
    interactiveMode: "Never",
  };
  await using connection = await connected({ server: server.url, user: { exec } });
  await assert.rejects(setUp(connection).client.get(pod, { signal }), (error) => {
    assert.ok(reasonIs("Unauthorized")(error));
    assert.doesNotMatch(String(error), /hunter2/);
    return true;
  });
  assert.equal(server.seen.length, 0);
});

test("a server with a new authority is trusted once the authority's file has changed", async () => {
  const folder = await makeFolder("authority");
  const caFile = join(folder.path, "ca.crt");
  const [before, after] = [join(folder.path, "before"), join(folder.path, "after")];
  await Promise.all([mkdir(before), mkdir(after)]);
  const [first, second] = [await makeCertificate(before), await makeCertificate(after)];
  await writeFile(caFile, first.caPem);
  await using server = await secureServer(first, (_request, response) => json(response, {}));
  await using connection = await connected({ server: server.url, caFile });
  const { client, clock } = setUp(connection);
  await client.get(pod, { signal });
  server.change(second);
  await assert.rejects(driven(clock, client.get(pod, { signal })), reasonIs("Unreachable"));
  await writeFile(caFile, second.caPem);
  await client.get(pod, { signal });
  assert.equal(server.answered(), 2);
  await folder.remove();
});
