import assert from "node:assert/strict";
import { mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { test } from "node:test";
import { problemText } from "../../../src/api/problem.ts";
import { RULES } from "../../../src/api/rules/catalogue.ts";
import type { Output } from "../../../src/cli/terminal/terminal.ts";
import { validate } from "../../../src/cli/validate/run.ts";
import { InputError } from "../../../src/renderer/load/files.ts";
import { makeFolder } from "../../support/folder.ts";
import { FIELDS } from "./bad-input/fields.ts";
import { IDENTITY } from "./bad-input/identity.ts";
import { SCALARS } from "./bad-input/scalars.ts";
import { SYNTAX } from "./bad-input/syntax.ts";
import { TEXTS } from "./bad-input/texts.ts";
import { head, img, pull } from "./bad-input/texts-of.ts";

const ROWS = [...SYNTAX, ...IDENTITY, ...FIELDS, ...TEXTS, ...SCALARS];
/** No speed is asserted: this is what tells a hang from slowness. */
const TIMEOUT = 120_000;

interface Said {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** What `drop validate` says of some paths, or of its standard input. */
async function said(
  paths: readonly string[],
  input: string | Uint8Array = "",
  flags: { output?: "json"; failOn?: "warning" } = {},
): Promise<Said> {
  const [stdout, stderr] = [collector(), collector()];
  const stdin = Readable.from([Buffer.from(input)]);
  const context = {
    terminal: { stdin, stdout, stderr, env: {}, folder: "/" },
    version: "1.0.0",
    signal: new AbortController().signal,
    finish: () => undefined,
  };
  const chosen = {
    output: "text",
    failOn: "error",
    warnings: true,
    namespace: "a",
    pullNamespace: "b",
    ...flags,
  } as const;
  const code = await validate(paths, chosen, context);
  return { code, stdout: stdout.text(), stderr: stderr.text() };
}

function collector(): Output & { text(): string } {
  const parts: string[] = [];
  return {
    isTerminal: false,
    columns: 80,
    paint: (_style, text) => text,
    write: async (text) => void parts.push(text),
    text: () => parts.join(""),
  };
}

interface Reported {
  readonly line: number;
  readonly column: number;
  readonly rule: string;
  readonly fix: string;
  readonly message: string;
}

async function reported(
  text: string | Uint8Array,
): Promise<{ code: number; problems: readonly Reported[] }> {
  const { code, stdout } = await said(["-"], text, { output: "json" });
  return { code, problems: JSON.parse(stdout).problems };
}

for (const [name, text, expected, fix] of ROWS) {
  test(`${name} is reported at its place: ${expected.join(", ").slice(0, 60)}`, {
    timeout: TIMEOUT,
  }, async () => {
    const { code, problems } = await reported(text);
    // Most objects here have no tag, which is only a warning and not the point.
    const isBeside = ({ rule }: Reported): boolean =>
      rule === "DROP2001" && !expected.some((row) => row.endsWith("DROP2001"));
    const about = problems.filter((problem) => !isBeside(problem));
    assert.deepEqual(
      about.map(({ line, column, rule }) => `${line}:${column} ${rule}`),
      expected,
    );
    assert.ok(about[0]?.fix.startsWith(fix), about[0]?.fix);
    const hasMistake = expected.some((row) => row.includes(" DROP1"));
    assert.equal(code, hasMistake ? 2 : 0);
    if (!hasMistake) assert.equal((await said(["-"], text, { failOn: "warning" })).code, 2);
    const lines = await said(["-"], text);
    assertClean(lines.stdout);
    assert.equal(lines.stdout.trim().split("\n").length, problems.length);
    for (const line of lines.stdout.trim().split("\n")) {
      assert.match(line, /^-:[0-9]+:[0-9]+: (error|warning): .*; .* \[DROP[0-9]{4}\]$/);
    }
  });
}

/** No line of the output is forged, coloured, turned around or a stack trace. */
function assertClean(text: string): void {
  assert.doesNotMatch(text.replaceAll("\n", ""), /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
  assert.doesNotMatch(text, /^\s+at .*:[0-9]+:[0-9]+\)?$/m);
}

test("there are rows enough, each with a name of its own, for every rule that a file alone can break", () => {
  assert.ok(ROWS.length >= 200);
  assert.equal(new Set(ROWS.map(([name]) => name)).size, ROWS.length);
  const seen = new Set(
    ROWS.flatMap(([, , expected]) => expected.map((row) => row.split(" ")[1] ?? "")),
  );
  // These need hostile sizes (below), a rendering, a drop.yaml, or a cluster.
  const elsewhere = ["DROP1106", "DROP1108", "DROP1109", "DROP2103", "DROP2107"];
  const unseen = Object.keys(RULES).filter((rule) => !seen.has(rule) && !elsewhere.includes(rule));
  assert.deepEqual(unseen, []);
});

const MIB = 1024 * 1024;
const of = (piece: string, bytes: number): string =>
  piece.repeat(Math.ceil(bytes / piece.length)).slice(0, bytes);
const H = head("CachedImage", "  image: a.example/b\n  tag: a1\n");
const list = (count: number, line: (at: number) => string): string =>
  Array.from({ length: count }, (_, at) => line(at)).join("");

/** Inputs of hostile size or depth, each with the one rule that it breaks, if any. */
const HOSTILE: readonly (readonly [name: string, text: () => string, rule: string | undefined])[] =
  [
    ...[" ", "\n", "a", "[", "{", "- ", '"', "&a ", "#", "---\n", "\u0000"].map(
      (piece) =>
        [`50 MiB of ${JSON.stringify(piece)}`, () => of(piece, 50 * MIB), "DROP1106"] as const,
    ),
    ["15 MiB of !", () => of("!", 15 * MIB), "DROP1101"],
    ["15 MiB of &", () => of("&", 15 * MIB), undefined],
    ["15 MiB of anchors", () => of("&a ", 15 * MIB), "DROP1106"],
    ["15 MiB of tags", () => of("!!str ", 15 * MIB), "DROP1106"],
    ["15 MiB of commas", () => of(",", 15 * MIB), "DROP1106"],
    ["15 MiB of opening brackets", () => of("[", 15 * MIB), "DROP1106"],
    ["15 MiB of opening braces", () => of("{a: ", 15 * MIB), "DROP1106"],
    ["15 MiB of dashes in a line", () => of("- ", 15 * MIB), "DROP1106"],
    ["15 MiB of question marks", () => of("? ", 15 * MIB), "DROP1106"],
    ["15 MiB of colons", () => of(": ", 15 * MIB), "DROP1106"],
    ["15 MiB of keys in a line", () => of("a: ", 15 * MIB), "DROP1106"],
    ["15 MiB of quotes", () => of('"', 15 * MIB), "DROP1106"],
    ["15 MiB of entries in a line", () => `[${of("1,", 15 * MIB)}1]`, "DROP1106"],
    ["15 MiB of documents", () => of("---\na\n", 15 * MIB), "DROP1106"],
    ["5 MiB of stars", () => of("*", 5 * MIB), "DROP1101"],
    ["5 MiB of one line", () => `${H}${of("a", 5 * MIB)}: 1\n`, "DROP1101"],
    ["5 MiB in a comment", () => `${H}#${of("a", 5 * MIB)}\n  suspended: true\n`, "DROP1001"],
    ["5 MiB in a quoted text", () => `${H}  digest: "${of("a", 5 * MIB)}"\n`, "DROP1005"],
    ["5 MiB in a key", () => `${H}  "${of("a", 900)}": 1\n`, "DROP1001"],
    ["a list nested 900 deep", () => `${H}  x: ${"[".repeat(900)}${"]".repeat(900)}\n`, undefined],
    ["a list nested 100,000 deep", () => `${H}  x: ${"[".repeat(100_000)}`, "DROP1106"],
    ["a mapping nested 100,000 deep", () => `${H}  x: ${"{a: ".repeat(100_000)}`, "DROP1106"],
    [
      "a block nested 1,400 deep",
      () => `${H}${list(1_400, (at) => `${" ".repeat(at + 2)}a:\n`)}`,
      undefined,
    ],
    ["sequences nested in one line", () => `${H}  x:\n    ${"- ".repeat(99)}a\n`, "DROP1001"],
    ["JSON nested 100,000 deep", () => `{"apiVersion":${'{"a":'.repeat(100_000)}`, "DROP1106"],
    [
      "ten thousand unknown fields",
      () => `${H}${list(10_000, (at) => `  f${at}: 1\n`)}`,
      "DROP1001",
    ],
    [
      "200,000 list entries",
      () => `${H}  tolerations:\n${list(200_000, () => "    - {}\n")}`,
      "DROP1005",
    ],
    [
      "200,000 entries in a line",
      () => `${H}  tolerations: [${list(200_000, () => "{},")}{}]`,
      "DROP1005",
    ],
    [
      "200,000 ambiguous scalars",
      () => `${H}  x:\n${list(200_000, () => "    - on\n")}`,
      "DROP1103",
    ],
    ["100,000 keys that stand twice", () => `${H}${list(100_000, () => "  a: 1\n")}`, "DROP1102"],
    [
      "20,000 labels that Kubernetes refuses",
      () =>
        H.replace(
          "name: web",
          `name: web\n  labels:\n${list(20_000, (at) => `    a b${at}: x\n`)}`,
        ),
      "DROP1020",
    ],
    [
      "a billion laughs",
      () =>
        `${list(30, (at) => `a${at}: &a${at} [${at === 0 ? "lol" : of(`*a${at - 1}, `, 60)}]\n`)}`,
      "DROP1106",
    ],
    [
      "a quarter of a million laughs",
      () => `x: &x {a: ${of("b", 1000)}}\ny:\n${list(20_000, () => "  - *x\n")}`,
      "DROP1106",
    ],
    ["an anchor that contains itself", () => `${H}  x: &x [*x]\n`, "DROP1106"],
    ["anchors that contain each other", () => `${H}  x: &x {y: &y [*x, *y]}\n`, "DROP1106"],
    ["a merge key that contains itself", () => `${H}  x: &x {<<: *x}\n`, undefined],
  ];

for (const [name, text, rule] of HOSTILE) {
  test(`${name} gives a located message in bounded time`, { timeout: TIMEOUT }, async () => {
    const { code, stdout, stderr } = await said(["-"], text());
    assert.equal(code, 2, stderr);
    assertClean(stdout);
    if (rule === undefined) return;
    assert.match(stdout, new RegExp(`^-:[0-9]+:[0-9]+: error: .*\\[${rule}\\]$`, "m"));
    assert.ok(stdout.length < 2 * MIB, `${stdout.length} characters`);
  });
}

test("a broken document does not hide what is wrong with the others", async () => {
  const text = `${pull("suspended: true")}---\na: [\n---\n${img("tagg: a1")}---\n- : }\n`;
  const { code, problems } = await reported(text);
  assert.equal(code, 2);
  const mistakes = problems
    .filter(({ rule }) => rule < "DROP2000")
    .map(({ line, rule }) => `${line} ${rule}`);
  assert.deepEqual(mistakes.slice(0, 3), ["6 DROP1001", "9 DROP1101", "16 DROP1001"]);
});

/** Bytes that are not the UTF-8 of a text, with what is said of them. */
const BYTES: readonly (readonly [name: string, bytes: Uint8Array, expected: RegExp])[] = [
  [
    "UTF-16, little end first",
    Buffer.from(`\ufeff${img("tag: a b")}`, "utf16le"),
    /^-:7:9: error: .*DROP1008/m,
  ],
  [
    "UTF-16, big end first",
    Buffer.from(`\ufeff${img("tag: a b")}`, "utf16le").swap16(),
    /^-:7:9: error: .*DROP1008/m,
  ],
  [
    "UTF-8 with a byte order mark",
    Buffer.from(`\ufeff${img("tag: a b")}`),
    /^-:7:9: error: .*DROP1008/m,
  ],
  [
    "Latin-1",
    Buffer.from(img("tag: ä"), "latin1"),
    /^-:7:8: error: not YAML: the bytes there are no UTF-8; save/m,
  ],
  [
    "UTF-16 without a mark",
    Buffer.from(img("tag: a b"), "utf16le"),
    /^-:1:2: error: not YAML: the character/m,
  ],
  ["a program", Buffer.from("7f454c4602010100deadbeef", "hex"), /^-:1:1: error: not YAML: /m],
  ["an archive", Buffer.from("1f8b0800000000000003", "hex"), /^-:1:1: error: not YAML: /m],
];

for (const [name, bytes, expected] of BYTES) {
  test(`${name} is read, or refused with its place`, async () => {
    const { code, stdout } = await said(["-"], bytes);
    assert.equal(code, 2);
    assert.match(stdout, expected);
    assertClean(stdout);
  });
}

for (const text of ["", "\n\n", "# only a comment\n", "---\n---\n", "\ufeff", "null\n", "~"]) {
  test(`a standard input of ${JSON.stringify(text)} holds nothing of Drop, which is said`, async () => {
    const { code, stdout, stderr } = await said(["-"], text);
    assert.deepEqual([code, stdout], [2, ""]);
    assert.match(stderr, /nothing of drop\.corewire\.io in -; name the files/);
  });
}

test("what people write in values never reaches the output raw", async () => {
  const evil = "a\\e[31m\\u202e\\u2066\\x9b\\n\\r\\u2028b";
  const text = `${head("CachedImageSet").replace("web", `"${evil}"`)}  images:
    - image: "${evil}"
      tag: "${evil}"
      digest: "${evil}"
      "${evil}": 1
  imagePullPolicy: "${evil}"
  nodeSelector: {"${evil}": "${evil}"}
  policyRef: {name: "${evil}"}
---
apiVersion: "drop.corewire.io/${evil}"
kind: "${evil}"
`;
  for (const output of [undefined, "json"] as const) {
    const { code, stdout } = await said(["-"], text, output && { output });
    assert.equal(code, 2);
    assertClean(stdout);
  }
});

test("a folder is searched at any depth, past all that is not Drop's", async (t) => {
  const folder = await makeFolder("bad-input");
  t.after(() => folder.remove());
  const file = async (path: string, text: string | Uint8Array): Promise<void> => {
    await mkdir(join(folder.path, path, ".."), { recursive: true });
    await writeFile(join(folder.path, path), text);
  };
  await file("web.yaml", img("tagg: a1"));
  await file("chart/templates/deployment.yaml", "kind: {{ .Values.kind }}\n{{- if on }}\n");
  await file("chart/templates/secret.yaml", "kind: Secret\n{{- if on }}\nx: [\n");
  await file("folder.yaml/deep/pull.yml", pull("suspended: true"));
  await file(".git/config.yaml", img("tagg: a1"));
  await file("node_modules/a/b.yaml", img("tagg: a1"));
  await file("readme.md", img("tagg: a1"));
  await file("empty.yaml", "");
  await file("comment.yaml", "# drop.corewire.io\n");
  await file("garbage.json", new Uint8Array([0, 1, 2, 3]));
  await symlink("..", join(folder.path, "chart", "loop"));
  await symlink("self.yaml", join(folder.path, "self.yaml"));
  await symlink("/etc", join(folder.path, "outside"));
  await symlink("nowhere.yaml", join(folder.path, "dangling.yaml"));
  await file("escape\u001b[31m\n.yaml", pull("suspended: true").replace("web", "two"));
  const { code, stdout } = await said([folder.path]);
  assert.equal(code, 2);
  assertClean(stdout);
  const places = stdout
    .split("\n")
    .flatMap((line) => /^.*?\/?([^/]*):6:|([^/]*):7:/.exec(line)?.[0] ?? []);
  assert.equal(stdout.match(/error:/g)?.length, 3, places.join("\n"));
  assert.match(stdout, /folder\.yaml\/deep\/pull\.yml:6:3: error: /);
  assert.match(stdout, /escape\\u\{1b\}\[31m\\u\{a\}\.yaml:6:3: error: /);
});

test("inputs that cannot be read say which and how to mend it", async (t) => {
  const folder = await makeFolder("bad-input");
  t.after(() => folder.remove());
  await symlink("loop", join(folder.path, "loop"));
  const rows = [
    [join(folder.path, "gone.yaml"), /gone\.yaml: there is no such file or folder/],
    [join(folder.path, "loop"), /loop: ELOOP/],
    [join(folder.path, "x\u001b[31m"), /x\\u\{1b\}\[31m: there is no such/],
    ["a\u0000b", /a\\u\{0\}b: /],
  ] as const;
  for (const [path, message] of rows) {
    await assert.rejects(said([path]), (error: unknown) => {
      assert.ok(error instanceof InputError && error.fix !== "", String(error));
      assert.match(error.message, message);
      assertClean(error.message);
      return true;
    });
  }
});

test("a file that is named twice, or also through its folder, is judged once", async (t) => {
  const folder = await makeFolder("bad-input");
  t.after(() => folder.remove());
  const path = join(folder.path, "web.yaml");
  await writeFile(path, img("tagg: a1"));
  await symlink("web.yaml", join(folder.path, "also.yaml"));
  const { stdout } = await said([path, folder.path, path]);
  assert.equal(stdout.match(/DROP1001/g)?.length, 1);
});

test("a file that was named is read whatever its name, and a foreign one in it is passed over", async (t) => {
  const folder = await makeFolder("bad-input");
  t.after(() => folder.remove());
  const path = join(folder.path, "manifest.txt");
  await writeFile(
    path,
    `apiVersion: v1\nkind: ConfigMap\ndata: {a: on, a: off}\n---\n${img("tagg: a1")}`,
  );
  const { code, stdout } = await said([path]);
  assert.equal(code, 2);
  assert.deepEqual(stdout.match(/DROP1[0-9]+/g), ["DROP1001"]);
});

test("a problem's text is the same in lines and in JSON", async () => {
  const text = img("tag: a b");
  const [problem] = (await reported(text)).problems;
  assert.ok(problem);
  const { stdout } = await said(["-"], text);
  assert.ok(stdout.includes(problem.message));
  assert.match(problemText({ what: "a", fix: "b", rule: "DROP1008" }), /^a; b \[DROP1008\]$/);
});
