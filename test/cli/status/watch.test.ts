import assert from "node:assert/strict";
import { Readable } from "node:stream";
import { describe, test } from "node:test";
import { watchReports } from "../../../src/cli/status/watch.ts";
import { ageText, agoText, clockText, inText } from "../../../src/cli/terminal/age.ts";
import { createDrawing } from "../../../src/cli/terminal/redrawing.ts";
import type { Output } from "../../../src/cli/terminal/terminal.ts";
import { textTable } from "../../../src/cli/terminal/text-table.ts";
import { KubeError } from "../../../src/kube/kube-error.ts";
import type { ReportFault, StatusReport } from "../../../src/reconciler/report/model.ts";
import { statusReport } from "../../../src/reconciler/report/status-report.ts";
import { leaderView } from "../../reconciler/report/world.ts";
import { fakeClock } from "../../runtime/fake-clock.ts";

interface Screen extends Output {
  readonly written: string[];
}

function screen(isTerminal: boolean, { columns = 80, rows = 24 } = {}): Screen {
  const written: string[] = [];
  return {
    ...{ written, isTerminal, columns, rows },
    write: async (text) => void written.push(text),
    paint: (_, text) => text,
  };
}

type Look = StatusReport | ReportFault | Error;

/** Watches through these looks, and is interrupted at the one after the last. */
async function watched(
  looks: readonly Look[],
  isTerminal = false,
  output: "text" | "json" = "text",
) {
  const interrupt = new AbortController();
  const clock = fakeClock();
  const [stdout, stderr] = [screen(isTerminal), screen(isTerminal)];
  const left = [...looks];
  const code = await watchReports({
    output,
    shown: ({ time }) => `${time}\n`,
    async read(signal) {
      const look = left.shift();
      if (look === undefined) interrupt.abort(new Error("interrupted"));
      signal.throwIfAborted();
      if (look instanceof Error) throw look;
      return look ?? assert.fail();
    },
    context: {
      terminal: { stdin: Readable.from([]), stdout, stderr, env: {}, folder: "/" },
      ...{ version: "0", signal: interrupt.signal, finish: () => undefined },
      outside: { clock, resolve: async () => [] },
    },
  });
  return { code, stdout: stdout.written, stderr: stderr.written, slept: clock.slept };
}

const report = statusReport(leaderView());
const later = { ...report, time: "later" };
const changed = { ...later, holds: [] };
const objects = { ...report, source: "objects", unknown: ["much"] } as const;
const away = new KubeError("Unreachable", { message: "no answer", fix: "look" });
const fault: ReportFault = { version: 1, fault: { what: "no such", fix: "see" } };

describe("drop status --watch", () => {
  test("shows a change, and where nobody looks no mere passing of time", async () => {
    const { code, stdout, slept } = await watched([report, later, changed, changed]);
    assert.deepEqual(stdout, [`${report.time}\n`, "\nlater\n"]);
    assert.equal(code, 0);
    assert.deepEqual(slept, [2_000, 2_000, 2_000, 2_000]);
  });

  test("moves on with the time on a terminal", async () => {
    const { stdout } = await watched([report, later], true);
    assert.deepEqual(stdout, [`${report.time}\n`, "\u001b[1A\r\u001b[Jlater\n"]);
  });

  test("prints one document for each change as JSON", async () => {
    const { stdout } = await watched([report, later, changed], true, "json");
    assert.equal(stdout.length, 2);
    assert.ok(!stdout.join("").includes("\u001b"));
  });

  test("waits for a cluster that is away, says so once, and goes on", async () => {
    const { code, stdout, stderr, slept } = await watched(
      [away, away, report, away, changed],
      true,
    );
    assert.deepEqual(stderr, ["drop: no answer; waiting\n", "drop: no answer; waiting\n"]);
    // What was said in between is not drawn over.
    assert.deepEqual(stdout, [`${report.time}\n`, "\nlater\n"]);
    assert.deepEqual(slept, [5_000, 5_000, 2_000, 5_000, 2_000]);
    assert.equal(code, 0);
  });

  test("asks less often where it has to list, and says what it does not know", async () => {
    const { stdout, stderr, slept } = await watched([objects, objects]);
    assert.deepEqual(slept, [10_000, 10_000]);
    assert.deepEqual(stderr, ["note: not known: much\n"]);
    assert.equal(stdout.length, 1);
    const terminal = await watched([objects], true);
    assert.deepEqual(terminal.stdout, [`${report.time}\nnote: not known: much\n`]);
    assert.deepEqual(terminal.stderr, []);
  });

  test("ends at once with what is wrong at the first look, and bears it later", async () => {
    const first = await watched([fault]);
    assert.deepEqual([first.code, first.stderr], [2, ["drop: no such; see\n"]]);
    const second = await watched([report, fault, fault, changed]);
    assert.equal(second.code, 0);
    assert.deepEqual(second.stderr, ["drop: no such; see\n"]);
    assert.equal(second.stdout.length, 2);
  });

  test("ends with what time cannot mend", async () => {
    const denied = new KubeError("Forbidden", { message: "no", fix: "ask" });
    await assert.rejects(watched([report, denied]), denied);
  });
});

describe("a drawing", () => {
  test("goes below what is too high to be drawn over, or was written over", async () => {
    const output = screen(true, { columns: 10, rows: 4 });
    const drawing = createDrawing(output);
    await drawing.draw("a\nb\n");
    await drawing.draw("0123456789abc\n");
    await drawing.draw("a\nb\nc\nd\n");
    await drawing.draw("e\n");
    drawing.leave();
    await drawing.draw("f\n");
    await drawing.draw("\u001b[31mgh\u001b[39m\n");
    await drawing.draw("i\n");
    assert.deepEqual(output.written, [
      "a\nb\n",
      "\u001b[2A\r\u001b[J0123456789abc\n",
      "\u001b[2A\r\u001b[Ja\nb\nc\nd\n",
      "\ne\n",
      "\nf\n",
      "\u001b[1A\r\u001b[J\u001b[31mgh\u001b[39m\n",
      "\u001b[1A\r\u001b[Ji\n",
    ]);
  });
});

const S = 1_000;
const M = 60 * S;
const H = 60 * M;
for (const [milliseconds, text] of [
  [-5, "0s"],
  [0, "0s"],
  [119 * S, "119s"],
  [2 * M, "2m"],
  [4 * M + 30 * S, "4m30s"],
  [10 * M + 30 * S, "10m"],
  [179 * M, "179m"],
  [3 * H + 5 * M, "3h5m"],
  [8 * H + 5 * M, "8h"],
  [47 * H, "47h"],
  [50 * H, "2d2h"],
  [9 * 24 * H, "9d"],
] as const) {
  test(`${milliseconds} ms are ${text}, as kubectl says it`, () => {
    assert.equal(ageText(milliseconds), text);
  });
}

test("times are told from the moment of the report", () => {
  const now = "2026-01-02T10:00:00Z";
  assert.equal(agoText("2026-01-02T09:59:52Z", now), "8s ago");
  assert.equal(agoText("2026-01-02T10:00:03Z", now), "0s ago");
  assert.equal(inText("2026-01-02T10:00:24Z", now), "in 24s");
  assert.equal(inText("2026-01-02T10:00:00Z", now), "now");
  assert.equal(clockText("2026-01-02T10:00:24.123Z"), "2026-01-02 10:00:24 UTC");
});

test("a style covers a cell's text and neither the space behind it nor the headings", () => {
  const text = textTable(
    ["A", "B"],
    [
      ["x", "yy"],
      ["", "z "],
    ],
    (cell, { row, column }) => (row === 0 || column === 1 ? `<${cell}>` : cell),
  );
  assert.equal(text, "A   B\n<x>   <yy>\n    <z>\n".replace("<x>   ", "<x>   "));
});
