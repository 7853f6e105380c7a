import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, type TestContext, test } from "node:test";
import { stripVTControlCharacters } from "node:util";
import fc from "fast-check";
import { showProgress } from "../../src/cli/sources/progress.ts";
import { cutStartToWidth, cutToWidth, displayWidth } from "../../src/cli/terminal/display-width.ts";
import { textTable } from "../../src/cli/terminal/text-table.ts";
import { excerptsOf } from "../../src/cli/validate/reports/excerpt.ts";
import { type FaultServer, faultServer } from "../runtime/fault-server.ts";
import { run } from "../support/child.ts";
import { projectFolder } from "../support/drop.ts";
import { type Folder, makeFolder } from "../support/folder.ts";
import { openPty, type Pty } from "../support/pty.ts";
import { unavailable } from "../support/tools.ts";
import { until } from "../support/until.ts";

const main = join(projectFolder, "src", "cli", "main.ts");
const DROP = `'${process.execPath}' '${main}'`;

const WRONG = `apiVersion: drop.corewire.io/v1alpha1
kind: CachedImage
metadata: { name: web }
spec:
  image: docker.io/library/nginx
  tag: "x y"
`;
const CARET = ' 6 |   tag: "x y"\n   |          ^\n';

const ESCAPE = "\u001b";
const RED = `${ESCAPE}[31m`;

let folder: Folder;
let silent: FaultServer;

before(async () => {
  folder = await makeFolder("terminal");
  silent = await faultServer(() => undefined);
  await writeFile(join(folder.path, "wrong.yaml"), WRONG);
  await writeFile(join(folder.path, "many.yaml"), `${WRONG}---\n`.repeat(3_000));
  await writeFile(join(folder.path, "set.yaml"), setAsking(silent.url));
});

after(async () => {
  await silent[Symbol.asyncDispose]();
  await folder.remove();
});

/** Runs a line of bash with `drop` defined. */
function bash(line: string, env: Readonly<Record<string, string>> = {}) {
  const script = `drop() { ${DROP} "$@"; }; ${line}`;
  const path = process.env["PATH"] ?? "";
  return run("bash", ["--norc", "-c", script], { cwd: folder.path, env: { PATH: path, ...env } });
}

describe("drop on a pipe", () => {
  test("ends quietly when its reader goes away", async () => {
    const line = `drop validate many.yaml | head -n 1; echo "\${PIPESTATUS[0]}"`;
    const { stdout, stderr } = await bash(line);
    const [first, code] = stdout.split("\n");
    assert.match(first ?? "", /^many\.yaml:\d+:\d+: error: /);
    assert.equal(code, "2");
    assert.match(stderr, /^\d+ mistakes in 3000 objects from 1 file\n$/);
  });

  test("ends quietly when nobody ever read, nor reads what it says of it", async () => {
    const line = `drop validate many.yaml 2>&1 | true; echo "\${PIPESTATUS[0]}"`;
    const { stdout, stderr } = await bash(line);
    assert.deepEqual([stdout, stderr], ["2\n", ""]);
  });

  test("says in one line that the disk is full", async () => {
    for (const format of ["text", "json"]) {
      const { code, stderr } = await bash(`drop validate -o ${format} wrong.yaml > /dev/full`);
      assert.match(stderr, /^drop: the output cannot be written: .*ENOSPC.*; make room.*\n$/);
      assert.equal(code, 3);
    }
  });

  for (const [stream, line, code] of [
    ["input", "drop validate - <&-", 2],
    ["output", "drop validate wrong.yaml >&-", 2],
    ["error output", "drop validate wrong.yaml 2>&-", 2],
  ] as const) {
    test(`bears a closed standard ${stream}`, async () => {
      const ended = await bash(line);
      assert.equal(ended.code, code, ended.stderr);
      assert.doesNotMatch(ended.stdout + ended.stderr, /\n {4}at |bug/);
    });
  }

  test("says in one line that the working directory is gone", async () => {
    const { code, stderr } = await bash('mkdir gone && cd gone && rmdir "$PWD"; drop validate a');
    assert.match(stderr, /^drop: the working directory is gone; .*\n$/);
    assert.equal(code, 2);
  });

  test("draws nothing and shows no colour, unless FORCE_COLOR asks for colour", async () => {
    const plain = await bash("drop validate wrong.yaml");
    assert.ok(!plain.stdout.includes(ESCAPE) && !plain.stdout.includes("^"));
    const forced = await bash("drop validate wrong.yaml", { FORCE_COLOR: "1" });
    assert.ok(forced.stdout.includes(RED));
    assert.equal(stripVTControlCharacters(forced.stdout), plain.stdout);
    for (const env of [
      { FORCE_COLOR: "0" },
      { FORCE_COLOR: "1", NO_COLOR: "1" },
      { FORCE_COLOR: "" },
    ]) {
      const { stdout, stderr } = await bash("drop validate wrong.yaml", env);
      assert.deepEqual([stdout, stderr], [plain.stdout, plain.stderr], JSON.stringify(env));
    }
  });
});

describe("an interruption", () => {
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    test(`by ${signal} while a source is asked gives 130 and writes nothing`, async (t) => {
      const asked = silent.seen.length;
      const args = [main, "render", "set.yaml", "--output-dir", `out-${signal}`];
      const child = spawn(process.execPath, args, {
        cwd: folder.path,
        env: { PATH: process.env["PATH"] ?? "" },
      });
      t.after(() => child.kill("SIGKILL"));
      let stderr = "";
      child.stderr.on("data", (text) => {
        stderr += text;
      });
      await until(() => silent.seen.length > asked, {
        what: "a question to the source",
        withinMs: 20_000,
      });
      child.kill(signal);
      const [code] = await once(child, "close");
      assert.equal(stderr, "drop: interrupted\n");
      assert.equal(code, 130);
      const written = await readdir(join(folder.path, `out-${signal}`)).catch(() => []);
      assert.deepEqual(written, []);
    });
  }
});

describe("drop on a terminal", { skip: await unavailable("script") }, () => {
  async function onTerminal(
    t: TestContext,
    args: string,
    { env = {}, columns = 80 }: { env?: Readonly<Record<string, string>>; columns?: number } = {},
  ): Promise<Pty> {
    const command = `exec ${DROP} ${args}`;
    const pty = await openPty({ command, cwd: folder.path, env, columns });
    t.after(() => pty.close());
    return pty;
  }

  test("shows the line of a mistake with a caret under its column, in colour", async (t) => {
    const pty = await onTerminal(t, "validate wrong.yaml");
    assert.equal((await pty.ended()).code, 2);
    assert.ok(pty.output().includes(RED));
    assert.ok(plain(pty).includes(CARET), pty.output());
  });

  for (const [env, drawn] of [
    [{ NO_COLOR: "1" }, true],
    [{ FORCE_COLOR: "0" }, true],
    [{ TERM: "dumb" }, false],
    [{ CI: "true" }, false],
  ] as const) {
    test(`shows no colour with ${JSON.stringify(env)}`, async (t) => {
      const pty = await onTerminal(t, "validate wrong.yaml", { env });
      assert.equal((await pty.ended()).code, 2);
      assert.ok(!pty.output().includes(ESCAPE));
      assert.equal(plain(pty).includes(CARET), drawn);
    });
  }

  test("takes CI=false and CI=0 for what they say", async (t) => {
    for (const CI of ["false", "0", ""]) {
      const pty = await onTerminal(t, "validate wrong.yaml", { env: { CI } });
      await pty.ended();
      assert.ok(pty.output().includes(RED));
    }
  });

  test("says that it waits for standard input, and heeds Ctrl-C there at once", async (t) => {
    const pty = await onTerminal(t, "validate -");
    await pty.shows("reading standard input; Ctrl-D ends it");
    pty.type("\u0003");
    assert.equal((await pty.ended()).code, 130);
    assert.match(plain(pty), /drop: interrupted\n$/);
    assert.doesNotMatch(plain(pty), /\n {4}at /);
  });

  test("takes what is typed up to Ctrl-D", async (t) => {
    const pty = await onTerminal(t, "validate -");
    await pty.shows("Ctrl-D ends it");
    pty.type("kind: CachedImage\r\u0004");
    await pty.shows("1 mistake");
    assert.equal((await pty.ended()).code, 2);
  });

  test("heeds Ctrl-C while a source is asked", async (t) => {
    const asked = silent.seen.length;
    const pty = await onTerminal(t, "discover set.yaml");
    await until(() => silent.seen.length > asked, { what: "a question", withinMs: 20_000 });
    pty.type("\u0003");
    assert.equal((await pty.ended()).code, 130);
    assert.match(plain(pty), /drop: interrupted\n$/);
  });

  test("bears a terminal of any width", async (t) => {
    for (const columns of [1, 12, 39, 40, 500]) {
      const pty = await onTerminal(t, "validate wrong.yaml", { columns });
      assert.equal((await pty.ended()).code, 2);
      assert.equal(plain(pty).includes(CARET), columns >= 40, `${columns} columns`);
      const help = await onTerminal(t, "validate --help", { columns });
      assert.equal((await help.ended()).code, 0);
      assert.match(plain(help), /--fail-on/);
    }
  });
});

test("the help of every command keeps to 80 columns and has no empty default", async () => {
  const { stdout: all } = await bash("drop --help");
  const commands = [...all.matchAll(/^ {2}([a-z]+) /gm)].map(([, name]) => name ?? "");
  assert.ok(commands.includes("render") && commands.includes("completion"));
  for (const command of ["", ...commands.filter((name) => name !== "help")]) {
    const { stdout, code } = await bash(`drop help ${command}`);
    assert.equal(code, 0);
    const wide = stdout.split("\n").filter((line) => line.length > 80);
    assert.deepEqual(wide, [], command);
    assert.doesNotMatch(stdout, /default: (true|false|\[\]|""|undefined)/);
  }
});

describe("an excerpt", () => {
  const look = { isTerminal: true, columns: 60, paint: (_: unknown, text: string) => text };

  function excerpt(text: string, line: number, column: number, columns = 60): string {
    const draw = excerptsOf(new Map([["f", text]]), { ...look, columns });
    return draw({ file: "f", line, column });
  }

  for (const [what, text, line, column, wanted] of [
    ["a plain line", "a: 1\nb: 2\n", 2, 4, " 2 | b: 2\n   |    ^\n"],
    ["a tab, drawn four wide", "\tb:\t2\n", 1, 5, " 1 |     b:    2\n   |           ^\n"],
    ["wide characters before the place", "日本: x\n", 1, 5, " 1 | 日本: x\n   |       ^\n"],
    ["an emoji of two code units", "😀: x\n", 1, 5, " 1 | 😀: x\n   |     ^\n"],
    ["a combining mark", "e\u0301: x\n", 1, 5, " 1 | e\u0301: x\n   |    ^\n"],
    ["Windows' line end", "a: x\r\nb: y\r\n", 1, 4, " 1 | a: x\n   |    ^\n"],
    ["an escape sequence", "a: \u001b[2J\n", 1, 4, " 1 | a: \\u{1b}[2J\n   |    ^\n"],
    ["text that runs backwards", "\u202ea: x\n", 1, 5, " 1 | \\u{202e}a: x\n   |            ^\n"],
    ["a place past the end", "a: x", 1, 99, " 1 | a: x\n   |     ^\n"],
    ["the empty line at the end", "a:\n", 2, 1, " 2 |\n   | ^\n"],
    ["a line that is not there", "a:\n", 7, 1, ""],
  ] as const) {
    test(`shows ${what}`, () => assert.equal(excerpt(text, line, column), wanted));
  }

  test("of a long line shows the part around the place, whatever the line and the width", () => {
    const unit = fc.constantFrom("a", " ", "\t", "日", "😀", "\u001b", "e\u0301", '"');
    const text = fc.string({ unit, maxLength: 400 });
    fc.assert(
      fc.property(text, fc.nat(500), fc.integer({ min: 40, max: 200 }), (line, at, columns) => {
        const [source = "", caret = "", rest] = excerpt(line, 1, at + 1, columns).split("\n");
        assert.equal(rest, "");
        assert.ok(displayWidth(source) <= columns, source);
        assert.ok(displayWidth(caret) <= columns, caret);
        assert.match(caret, /^ {3}\| +\^$/);
      }),
      { numRuns: 300 },
    );
  });

  test("costs no more for a million problems' worth of file than for its few lines on screen", () => {
    const text = "x".repeat(8_000_000);
    const draw = excerptsOf(new Map([["f", text]]), look);
    for (let at = 0; at < 1_000; at += 1) {
      const drawn = draw({ file: "f", line: 1, column: 4_000_000 + at });
      assert.ok(drawn.length < 300);
    }
  });
});

describe("widths", () => {
  test("are those of a terminal", () => {
    const texts = ["abc", "日本", "ｱｲ", "한글", "😀", "🇩🇪", "e\u0301", "…", "Ａ"];
    assert.deepEqual(texts.map(displayWidth), [3, 4, 2, 4, 2, 2, 1, 1, 2]);
  });

  test("of a cut text never exceed what was asked for", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), fc.nat(30), (text, columns) => {
        assert.ok(displayWidth(cutToWidth(text, columns)) <= columns);
        assert.ok(displayWidth(cutStartToWidth(text, columns)) <= columns);
        if (displayWidth(text) <= columns) assert.equal(cutToWidth(text, columns), text);
      }),
    );
  });

  test("line up the columns of a table", () => {
    assert.equal(
      textTable(
        ["A", "B"],
        [
          ["日本", "1"],
          ["x", "2"],
        ],
      ),
      "A      B\n日本   1\nx      2\n",
    );
  });
});

describe("progress", () => {
  function shownOn(output: { isTerminal: boolean; columns: number }, source = "docker.io") {
    const written: string[] = [];
    const write = async (text: string) => void written.push(text);
    const paint = (_: unknown, text: string) => text;
    const progress = showProgress({ ...output, write, paint }, () => written.length * 1_000);
    progress.onProgress({ source, part: "library/nginx", pages: 3, tags: 3_000 });
    return { written, end: () => progress.end() };
  }

  test("is one line that never wraps, and is gone in the end", async () => {
    for (const columns of [1, 10, 40, 200]) {
      const { written, end } = shownOn({ isTerminal: true, columns }, "日本".repeat(20));
      const line = stripVTControlCharacters(written.join("")).replace("\r", "");
      assert.ok(displayWidth(line) < columns, `${line} on ${columns} columns`);
      await end();
      assert.equal(written.at(-1), "\r\u001b[2K");
    }
  });

  test("is not shown on a pipe", async () => {
    const { written, end } = shownOn({ isTerminal: false, columns: 80 });
    await end();
    assert.deepEqual(written, []);
  });
});

function plain(pty: Pty): string {
  return stripVTControlCharacters(pty.output()).replaceAll("\r\n", "\n");
}

function setAsking(url: string): string {
  return `apiVersion: drop.corewire.io/v1alpha1
kind: DiscoveryPolicy
metadata: { name: popular }
spec:
  sources:
    - { type: prometheus, prometheus: { endpoint: "${url}", query: "count by (image) (a)" } }
---
apiVersion: drop.corewire.io/v1alpha1
kind: CachedImageSet
metadata: { name: popular }
spec: { discoveryPolicyRef: { name: popular } }
`;
}
