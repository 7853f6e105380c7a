import assert from "node:assert/strict";
import { test } from "node:test";
import { MAX_LINE_BYTES } from "../../src/kube/watch-lines.ts";
import { json } from "../runtime/fault-server.ts";
import { until } from "../support/until.ts";
import { driven } from "./driven.ts";
import { line, node, nodeList, type WatchApi, withReflector } from "./watch-api.ts";

const opened = (api: WatchApi, count: number) =>
  until(() => api.watches.length >= count, { what: `watch number ${count}` });

/** The same where the reflector pauses before. */
const openedLater = (api: WatchApi, count: number) => driven(api.clock, opened(api, count));

function values({ reflector }: WatchApi): Record<string, number> {
  return Object.fromEntries(reflector.snapshot());
}

test("a collection is listed whole, page by page from one moment, and then watched from there", async () => {
  const pages = [
    nodeList(10, [node("a", 1), node("b", 2)], "more 1"),
    nodeList(10, [node("c", 3)], "more 2"),
    nodeList(10, [node("d", 4)]),
  ];
  await withReflector(
    { onList: (_query, response, number) => json(response, pages[number - 1]) },
    async (api) => {
      await api.reflector.synced;
      await opened(api, 1);
      assert.deepEqual(
        api.lists.map((query) => [
          query.get("limit"),
          query.get("continue"),
          query.get("resourceVersion"),
        ]),
        [
          ["500", null, null],
          ["500", "more 1", null],
          ["500", "more 2", null],
        ],
      );
      assert.deepEqual(api.told, ["a", "b", "c", "d", "synced"]);
      const [watch] = api.watches;
      assert.equal(watch?.query.get("resourceVersion"), "10");
      assert.equal(watch?.query.get("allowWatchBookmarks"), "true");
      assert.equal(watch?.query.get("timeoutSeconds"), "450");
      watch?.response.write(line("ADDED", node("e", 11)) + line("MODIFIED", node("a", 12)));
      watch?.response.write(line("DELETED", node("b", 13, 2)));
      await until(() => api.told.length === 8, { what: "three events" });
      assert.deepEqual(api.told.slice(5), ["e", "a", "-b"]);
      assert.deepEqual(values(api), { a: 12, c: 3, d: 4, e: 11 });
      assert.deepEqual(api.relists, [{ objects: 4, drift: undefined }]);
    },
  );
});

test("slow pages are waited for, and nobody is told of a whole list before the last", async () => {
  const pending: (() => void)[] = [];
  await withReflector(
    {
      onList(_query, response, number) {
        const page = nodeList(
          10,
          [node(`n${number}`, number)],
          number < 3 ? `more ${number}` : undefined,
        );
        pending.push(() => json(response, page));
      },
    },
    async (api) => {
      for (const number of [1, 2, 3]) {
        await until(() => pending.length === number, { what: `page ${number}` });
        await api.clock.advance(20_000);
        assert.ok(!api.told.includes("synced"));
        pending[number - 1]?.();
      }
      await api.reflector.synced;
      assert.deepEqual(api.told, ["n1", "n2", "n3", "synced"]);
    },
  );
});

test("a page that has expired begins the list anew", async () => {
  await withReflector(
    {
      onList(query, response, number) {
        if (number === 1) json(response, nodeList(10, [node("a", 1)], "old"));
        else if (query.get("continue") === "old")
          json(response, { kind: "Status", code: 410 }, 410);
        else json(response, nodeList(20, [node("b", 15)]));
      },
    },
    async (api) => {
      await driven(api.clock, api.reflector.synced);
      assert.deepEqual(values(api), { b: 15 });
      await opened(api, 1);
      assert.equal(api.watches[0]?.query.get("resourceVersion"), "20");
    },
  );
});

test("a server that hands out the same page for ever is not believed", async () => {
  await withReflector(
    { onList: (_query, response) => json(response, nodeList(10, [node("a", 1)], "same")) },
    async (api) => {
      await until(() => api.faults.length > 0, { what: "the fault" });
      assert.equal(api.faults[0]?.error.reason, "InvalidAnswer");
      assert.equal(api.lists.length, 2);
    },
  );
});

test("a watch without a byte for 150 s is left, and another one goes on from the last bookmark", async () => {
  await withReflector({}, async (api) => {
    await opened(api, 1);
    const object = { kind: "Node", metadata: { resourceVersion: "77" } };
    await api.clock.advance(100_000);
    api.watches[0]?.response.write(line("BOOKMARK", object));
    await until(() => api.reflector.lastContactAt() === api.clock.now(), { what: "the bookmark" });
    await api.clock.advance(149_999);
    assert.equal(api.watches[0]?.isClosed, false);
    await api.clock.advance(1);
    await until(() => api.watches[0]?.isClosed === true, { what: "the dead watch to be closed" });
    await openedLater(api, 2);
    assert.equal(api.watches[1]?.query.get("resourceVersion"), "77");
    assert.equal(api.lists.length, 1, "no list was needed");
    assert.equal(api.faults[0]?.error.reason, "Timeout");
  });
});

test("a server that never begins to answer a watch is left after half a minute", async () => {
  await withReflector({ onWatch: () => undefined }, async (api) => {
    await opened(api, 1);
    await api.clock.advance(30_000);
    await openedLater(api, 2);
    assert.equal(api.faults[0]?.error.reason, "Timeout");
  });
});

test("a server that never ends a watch is left a minute after it should have", async () => {
  await withReflector({}, async (api) => {
    await opened(api, 1);
    for (let minute = 0; minute < 8; minute++) {
      api.watches[0]?.response.write("\n");
      await until(() => api.reflector.lastContactAt() === api.clock.now(), { what: "the byte" });
      await api.clock.advance(60_000);
    }
    assert.equal(api.watches[0]?.isClosed, false);
    api.watches[0]?.response.write("\n");
    await api.clock.advance(31_000);
    await openedLater(api, 2);
  });
});

test("a connection that is cut in the middle of an event loses nothing", async () => {
  await withReflector(
    {
      onWatch({ query, response }, number) {
        response.writeHead(200).flushHeaders();
        const [eleven, twelve] = [line("MODIFIED", node("a", 11)), line("MODIFIED", node("b", 12))];
        if (number > 1) response.write(query.get("resourceVersion") === "11" ? twelve : "wrong\n");
        else response.write(eleven + twelve.slice(0, 30), () => response.destroy());
      },
    },
    async (api) => {
      await openedLater(api, 2);
      await until(() => values(api)["b"] === 12, { what: "the event that was cut" });
      assert.deepEqual(values(api), { a: 11, b: 12 });
      assert.equal(api.lists.length, 1);
      assert.deepEqual(
        api.faults.map(({ next }) => next),
        ["watch"],
      );
    },
  );
});

test("an event whose characters are cut between two packets is read whole", async () => {
  await withReflector({}, async (api) => {
    await opened(api, 1);
    const bytes = Buffer.from(line("ADDED", node("ü€😀", 11)));
    for (const byte of bytes) {
      api.watches[0]?.response.write(Buffer.of(byte));
    }
    await until(() => values(api)["ü€😀"] === 11, { what: "the event" });
  });
});

test("a server that forgets everything at once is asked less and less", async () => {
  await withReflector(
    {
      onWatch: ({ response }) =>
        json(response, { kind: "Status", code: 410, reason: "Expired" }, 410),
    },
    async (api) => {
      await driven(
        api.clock,
        until(() => api.faults.length >= 12, { what: "twelve faults" }),
      );
      const waits = api.faults.map(({ retryInMs }) => retryInMs);
      assert.deepEqual(waits.slice(0, 6), [750, 1_500, 3_000, 6_000, 12_000, 22_500]);
      assert.ok(waits.slice(6).every((ms) => ms === 22_500));
      assert.ok(api.lists.length <= 13 && api.watches.length <= 13);
      assert.ok(api.faults.every(({ next, error }) => next === "list" && error.reason === "Gone"));
    },
  );
});

test("a server that forgets everything inside each watch is asked less and less too", async () => {
  await withReflector(
    {
      onWatch({ response }) {
        const object = { kind: "Status", code: 410, reason: "Expired", message: "too old" };
        response.writeHead(200).end(line("MODIFIED", node("a", 11)) + line("ERROR", object));
      },
    },
    async (api) => {
      await driven(
        api.clock,
        until(() => api.faults.length >= 8, { what: "eight faults" }),
      );
      assert.equal(api.faults.at(-1)?.retryInMs, 22_500);
      assert.equal(api.faults[0]?.next, "list");
      assert.ok(api.lists.length <= 9);
    },
  );
});

test("an error inside a watch other than 410 goes on from the last event", async () => {
  await withReflector(
    {
      onWatch({ response }, number) {
        const object = { kind: "Status", code: 500, reason: "InternalError", message: "oops" };
        response.writeHead(200);
        if (number === 1) response.end(line("MODIFIED", node("a", 11)) + line("ERROR", object));
        else response.flushHeaders();
      },
    },
    async (api) => {
      await openedLater(api, 2);
      assert.equal(api.watches[1]?.query.get("resourceVersion"), "11");
      assert.equal(api.lists.length, 1);
    },
  );
});

test("a busy server is asked to watch again after the pause that it wants", async () => {
  await withReflector(
    {
      onWatch({ response }, number) {
        if (number > 1) response.writeHead(200).flushHeaders();
        else {
          response.setHeader("retry-after", "40");
          json(response, { kind: "Status", code: 429 }, 429);
        }
      },
    },
    async (api) => {
      await until(() => api.faults.length === 1, { what: "the refusal" });
      await api.clock.advance(39_999);
      assert.equal(api.watches.length, 1);
      await openedLater(api, 2);
      assert.equal(api.watches[1]?.query.get("resourceVersion"), "10");
      assert.equal(api.lists.length, 1);
    },
  );
});

test("a watch that ends at its time is followed by the next without a pause", async () => {
  await withReflector({}, async (api) => {
    await opened(api, 1);
    await api.clock.advance(140_000);
    const sleepsBefore = api.clock.slept.length;
    api.watches[0]?.response.end(line("MODIFIED", node("a", 11)));
    await opened(api, 2);
    assert.equal(api.watches[1]?.query.get("resourceVersion"), "11");
    assert.deepEqual(api.faults, []);
    assert.ok(api.clock.slept.slice(sleepsBefore).every((ms) => ms === 150_000));
  });
});

test("a server that ends every watch at once is asked less and less", async () => {
  await withReflector(
    { onWatch: ({ response }) => void response.writeHead(200).end() },
    async (api) => {
      await driven(
        api.clock,
        until(() => api.faults.length >= 7, { what: "seven faults" }),
      );
      assert.equal(api.faults.at(-1)?.retryInMs, 22_500);
      assert.equal(api.lists.length, 1);
    },
  );
});

const nonsense: readonly (readonly [string, string])[] = [
  ["no JSON", "<html>\n"],
  ["an event of no known type", line("RENAMED", node("a", 11))],
  ["an event without an object", '{"type": "ADDED"}\n'],
  ["a bookmark without a version", line("BOOKMARK", { metadata: {} })],
  ["a number", "5\n"],
];

for (const [what, bytes] of nonsense) {
  test(`after ${what} in a watch the collection is listed again`, async () => {
    await withReflector(
      {
        onWatch({ response }, number) {
          response.writeHead(200).flushHeaders();
          if (number === 1) response.write(bytes);
        },
      },
      async (api) => {
        await openedLater(api, 2);
        assert.equal(api.lists.length, 2);
        assert.equal(api.faults[0]?.error.reason, "InvalidAnswer");
      },
    );
  });
}

test("a line without end is cut off, and the collection listed again", async () => {
  await withReflector(
    {
      onWatch({ response }, number) {
        response.writeHead(200).flushHeaders();
        if (number > 1) return;
        const chunk = Buffer.alloc(1024 * 1024, 0x20);
        let sent = 0;
        const more = () => {
          while (!response.destroyed && sent <= 2 * MAX_LINE_BYTES) {
            sent += chunk.byteLength;
            if (!response.write(chunk)) return;
          }
        };
        response.on("drain", more);
        more();
      },
    },
    async (api) => {
      await openedLater(api, 2);
      assert.equal(api.faults[0]?.error.reason, "AnswerTooLarge");
      assert.equal(api.lists.length, 2);
    },
  );
});

test("pages that are too large are asked for smaller", async () => {
  await withReflector(
    {
      onList(query, response) {
        if (Number(query.get("limit")) <= 32) return json(response, nodeList(10, [node("a", 1)]));
        response.writeHead(200);
        const chunk = Buffer.alloc(4 * 1024 * 1024, 0x20);
        const more = () => {
          while (!response.destroyed && response.write(chunk));
        };
        response.on("drain", more);
        more();
      },
    },
    async (api) => {
      await driven(api.clock, api.reflector.synced);
      assert.deepEqual(
        api.lists.map((query) => query.get("limit")),
        ["500", "125", "32"],
      );
    },
  );
});

test("a half-hourly list asks for the state that the watch has come to, and mends what it missed", async () => {
  await withReflector(
    {
      onList(query, response) {
        const items = isCheck(query) ? [node("a", 1), node("c", 3)] : [node("a", 1), node("b", 2)];
        json(response, nodeList(Number(query.get("resourceVersion") ?? 10), items));
      },
      onWatch({ response }, number) {
        response.writeHead(200).flushHeaders();
        if (number === 1) response.write(line("BOOKMARK", { metadata: { resourceVersion: "50" } }));
      },
    },
    async (api) => {
      await openedLater(api, 1);
      await driven(
        api.clock,
        until(() => api.lists.length === 2, { what: "the check" }),
        5_000,
      );
      await until(() => api.relists.length === 2, { what: "its end" });
      assert.equal(api.lists[1]?.get("resourceVersion"), "50");
      assert.deepEqual(api.relists[1], { objects: 2, drift: 2 });
      assert.deepEqual(values(api), { a: 1, c: 3 });
      const count = api.watches.length;
      await opened(api, count);
      assert.equal(api.watches.at(-1)?.query.get("resourceVersion"), "50");
    },
  );
});

const isCheck = (query: URLSearchParams) => query.get("resourceVersionMatch") === "Exact";

test("a half-hourly list that breaks off keeps no watch waiting", async () => {
  await withReflector(
    {
      onList(query, response) {
        if (isCheck(query)) response.destroy();
        else json(response, nodeList(10, [node("a", 1)]));
      },
    },
    async (api) => {
      await opened(api, 1);
      await driven(
        api.clock,
        until(() => api.lists.some(isCheck), { what: "the check" }),
        5_000,
      );
      const count = api.watches.length;
      await openedLater(api, count + 1);
      assert.equal(api.watches.at(-1)?.query.get("resourceVersion"), "10");
      assert.equal(api.lists.filter((query) => !isCheck(query)).length, 1, "nothing was forgotten");
    },
  );
});

for (const [what, code] of [
  ["forgotten", 410],
  ["not come to yet", 504],
] as const) {
  test(`where the server has ${what} the version of a half-hourly list, all is listed anew`, async () => {
    await withReflector(
      {
        onList(query, response) {
          if (isCheck(query)) json(response, { kind: "Status", code }, code);
          else json(response, nodeList(10, [node("a", 1)]));
        },
      },
      async (api) => {
        await opened(api, 1);
        await driven(
          api.clock,
          until(() => api.lists.some(isCheck), { what: "the check" }),
          5_000,
        );
        const count = api.watches.length;
        await openedLater(api, count + 1);
        assert.equal(api.lists.filter((query) => !isCheck(query)).length, 2);
      },
    );
  });
}

test("a kind that is not installed is asked for until it is", async () => {
  await withReflector(
    {
      onList(_query, response, number) {
        if (number < 4) json(response, { kind: "Status", code: 404, reason: "NotFound" }, 404);
        else json(response, nodeList(10, []));
      },
    },
    async (api) => {
      await driven(api.clock, api.reflector.synced);
      assert.deepEqual(
        api.faults.map(({ error }) => error.reason),
        ["NotFound", "NotFound", "NotFound"],
      );
    },
  );
});

test("an aborted reflector ends in peace, its watch with it", async () => {
  await withReflector({}, async (api) => {
    await opened(api, 1);
    api.stop(new Error("enough"));
    await api.ended();
    await until(() => api.watches[0]?.isClosed === true, { what: "the watch to be closed" });
    assert.equal(api.clock.waiting() <= 2, true, "only deadlines are left");
    await api.reflector.synced;
  });
});

test("whoever waits for a reflector that ends first is told so", async () => {
  await withReflector({ onList: () => undefined }, async (api) => {
    await until(() => api.lists.length === 1, { what: "the list" });
    api.stop(new Error("enough"));
    await api.ended();
    await assert.rejects(api.reflector.synced, /^Error: enough$/);
  });
});

test("a mistake in a callback ends the run, and is not tried again", async () => {
  const onChange = () => {
    throw new TypeError("a bug");
  };
  await withReflector({ onChange }, async (api) => {
    await assert.rejects(api.ended(), /^TypeError: a bug$/);
    await assert.rejects(api.reflector.synced, /a bug/);
    assert.equal(api.lists.length, 1);
  });
});
