import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, test } from "node:test";
import { Ajv2020 } from "ajv/dist/2020.js";
import fc from "fast-check";
import { imagePageText } from "../../../src/cli/status/image-page.ts";
import { overviewText } from "../../../src/cli/status/overview.ts";
import { whyText } from "../../../src/cli/why/text.ts";
import { absorb } from "../../../src/reconciler/ledger/absorb.ts";
import { createLedger } from "../../../src/reconciler/ledger/ledger.ts";
import { restoreStarts } from "../../../src/reconciler/ledger/starts.ts";
import type { Cell, Exclusion } from "../../../src/reconciler/model/cell.ts";
import type { ClusterFacts } from "../../../src/reconciler/model/facts.ts";
import { FAILURE_REASONS } from "../../../src/reconciler/model/failure.ts";
import { cellReport } from "../../../src/reconciler/report/cell-report.ts";
import { cellState } from "../../../src/reconciler/report/cell-state.ts";
import { findImage, findNode } from "../../../src/reconciler/report/find.ts";
import { ledgerView } from "../../../src/reconciler/report/ledger-view.ts";
import { reportPages } from "../../../src/reconciler/report/pages.ts";
import { createReportReaders } from "../../../src/reconciler/report/parse.ts";
import { imageStatusReport, statusReport } from "../../../src/reconciler/report/status-report.ts";
import { statusView } from "../../../src/reconciler/report/status-view.ts";
import type { View } from "../../../src/reconciler/report/view.ts";
import { projectFolder } from "../../support/drop.ts";
import { anImage, anyImage, anyPolicy, anySummary, NOW, spec } from "../status/standing.ts";
import { aNode, FACTS, LOST, leaderView, pod, REDIS, TOOL, writtenFacts } from "./world.ts";

const readers = createReportReaders();
const strict = await Promise.all(
  (["status", "why"] as const).map(async (name) => {
    const path = join(projectFolder, "schemas", `${name}.schema.json`);
    const ajv = new Ajv2020({ strict: true, strictRequired: false, validateFormats: false });
    return ajv.compile(closed(JSON.parse(await readFile(path, "utf8"))));
  }),
);
const [isStatus, isWhy] = strict;
assert.ok(isStatus && isWhy);

/** The same schema without room for fields that it does not tell of. */
function closed(schema: unknown): object {
  return JSON.parse(JSON.stringify(schema), (_, value) =>
    value?.type === "object" ? { ...value, additionalProperties: false } : value,
  );
}

function assertPublished(validate: NonNullable<typeof isStatus>, report: unknown): void {
  const sent = JSON.parse(JSON.stringify(report));
  assert.ok(validate(sent), JSON.stringify(validate.errors));
}

describe("the report on the cluster", () => {
  const report = statusReport(leaderView());

  test("is as published, and understood by whoever receives it", () => {
    assertPublished(isStatus, report);
    assert.ok(readers.isStatusReport(JSON.parse(JSON.stringify(report))));
  });

  test("names what runs now, image by image", () => {
    const [nginx, redis, tool] = ["web-nginx", "web-redis", "tool"].map((name) =>
      report.images.find((image) => image.name === name),
    );
    assert.deepEqual(nginx?.running, [
      {
        node: "node-4",
        pod: "pull-uid-node-4",
        since: "2026-01-02T09:59:52Z",
        attempt: 2,
        method: "image-volume",
        isRefresh: false,
        otherImages: 1,
      },
    ]);
    assert.equal(redis?.running[0]?.attempt, 1);
    assert.deepEqual(tool?.running, []);
  });

  test("tells what comes next and when", () => {
    const [defaults, gentle] = report.policies;
    assert.equal(defaults?.name, "");
    assert.deepEqual(gentle, {
      name: "gentle",
      exists: true,
      isSuspended: false,
      images: 3,
      maxConcurrentNodes: 2,
      activeNodes: ["node-4"],
      minDelayBetweenPulls: "10s",
      lastStartTime: "2026-01-02T09:59:52Z",
      nextStartTime: "2026-01-02T10:00:02Z",
    });
  });

  test("promises no start where the budget is used up, or nothing waits, or there is a brake", () => {
    const [gentle] = FACTS.policies.values();
    assert.ok(gentle);
    for (const change of [{ maxConcurrentNodes: 1 }, { isSuspended: true }]) {
      const policies = new Map([["gentle", { ...gentle, ...change }]]);
      const { policies: told } = statusReport(leaderView({ facts: { ...FACTS, policies } }));
      assert.equal(told[1]?.nextStartTime, undefined);
    }
    assert.equal(report.policies[0]?.nextStartTime, undefined);
  });

  test("counts the nodes left out, and says why", () => {
    assert.deepEqual(report.leftOut, [
      { reason: "Cordoned", count: 1, nodes: ["node-6"] },
      { reason: "NotReady", count: 1, nodes: ["node-7"] },
      { reason: "Windows", count: 1, nodes: ["node-8"] },
    ]);
  });

  test("does not count nodes that no image selects as left out", () => {
    const images = new Map(
      [...FACTS.images].map(([name, image]) => [
        name,
        { ...image, spec: { ...spec, nodeSelector: { pool: "none" } } },
      ]),
    );
    assert.deepEqual(statusReport(leaderView({ facts: { ...FACTS, images } })).leftOut, []);
  });

  test("tells a policy that images name and that is missing", () => {
    const facts = { ...FACTS, policies: new Map() };
    const { policies } = statusReport(leaderView({ facts }));
    assert.deepEqual(
      policies.map(({ name, exists, images }) => [name, exists, images]),
      [
        ["", true, 1],
        ["gentle", false, 3],
      ],
    );
  });

  test("of one image goes node by node", () => {
    const one = imageStatusReport(leaderView(), "web-redis");
    assertPublished(isStatus, one);
    assert.deepEqual(
      one?.images[0]?.nodes?.map(({ node, state }) => `${node} ${state}`),
      [
        "node-1 Present",
        "node-2 Present",
        "node-3 Waiting",
        "node-4 Pulling",
        "node-5 Backoff",
        "node-6 LeftOut",
        "node-7 LeftOut",
        "node-8 LeftOut",
      ],
    );
    assert.equal(imageStatusReport(leaderView(), "web-radish"), undefined);
  });

  test("asks nothing twice of thousands of nodes", () => {
    const nodes = new Map(
      Array.from({ length: 5_000 }, (_, index) => {
        const node = aNode(`n${index}`, { isReady: index % 10 !== 0 });
        return [node.name, node];
      }),
    );
    let counted = 0;
    const base = leaderView({ facts: { ...FACTS, nodes } });
    const view = {
      ...base,
      summaryOf: (image: Parameters<View["summaryOf"]>[0]) => {
        counted += 1;
        return base.summaryOf(image);
      },
    };
    const one = imageStatusReport(view, "web-nginx");
    assert.equal(one?.images[0]?.nodes?.length, 5_000);
    assert.ok(counted < 20, String(counted));
    const [notReady] = statusReport(view).leftOut;
    assert.deepEqual([notReady?.count, notReady?.nodes.length], [500, 10]);
  });
});

describe("the report from objects alone", () => {
  const view = statusView(writtenFacts(), { now: NOW, unknown: ["what waits"] });

  test("is as published, and says what it does not know", () => {
    const report = statusReport(view);
    assertPublished(isStatus, report);
    assert.deepEqual([report.source, report.unknown], ["objects", ["what waits"]]);
    assert.deepEqual(report.holds, []);
  });

  test("counts and fails as the leader wrote", () => {
    const leader = statusReport(leaderView());
    for (const [index, image] of statusReport(view).images.entries()) {
      const { phase, ready, failedNodes, nodesReady } = leader.images[index] ?? image;
      assert.deepEqual(
        { phase: image.phase, ready: image.ready, failed: image.failedNodes, n: image.nodesReady },
        { phase, ready, failed: failedNodes, n: nodesReady },
      );
    }
  });

  test("knows when a policy started last from what its images say", () => {
    const [, gentle] = statusReport(view).policies;
    assert.equal(gentle?.lastStartTime, "2026-01-02T09:59:20Z");
  });

  test("takes a node's own list for a confirmation", () => {
    const nodes = new Map([
      ...FACTS.nodes,
      [
        "node-1",
        aNode("node-1", { images: { names: [REDIS], entryCount: 1, hasFullEntry: false } }),
      ],
    ]);
    const report = cellReport(statusView({ ...writtenFacts(), nodes }, { now: NOW, unknown: [] }), {
      node: "node-1",
      image: "web-redis",
    });
    assert.ok(report.ok);
    assert.deepEqual([report.value.isPresent, report.value.isVerified], [true, true]);
  });
});

test("the leader's view of a ledger makes reports as published", () => {
  const ledger = createLedger();
  const options = {
    ...{ maxImagesPerPod: 10, pullMethod: undefined },
    ...{ nodeStatusMaxImages: 50, evictionBackoffMs: 21_600_000 },
  };
  absorb(ledger, FACTS, options, NOW);
  restoreStarts(ledger, { gentle: NOW - 4_000 });
  const view = ledgerView(ledger, FACTS, NOW);
  const report = statusReport(view);
  assertPublished(isStatus, report);
  assert.equal(report.source, "reconciler");
  const nginx = report.images.find((image) => image.name === "web-nginx");
  assert.deepEqual(
    [nginx?.phase, nginx?.nodesTargeted, nginx?.nodesPulling, nginx?.nodesWaiting],
    ["Pulling", 5, 1, 4],
  );
  assert.equal(report.sets[0]?.imagesManaged, 3);
  assert.equal(report.policies[1]?.nextStartTime, "2026-01-02T10:00:06Z");
  const one = imageStatusReport(view, "web-nginx");
  assertPublished(isStatus, one);
  assert.deepEqual(
    one?.images[0]?.nodes?.map(({ state }) => state),
    [
      ...["Waiting", "Waiting", "Waiting", "Pulling", "Waiting"],
      ...["LeftOut", "LeftOut", "LeftOut"],
    ],
  );
  const why = cellReport(view, { node: "node-6", image: "nginx:1.27" });
  assert.ok(why.ok);
  assertPublished(isWhy, why.value);
  assert.equal(why.value.wantedBy[0]?.exclusion, "Cordoned");
});

const ABSENT: Cell = {
  isPresent: false,
  since: undefined,
  isVerified: false,
  lostAt: undefined,
  evictions: 0,
  failure: undefined,
  attempts: 0,
  nextAttemptAt: undefined,
};
const FREE = {
  ...{ cell: ABSENT, exclusion: undefined, isRunning: false, isHeld: false, isPaused: false },
  ...{ isQueued: true, now: NOW },
};

describe("a cell is", () => {
  for (const [state, change] of [
    ["Waiting", {}],
    ["Missing", { isQueued: false }],
    ["Pulling", { isRunning: true, isHeld: true }],
    ["Present", { cell: { ...ABSENT, isPresent: true }, isHeld: true, isPaused: true }],
    ["LeftOut", { exclusion: "NotReady", isHeld: true, isPaused: true }],
    ["Paused", { isPaused: true, isHeld: true }],
    ["Held", { isHeld: true, cell: { ...ABSENT, nextAttemptAt: NOW + 1 } }],
    ["Backoff", { cell: { ...ABSENT, nextAttemptAt: NOW + 1 } }],
    ["Waiting", { cell: { ...ABSENT, nextAttemptAt: NOW } }],
  ] as const) {
    test(`${state} with ${JSON.stringify(change)}`, () => {
      assert.equal(cellState({ ...FREE, ...change }), state);
    });
  }
});

describe("the report on one cell", () => {
  const ask = (node: string, image: string, changes: Partial<View> = {}) => {
    const report = cellReport(leaderView(changes), { node, image });
    assert.ok(report.ok, JSON.stringify(report));
    assertPublished(isWhy, report.value);
    assert.ok(readers.isCellReport(JSON.parse(JSON.stringify(report.value))));
    return report.value;
  };

  test("tells of a hold on the registry to the images from there alone", () => {
    assert.deepEqual(
      ask("node-1", "tool").holds.map(({ kind, subject }) => `${kind} ${subject}`),
      ["registry quay.io"],
    );
    assert.deepEqual(ask("node-1", "web-redis").holds, []);
  });

  const hold = (
    kind: "platform" | "node" | "policy" | "namespace" | "installation",
    subject = "",
  ) =>
    ({
      ...{ kind, subject, since: NOW, attempts: 1, until: undefined },
      failure: { reason: "Unknown", scope: "node", message: "" },
    }) as const;

  for (const [what, standing, concerns] of [
    ["its node", hold("node", "node-1"), true],
    ["another node", hold("node", "node-2"), false],
    ["its policy", hold("policy", "gentle"), true],
    ["the default policy", hold("policy", ""), false],
    ["its platform", hold("platform", `${REDIS} on amd64`), true],
    ["another platform", hold("platform", `${REDIS} on arm64`), false],
    ["the namespace", hold("namespace"), true],
    ["the installation", hold("installation", "helper"), true],
  ] as const) {
    test(`${concerns ? "tells" : "does not tell"} of a hold on ${what}`, () => {
      const { holds } = ask("node-1", "web-redis", { holds: () => [standing] });
      assert.equal(holds.length, concerns ? 1 : 0);
    });
  }

  test("tells what the node pulls first", () => {
    assert.equal(ask("node-4", "web-lost").busyWith, "docker.io/library/nginx:1.27");
    assert.equal(ask("node-4", "web-nginx").busyWith, undefined);
    assert.equal(ask("node-1", "web-nginx").busyWith, undefined);
  });

  test("lists every CachedImage with the reference, and waits for none that leaves the node out", () => {
    const image = anImage({
      name: "again",
      spec: { ...spec, reference: REDIS, policyName: undefined },
    });
    const facts = { ...FACTS, images: new Map([...FACTS.images, ["again", image]]) };
    const exclusionOf = ({ name }: { readonly name: string }): Exclusion | undefined =>
      name === "web-redis" ? "Tainted" : undefined;
    const report = ask("node-3", "redis:7", { facts, exclusionOf });
    assert.deepEqual(
      report.wantedBy.map(({ image: name, exclusion, policy }) => [name, exclusion, policy?.name]),
      [
        ["again", undefined, ""],
        ["web-redis", "Tainted", "gentle"],
      ],
    );
    assert.equal(report.state, "Waiting");
  });
});

describe("an image is found", () => {
  for (const [text, reference] of [
    ["web-redis", REDIS],
    ["redis:7", REDIS],
    ["library/redis:7", REDIS],
    ["index.docker.io/library/redis:7", REDIS],
    ["quay.io/team/tool:2", TOOL],
    ["lost:1", LOST],
  ] as const) {
    test(`by ${text}`, () => {
      const found = findImage(FACTS, text);
      assert.ok(found.ok);
      assert.equal(found.value.reference, reference);
    });
  }

  for (const [text, what, fix] of [
    [
      "web-radis",
      /no CachedImage is called "web-radis" or is for docker.io\/library\/web-radis:latest/,
      /web-redis\?/,
    ],
    [
      "redis",
      /or is for docker.io\/library\/redis:latest/,
      /did you mean docker.io\/library\/redis:7\?/,
    ],
    ["quay.io/team/tol:2", /or is for quay.io\/team\/tol:2/, /quay.io\/team\/tool:2\?/],
    ["a b", /as a reference there is white space/, /./],
    ["", /as a reference the image is empty/, /./],
    ["__proto__", /no CachedImage is called "__proto__"/, /./],
    ["strange", /cannot be understood: spec.tag: the tag is empty/, /correct its spec/],
    ["nothing/like:it", /no CachedImage/, /see drop status/],
  ] as const) {
    test(`not by ${JSON.stringify(text)}, and the fault names what is near`, () => {
      const found = findImage(FACTS, text);
      assert.ok(!found.ok);
      assert.match(found.fault.what, what);
      assert.match(found.fault.fix, fix);
    });
  }
});

test("a node is found by its name, else one that is called nearly so", () => {
  assert.ok(findNode(FACTS, "node-1").ok);
  const found = findNode(FACTS, "nodee-1");
  assert.ok(!found.ok);
  assert.equal(found.fault.fix, "did you mean node-1?");
  assert.ok(!findNode(FACTS, "__proto__").ok);
});

describe("the pages of the health port", () => {
  const pages = reportPages(() => leaderView());
  const ask = (path: keyof typeof pages, query = "") => pages[path](new URLSearchParams(query));

  test("answer with reports", () => {
    const { status, body } = ask("/status");
    assert.equal(status, 200);
    assert.ok(readers.isStatusReport(body));
    const one = ask("/status", "image=web-nginx").body;
    assert.ok(readers.isStatusReport(one) && one.images.length === 1);
    assert.ok(readers.isCellReport(ask("/why", "node=node-1&image=redis%3A7").body));
  });

  test("answer what has no answer with a fault, never with a 404", () => {
    for (const [path, query, what, fix] of [
      ["/status", "image=web-nginxx", /web-nginxx/, /web-nginx\?/],
      ["/status", "image=webb", /webb/, /did you mean web\?/],
      ["/why", "", /not whole/, /name a node/],
      ["/why", "node=node-99&image=web-nginx", /no node is called "node-99"/, /./],
      ["/why", "node=node-1&image=x", /no CachedImage is called "x"/, /./],
    ] as const) {
      const { status, body } = ask(path, query);
      assert.equal(status, 200);
      assert.ok(readers.isReportFault(body) && !readers.isStatusReport(body));
      assert.match(body.fault.what, what);
      assert.match(body.fault.fix, fix);
    }
  });

  test("count everything once a second, however many ask", () => {
    let counted = 0;
    let now = NOW;
    const counting = reportPages(() => {
      const base = leaderView({ now });
      return {
        ...base,
        holds: () => {
          counted += 1;
          return base.holds();
        },
      };
    });
    for (const [at, times] of [
      [NOW, 1],
      [NOW + 999, 1],
      [NOW + 1_000, 2],
      [NOW, 3],
    ] as const) {
      now = at;
      for (let asked = 0; asked < 3; asked++) counting["/status"](new URLSearchParams());
      assert.equal(counted, times);
    }
  });

  test("of a replica that does not lead answer 503", () => {
    const { status, body } = reportPages(() => undefined)["/status"](new URLSearchParams());
    assert.equal(status, 503);
    assert.ok(readers.isReportFault(body));
  });
});

test("what another version says is not taken for a report", () => {
  const report = JSON.parse(JSON.stringify(statusReport(leaderView())));
  const more = { ...report, later: 1, images: [{ ...report.images[0], later: {} }] };
  assert.ok(readers.isStatusReport(more));
  for (const change of [{ version: 2 }, { images: {} }, { images: [{}] }, { time: 5 }]) {
    assert.ok(!readers.isStatusReport({ ...report, ...change }));
  }
  for (const other of [null, [], "x", {}, { fault: {} }, { kind: "Status", code: 404 }]) {
    assert.ok(!readers.isStatusReport(other) && !readers.isReportFault(other));
  }
});

const name = fc.oneof(
  fc.constantFrom("a", "node-1", "__proto__", "constructor", "x\u001b[31m\u202e", ""),
  fc.string({ unit: "binary", maxLength: 8 }),
);
const anyTime = fc.option(fc.integer({ min: 0, max: NOW * 2 }), { nil: undefined });
const anyCell: fc.Arbitrary<Cell> = fc.record({
  isPresent: fc.boolean(),
  since: anyTime,
  isVerified: fc.boolean(),
  lostAt: anyTime,
  evictions: fc.nat({ max: 5 }),
  failure: fc.option(
    fc.record({
      reason: fc.constantFrom(...FAILURE_REASONS),
      scope: fc.constantFrom("image", "registry", "installation"),
      message: fc.string({ unit: "binary", maxLength: 2_000 }),
    }),
    { nil: undefined },
  ),
  attempts: fc.nat({ max: 9 }),
  nextAttemptAt: anyTime,
});
const anyExclusion = fc.constantFrom<(Exclusion | undefined)[]>(
  undefined,
  "NotReady",
  "SelectorMismatch",
);

test("whatever the facts, reports are as published and their pages are fit for a terminal", () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(name, anyImage), { maxLength: 4 }),
      fc.array(name, { maxLength: 4 }),
      fc.tuple(anySummary, anyCell, anyExclusion, anyPolicy, fc.boolean()),
      (images, nodes, [summary, cell, exclusion, policy, isLeader]) => {
        const facts: ClusterFacts = {
          images: new Map(images.map(([key, image]) => [key, { ...image, name: key }])),
          nodes: new Map(nodes.map((key) => [key, aNode(key)])),
          policies: new Map(policy === undefined ? [] : [["gentle", policy]]),
          sets: FACTS.sets,
          pods: new Map([["p", pod]]),
        };
        const view = isLeader
          ? leaderView({
              ...{ facts, summaryOf: () => summary, cellOf: () => cell },
              exclusionOf: () => exclusion,
            })
          : statusView(facts, { now: NOW, unknown: ["\u001b"] });
        const whole = statusReport(view);
        assertPublished(isStatus, whole);
        const texts = [overviewText(whole, true, (_, text) => text)];
        for (const [key] of images) {
          const one = imageStatusReport(view, key);
          assertPublished(isStatus, one);
          if (one) texts.push(imagePageText(one, true, (_, text) => text));
          for (const node of nodes) {
            const why = cellReport(view, { node, image: key });
            if (!why.ok) continue;
            assertPublished(isWhy, why.value);
            texts.push(whyText(why.value, (_, text) => text));
          }
        }
        for (const text of texts) {
          assert.doesNotMatch(text.replaceAll("\n", ""), /[\p{Cc}\p{Cf}\p{Cs}]/u);
        }
      },
    ),
    { numRuns: 150 },
  );
});
