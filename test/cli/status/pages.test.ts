import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, test } from "node:test";
import { stripVTControlCharacters, styleText } from "node:util";
import { unknownText } from "../../../src/cli/reports/said.ts";
import { imagePageText } from "../../../src/cli/status/image-page.ts";
import { overviewText } from "../../../src/cli/status/overview.ts";
import type { Output } from "../../../src/cli/terminal/terminal.ts";
import { whyText } from "../../../src/cli/why/text.ts";
import { cellReport } from "../../../src/reconciler/report/cell-report.ts";
import type { CellReport } from "../../../src/reconciler/report/model.ts";
import { imageStatusReport, statusReport } from "../../../src/reconciler/report/status-report.ts";
import { statusView } from "../../../src/reconciler/report/status-view.ts";
import type { View } from "../../../src/reconciler/report/view.ts";
import { FACTS, leaderView, writtenFacts } from "../../reconciler/report/world.ts";
import { NOW } from "../../reconciler/status/standing.ts";
import { projectFolder } from "../../support/drop.ts";

const plain: Output["paint"] = (_, text) => text;
const coloured: Output["paint"] = (style, text) =>
  styleText(style, text, { validateStream: false });

/** Compares with a file that is rewritten with UPDATE_GOLDEN=1. */
async function assertGolden(name: string, text: string): Promise<void> {
  const path = join(projectFolder, "test", "golden", "status", `${name}.txt`);
  if (process.env["UPDATE_GOLDEN"] === "1") await writeFile(path, text);
  assert.equal(text, await readFile(path, "utf8"));
}

const leader = leaderView();
const objects = statusView(writtenFacts(), {
  now: NOW,
  unknown: ["what waits for its turn: this user may not get pods/proxy in drop-system"],
});

function imagePage(view: View, name: string, isWide = false): string {
  const report = imageStatusReport(view, name);
  assert.ok(report);
  return imagePageText(report, isWide, plain) + unknownText(report, plain);
}

function why(view: View, node: string, image: string): CellReport {
  const report = cellReport(view, { node, image });
  assert.ok(report.ok, JSON.stringify(report));
  return report.value;
}

describe("drop status shows", () => {
  for (const [name, view] of [
    ["the cluster as the leader knows it", leader],
    ["the cluster as its objects tell of it", objects],
  ] as const) {
    const file = `overview-${view.source}`;
    test(name, async () => {
      const report = statusReport(view);
      await assertGolden(file, overviewText(report, false, plain) + unknownText(report, plain));
    });
    test(`${name}, wide`, () =>
      assertGolden(`${file}-wide`, overviewText(statusReport(view), true, plain)));
    test(`one image of ${name}`, () =>
      assertGolden(`image-${view.source}`, imagePage(view, "web-nginx")));
  }

  test("an image whose spec cannot be understood", () =>
    assertGolden("image-strange", imagePage(leader, "strange")));

  test("nothing where there is nothing", () => {
    const nothing = new Map();
    const facts = { ...FACTS, images: nothing, sets: nothing, policies: nothing, pods: nothing };
    const view = leaderView({ facts, holds: () => [], lastStarts: () => ({}) });
    assert.equal(overviewText(statusReport(view), false, plain), "");
  });

  test("colours that change nothing else", () => {
    const report = statusReport(leader);
    const text = overviewText(report, true, coloured);
    assert.ok(text.includes("\u001b[31mDegraded\u001b[39m"));
    assert.equal(stripVTControlCharacters(text), overviewText(report, true, plain));
  });

  test("forty nodes, and all of them when asked", () => {
    const nodes = Array.from({ length: 60 }, (_, index) => {
      const [node] = FACTS.nodes.values();
      assert.ok(node);
      return { ...node, name: `n-${String(index).padStart(2, "0")}` };
    });
    const facts = { ...FACTS, nodes: new Map(nodes.map((node) => [node.name, node])) };
    const view = leaderView({ facts });
    assert.match(imagePage(view, "web-nginx"), /n-39 .*\nand 20 more nodes; -o wide shows all\n$/);
    assert.match(imagePage(view, "web-nginx", true), /n-59 .*\n$/);
  });
});

const WHYS: readonly (readonly [name: string, view: View, node: string, image: string])[] = [
  ["present", leader, "node-2", "web-nginx"],
  ["unverified", leader, "node-3", "nginx:1.27"],
  ["pulling", leader, "node-4", "nginx:1.27"],
  ["backoff", leader, "node-5", "web-nginx"],
  ["evicted", leader, "node-5", "redis:7"],
  ["waiting", leader, "node-3", "web-redis"],
  ["held", leader, "node-1", "web-lost"],
  ["left-out", leader, "node-6", "web-nginx"],
  ["objects-backoff", objects, "node-5", "web-nginx"],
  ["objects-missing", objects, "node-3", "web-redis"],
];

describe("drop why explains", () => {
  for (const [name, view, node, image] of WHYS) {
    test(name, () => assertGolden(`why-${name}`, whyText(why(view, node, image), plain)));
  }

  test("that a policy is missing, or that somebody pulled a brake", () => {
    const missing = leaderView({ facts: { ...FACTS, policies: new Map() } });
    assert.match(
      whyText(why(missing, "node-3", "web-redis"), plain),
      /^Paused: node-3 does not hold it: the PullPolicy gentle is not there, or has mistakes\n/,
    );
    const [gentle] = FACTS.policies.values();
    assert.ok(gentle);
    const policies = new Map([["gentle", { ...gentle, isSuspended: true }]]);
    assert.match(
      whyText(why(leaderView({ facts: { ...FACTS, policies } }), "node-3", "web-redis"), plain),
      /^Paused: node-3 does not hold it: spec.suspend of the PullPolicy gentle is true\n/,
    );
  });

  test("who uses up the budget", () => {
    const [gentle] = FACTS.policies.values();
    assert.ok(gentle);
    const policies = new Map([["gentle", { ...gentle, maxConcurrentNodes: 1 }]]);
    assert.match(
      whyText(why(leaderView({ facts: { ...FACTS, policies } }), "node-3", "web-redis"), plain),
      /: it waits for its turn: under gentle 1 at a time, now node-4\n/,
    );
  });
});
