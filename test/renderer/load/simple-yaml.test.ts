import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { readYaml } from "../../../src/renderer/load/documents.ts";
import { readSimpleYaml } from "../../../src/renderer/load/simple-yaml.ts";
import { projectFolder } from "../../support/drop.ts";

/** Reads a text both ways; what the simple reader reads, the full one must read alike and without a word. */
function isReadAlike(text: string): boolean {
  const simple = readSimpleYaml(text);
  if (simple === undefined) return false;
  const { documents, problems } = readYaml("f.yaml", text);
  const found = [...problems, ...documents.flatMap((document) => document.problems)];
  assert.deepEqual(found, [], text);
  assert.deepEqual(
    documents.map(({ value, contents, lines: places }) => {
      const { line, col } = places.linePos(contents?.range?.[0] ?? 0);
      return { value, start: { line, column: col } };
    }),
    simple,
    text,
  );
  return true;
}

const scalars = [
  ...[
    "a",
    "b",
    "y",
    "on",
    "No",
    "null",
    "true",
    "1",
    "01",
    "0",
    "1_0",
    "1.5",
    "1.2.3",
    "1.2.3-rc.1",
  ],
  ...["30m", "1d", "5ms", "1e3", "0x1f", "12:30", "a:b", "a: b", "a:", ":a", "/x/y", "a b", "a  b"],
  ...['"q"', "'s'", '"a: b"', "'#'", '"\\n"', "''", '""', "[]", "{}", "[a]", "*a", "&a b", "!t b"],
  ...[
    '"a\\\\.b"',
    '"\\""',
    '"\\/"',
    '"\\x41"',
    '"\\u0041"',
    '"\\_"',
    '"\\"',
    "'a\\.b'",
    "'a''b'",
    "'\\'",
  ],
  ...[
    "<<",
    "__proto__",
    '"__proto__"',
    "~",
    "-",
    "- a",
    "?",
    "a #b",
    "a#b",
    "@x",
    "`",
    "|",
    ">",
    "%",
  ],
];
const scalar = fc.constantFrom(...scalars);
const indent = fc.constantFrom("", "", "  ", "  ", "    ", " ", "      ");
const dash = fc.constantFrom("", "", "", "- ", "- ", "-  ", "- - ", "-");
const colon = fc.constantFrom(": ", ": ", ": ", ":", ":  ", " : ", "");
const end = fc.constantFrom("", "", "", " ", " # c", "#c", "\t");
const entry = fc
  .tuple(indent, dash, fc.oneof(fc.constantFrom("a", "b", "c", "d"), scalar), colon, scalar, end)
  .map((parts) => parts.join(""));
const parent = fc
  .tuple(indent, dash, fc.constantFrom("a", "b", "c", "d", "e", '"f"'), fc.constant(":"), end)
  .map((parts) => parts.join(""));
const item = fc.tuple(indent, fc.constant("- "), scalar, end).map((parts) => parts.join(""));
const odd = fc.constantFrom(
  "---",
  "---",
  "...",
  "# c",
  "  # c",
  "",
  " ",
  "--- a",
  "\ta: b",
  "a",
  "é: 1",
);
const lines = fc.array(
  fc.oneof(
    { arbitrary: entry, weight: 4 },
    { arbitrary: parent, weight: 3 },
    { arbitrary: item, weight: 3 },
    { arbitrary: odd, weight: 1 },
  ),
  { maxLength: 6 },
);

const RUNS = Number(process.env["DROP_FUZZ_RUNS"] ?? 20_000);

test("whatever the simple reader reads, the full reader reads alike", () => {
  let simple = 0;
  fc.assert(
    fc.property(lines, fc.constantFrom("\n", ""), (parts, last) => {
      if (isReadAlike(`${parts.join("\n")}${last}`)) simple += 1;
    }),
    { numRuns: RUNS },
  );
  assert.ok(simple > RUNS / 100, `only ${simple} of ${RUNS} texts were simple`);
});

function manifests(): readonly string[] {
  return ["examples", "test/golden"].flatMap((folder) => {
    const path = join(projectFolder, folder);
    const names = readdirSync(path, { recursive: true, encoding: "utf8" });
    const files = names.filter((name) => name.endsWith(".yaml"));
    return files.map((name) => readFileSync(join(path, name), "utf8"));
  });
}

const characters = fc.constantFrom(...` \n-:#"'[]{},&*!|>%@?~\t0a_.`.split(""), "  ", "\n  ", "- ");
const edit = fc.record({ at: fc.nat(), put: characters, cut: fc.nat(2) });

test("so does every manifest of the project, whole and with a few characters changed", () => {
  const simple = manifests().filter(isReadAlike);
  assert.ok(simple.length > 10, `only ${simple.length} are simple`);
  fc.assert(
    fc.property(fc.constantFrom(...simple), fc.array(edit, { maxLength: 3 }), (text, edits) => {
      let changed = text;
      for (const { at, put, cut } of edits) {
        const place = at % (changed.length + 1);
        changed = `${changed.slice(0, place)}${put}${changed.slice(place + cut)}`;
      }
      isReadAlike(changed);
    }),
    { numRuns: RUNS / 10 },
  );
});

const notSimple: readonly [what: string, text: string][] = [
  ["a key that stands twice", "a: 1\na: 2\n"],
  ["a key of two readings", "on: 1\n"],
  ["a value of two readings", "a: yes\n"],
  ["a key without a value", "a:\nb: 1\n"],
  ["an anchor", "a: &x b\n"],
  ["a flow mapping", "a: {b: c}\n"],
  ["a block text", "a: |\n  b\n"],
  ["a text on two lines", "a: b\n  c\n"],
  ["an escape that JSON has not", 'a: "\\x41"\n'],
  ["a letter that is not ASCII", "a: é\n"],
  ["a tab", "a:\tb\n"],
  ["the name of the prototype", '"__proto__": 1\n'],
  ["an empty document", "---\n---\na: 1\n"],
  ["a key of more than a thousand letters", `${"a".repeat(1_100)}: 1\n`],
  ["nothing at all", ""],
  ["a comment with more brackets than are read", `# ${"[".repeat(2_000)}\na: 1\n`],
  [
    "mappings beyond the depth",
    Array.from({ length: 40 }, (_, at) => `${" ".repeat(at)}a:`).join("\n"),
  ],
];

for (const [what, text] of notSimple) {
  test(`${what} is left to the full reader`, () => {
    assert.equal(readSimpleYaml(text), undefined);
  });
}

test("hostile texts take time linear to their length", () => {
  const long = 400_000;
  const texts = [
    " ".repeat(long),
    `a:${" ".repeat(long)}x!`,
    "- ".repeat(long / 2),
    "a:a".repeat(1e5),
  ];
  for (const text of [...texts, "a b ".repeat(1e5), '"'.repeat(long), `a: ${"1.".repeat(2e5)}`]) {
    const began = performance.now();
    readSimpleYaml(text);
    assert.ok(performance.now() - began < 1_000, text.slice(0, 20));
  }
});
