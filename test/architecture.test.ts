import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join, posix, relative, sep } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../src", import.meta.url));

interface Source {
  /** Below src, with slashes. */
  readonly path: string;
  readonly text: string;
  /** The text without comments and without what stands in quotes. */
  readonly code: string;
  readonly imports: readonly string[];
  /** Those of them that are of types alone, and so are gone when the program runs. */
  readonly types: ReadonlySet<string>;
}

const SOURCES: readonly Source[] = readdirSync(ROOT, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && entry.name.endsWith(".ts"))
  .map((entry) => join(entry.parentPath, entry.name))
  .sort()
  .map((path) => sourceOf(path));

function sourceOf(path: string): Source {
  const text = readFileSync(path, "utf8");
  const statements = text.matchAll(
    /^(?:import|export)\s[^;]*?from\s+"([^"]+)"|\bimport\(\s*"([^"]+)"/gm,
  );
  const imports = [...statements].map(([, fixed, dynamic]) => fixed ?? dynamic ?? "");
  const types = [...text.matchAll(/^(?:import|export) type\s[^;]*?from\s+"([^"]+)"/gm)];
  const bare = [...text.matchAll(/^import\s+"([^"]+)"/gm)].map(([, name = ""]) => name);
  return {
    path: relative(ROOT, path).split(sep).join("/"),
    text,
    code: codeOf(text),
    imports: [...imports, ...bare],
    types: new Set(types.map(([, name = ""]) => name)),
  };
}

/** Comments, texts and patterns emptied, so that words in them are not taken for code. */
function codeOf(text: string): string {
  const pieces =
    /\/\*[\s\S]*?\*\/|\/\/.*|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\.)*`|(?<=[=(,:[!&|?{};\n]\s*)\/(?![/*])(?:[^/\\\n[]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/[a-z]*/g;
  return text.replace(pieces, (piece) => (/^["'`]/.test(piece) ? '""' : ""));
}

function partOf(path: string): string {
  return path.split("/")[0] ?? "";
}

/** Where a relative import leads, below src. */
function targetOf(from: string, specifier: string): string {
  return posix.normalize(posix.join(posix.dirname(from), specifier));
}

/** What each part may import besides itself. */
const BELOW: Readonly<Record<string, readonly string[]>> = {
  cli: ["webhook", "renderer", "reconciler", "discovery", "kube", "runtime", "api"],
  webhook: ["discovery", "kube", "runtime", "api"],
  renderer: ["discovery", "kube", "runtime", "api"],
  reconciler: ["discovery", "kube", "runtime", "api"],
  discovery: ["runtime", "api"],
  kube: ["runtime", "api"],
  runtime: ["api"],
  api: [],
};

test("every source belongs to one of the parts", () => {
  assert.ok(SOURCES.length > 50);
  const strangers = SOURCES.filter(({ path }) => !Object.hasOwn(BELOW, partOf(path)));
  assert.deepEqual(
    strangers.map(({ path }) => path),
    [],
  );
});

test("imports point down, and the three parts never import each other", () => {
  const upwards = SOURCES.flatMap(({ path, imports }) =>
    imports
      .filter((specifier) => specifier.startsWith("."))
      .map((specifier) => targetOf(path, specifier))
      .filter((target) => {
        const [own, other] = [partOf(path), partOf(target)];
        return own !== other && BELOW[own]?.includes(other) !== true;
      })
      .map((target) => `${path} imports ${target}`),
  );
  assert.deepEqual(upwards, []);
});

test("no source imports itself by any way round", () => {
  const graph = new Map(
    SOURCES.map(({ path, imports, types }) => [
      path,
      imports
        .filter((name) => name.startsWith(".") && !types.has(name))
        .map((name) => targetOf(path, name)),
    ]),
  );
  const done = new Set<string>();
  const cycleFrom = (path: string, way: readonly string[]): string | undefined => {
    if (way.includes(path)) return [...way.slice(way.indexOf(path)), path].join(" → ");
    if (done.has(path)) return undefined;
    for (const next of graph.get(path) ?? []) {
      const cycle = cycleFrom(next, [...way, path]);
      if (cycle !== undefined) return cycle;
    }
    done.add(path);
    return undefined;
  };
  assert.deepEqual(
    [...graph.keys()].flatMap((path) => cycleFrom(path, []) ?? []),
    [],
  );
});

/** The libraries that pure code may use: they read text, and reach nothing. */
const PURE_LIBRARIES = ["ajv", "ipaddr.js", "re2js", "leven", "@prometheus-io/lezer-promql"];

test("the API's rules reach no file, network, clock or environment", () => {
  const impure = SOURCES.filter(({ path }) => partOf(path) === "api").flatMap(
    ({ path, imports, code }) => [
      ...imports
        .filter((name) => !name.startsWith(".") && !isPure(name))
        .map((name) => `${path} imports ${name}`),
      ...(
        code.match(/\b(?:process|Date|setTimeout|fetch|performance|console)\b[.(]|Math\.random/g) ??
        []
      ).map((word) => `${path} uses ${word}`),
    ],
  );
  assert.deepEqual(impure, []);
});

function isPure(name: string): boolean {
  return PURE_LIBRARIES.includes(name) || name.startsWith("@lezer/") || name === "node:crypto";
}

test("only the command line reads the arguments and the environment of the process", () => {
  const readers = SOURCES.filter(
    ({ path, code }) =>
      partOf(path) !== "cli" &&
      /\bprocess\s*\.\s*(?:argv|env|exit|exitCode|stdin|stdout)\b/.test(code),
  );
  assert.deepEqual(
    readers.map(({ path }) => path),
    [],
  );
});

test("no value is shown by time zone or language, nor sorted by it", () => {
  const local = SOURCES.filter(({ code }) => /localeCompare|toLocale|\bIntl\./.test(code));
  assert.deepEqual(
    local.map(({ path }) => path),
    [],
  );
});

/** Lines of a source; those that are one table are left alone. */
const MAX_LINES = 250;
const TABLES = ["api/rules/catalogue.ts"];

test(`no source is longer than ${MAX_LINES} lines, but generated ones and tables`, () => {
  const long = SOURCES.filter(({ path }) => !path.endsWith(".gen.ts") && !TABLES.includes(path))
    .map(({ path, text }) => ({ path, lines: text.trimEnd().split("\n").length }))
    .filter(({ lines }) => lines > MAX_LINES);
  assert.deepEqual(long, []);
});

const FORBIDDEN: readonly (readonly [name: string, pattern: RegExp])[] = [
  ["a cast", /(?<=[\w)\]}"]\s+)as\s+(?!const\b)[A-Za-z{[("]/g],
  ["a cast in angle brackets", /[=(,:]\s*<[A-Z][A-Za-z.[\]]*>\s*[\w({[](?![^\n]*=>)/g],
  ["a non-null assertion", /[\w)\]]!(?=[.;,)\][\s])(?!=)/g],
  ["any", /(?::|<|\|)\s*any\b|\bas any\b/g],
];

for (const [name, pattern] of FORBIDDEN) {
  test(`no source contains ${name}`, () => {
    const found = SOURCES.flatMap(
      ({ path, code }) =>
        withoutRenames(code)
          .match(pattern)
          ?.map((match) => `${path}: ${match}`) ?? [],
    );
    assert.deepEqual(found, []);
  });
}

/** `import { a as b }`, `export { a as b }` and `* as a` rename, they do not cast. */
function withoutRenames(code: string): string {
  return code.replace(/^(?:import|export)\s[^;]*?;/gm, (statement) =>
    /^export\s+(?:function|const|interface|type\s+\w+\s*=|class|async|declare)/.test(statement)
      ? statement
      : "",
  );
}

test("no source silences the compiler or the linter", () => {
  const silencing = SOURCES.filter(({ text }) => /@ts-|biome-ignore|eslint-disable/.test(text));
  assert.deepEqual(
    silencing.map(({ path }) => path),
    [],
  );
});

test("no source tells of machines, registries' mirrors or how the work was organised", () => {
  const telling = SOURCES.filter(({ text }) => /\/(?:work|home|root)\/|TODO|FIXME/.test(text));
  assert.deepEqual(
    telling.map(({ path }) => path),
    [],
  );
});
