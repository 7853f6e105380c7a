import assert from "node:assert/strict";
import { chmod, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { after, before, describe, test } from "node:test";
import { CommanderError } from "commander";
import { parseAllDocuments } from "yaml";
import { createProgram } from "../src/cli/program.ts";
import { run } from "./support/child.ts";
import { drop, projectFolder } from "./support/drop.ts";
import { type Folder, makeFolder } from "./support/folder.ts";

/** A fenced block of a page. */
interface Block {
  readonly page: string;
  readonly line: number;
  readonly language: string;
  readonly text: string;
}

const pages = await markdownPages();
const blocks = (await Promise.all(pages.map(blocksOf))).flat();

test("there are pages, blocks and commands to look at", () => {
  assert.ok(pages.includes("README.md") && pages.includes("docs/ci.md"));
  assert.ok(blocks.filter(({ language }) => language === "yaml").length >= 5);
  assert.ok(blocks.flatMap(commandLines).length >= 10);
});

describe("every YAML in the documentation", () => {
  for (const block of blocks.filter(({ language }) => /^ya?ml$/.test(language))) {
    test(`is YAML: ${block.page}:${block.line}`, () => {
      const documents = parseAllDocuments(block.text);
      assert.ok(Array.isArray(documents) && documents.length > 0);
      assert.deepEqual(
        documents.flatMap(({ errors, warnings }) => [...errors, ...warnings]),
        [],
      );
    });
    if (!/^apiVersion: drop\.corewire\.io\//m.test(block.text)) continue;
    test(`of Drop's kinds is valid: ${block.page}:${block.line}`, async () => {
      const { code, stdout, stderr } = await drop(["validate", "-"], { stdin: block.text });
      assert.equal(code, 0, stdout + stderr);
    });
  }
});

describe("every command line in the documentation", () => {
  for (const { place, args } of blocks.flatMap(commandLines)) {
    test(`has flags that exist: ${place}: drop ${args.join(" ")}`, () => {
      assert.equal(usageMistake(args), undefined);
    });
  }

  test("would be found wrong with a flag, a command or a choice that does not exist", () => {
    assert.match(usageMistake(["validate", "--nonsense", "a"]) ?? "", /--nonsense/);
    assert.match(usageMistake(["validat", "a"]) ?? "", /validat/);
    assert.match(usageMistake(["validate", "-o", "yml", "a"]) ?? "", /yml/);
    assert.equal(usageMistake(["validate", "-o", "json", "a"]), undefined);
    const block = { page: "p", line: 1, language: "sh", text: "A=1 drop x 'a b' | npx drop y>z #" };
    assert.deepEqual(
      commandLines(block).map(({ args }) => args),
      [["x", "a b"], ["y"]],
    );
    const yaml = { ...block, language: "yaml", text: "  - run: drop a\n  - drop b\n# drop c\n" };
    assert.deepEqual(
      commandLines(yaml).map(({ args }) => args),
      [["a"], ["b"]],
    );
  });
});

describe("docs/ci.md", () => {
  let folder: Folder;

  before(async () => {
    folder = await makeFolder("docs");
    await prepareCheckout(folder.path);
  });

  after(() => folder.remove());

  function bash(script: string) {
    const env = environment(folder.path);
    return run("bash", ["--norc", "-euo", "pipefail", "-c", script], { cwd: folder.path, env });
  }

  const shell = blocks.filter(({ page, language }) => page === "docs/ci.md" && language === "sh");
  for (const { line, text } of shell) {
    test(`has a shell example on line ${line} that works in a repository`, async () => {
      const { code, stdout, stderr } = await bash(text);
      assert.equal(code, 0, stdout + stderr);
    });
  }

  const configs = blocks.filter(
    ({ page, language }) => page === "docs/ci.md" && language === "yaml",
  );
  for (const { line, text } of configs) {
    test(`has jobs in the YAML on line ${line} whose commands work in a repository`, async () => {
      const commands = steps(parseAllDocuments(text).map((document) => document.toJS()));
      const ours = commands.filter((command) => command.startsWith("drop "));
      assert.ok(ours.length > 0);
      for (const command of ours) {
        const { code, stdout, stderr } = await bash(command);
        assert.equal(code, 0, `${command}\n${stdout}${stderr}`);
      }
    });
  }

  test("has a job that fails when a manifest is wrong or the folder is out of date", async () => {
    const checks = steps(
      configs.map(({ text }) => parseAllDocuments(text).map((one) => one.toJS())),
    );
    const sets = join(folder.path, "sets", "sets.yaml");
    const text = await readFile(sets, "utf8");
    await writeFile(sets, text.replace("1.29", "1.30"));
    const stale = await Promise.all(checks.filter((one) => one.endsWith("--check")).map(bash));
    await writeFile(sets, text.replace("images:", "imgaes:"));
    const wrong = await Promise.all(
      checks.filter((one) => one.startsWith("drop validate")).map(bash),
    );
    await writeFile(sets, text);
    assert.deepEqual([...new Set(stale.map(({ code }) => code))], [1]);
    assert.deepEqual([...new Set(wrong.map(({ code }) => code))], [2]);
  });
});

/** A repository as the page describes it, with `drop` and a stand-in for kustomize on the PATH. */
async function prepareCheckout(path: string): Promise<void> {
  for (const name of ["bin", "sets", "overlays/prod"])
    await mkdir(join(path, name), { recursive: true });
  const set = `apiVersion: drop.corewire.io/v1alpha1
kind: CachedImageSet
metadata: { name: web }
spec:
  images:
    - { image: docker.io/library/nginx, tag: "1.29" }
`;
  await writeFile(join(path, "sets", "sets.yaml"), set);
  await writeFile(join(path, "overlays", "prod", "built.yaml"), set);
  const main = join(projectFolder, "src", "cli", "main.ts");
  await program("drop", `exec '${process.execPath}' '${main}' "$@"`);
  await program("kustomize", 'cat "$2"/built.yaml');
  const first = "git init --quiet . && drop render sets/ --output-dir clusters/prod/images";
  const env = environment(path);
  const { code, stderr } = await run("bash", ["--norc", "-c", first], { cwd: path, env });
  assert.equal(code, 0, stderr);

  async function program(name: string, line: string): Promise<void> {
    await writeFile(join(path, "bin", name), `#!/bin/sh\n${line}\n`);
    await chmod(join(path, "bin", name), 0o755);
  }
}

function environment(path: string): Readonly<Record<string, string>> {
  const people = ["AUTHOR", "COMMITTER"].flatMap((role) => [
    [`GIT_${role}_NAME`, "Test"] as const,
    [`GIT_${role}_EMAIL`, "test@example.com"] as const,
  ]);
  const PATH = `${path}/bin:${process.env["PATH"]}`;
  return { PATH, HOME: path, ...Object.fromEntries(people) };
}

const STEP_KEYS = new Set(["run", "script", "before_script", "after_script", "entry"]);

/** The commands of the steps of any service's configuration. */
function steps(value: unknown, isStep = false): readonly string[] {
  if (typeof value === "string") return isStep ? [value] : [];
  if (Array.isArray(value)) return value.flatMap((one) => steps(one, isStep));
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, one]) => steps(one, STEP_KEYS.has(key)));
}

async function markdownPages(): Promise<readonly string[]> {
  const docs = await readdir(join(projectFolder, "docs"), { recursive: true });
  return [
    "README.md",
    ...docs.filter((name) => name.endsWith(".md")).map((name) => `docs/${name}`),
  ];
}

async function blocksOf(page: string): Promise<readonly Block[]> {
  const found: Block[] = [];
  const lines = (await readFile(join(projectFolder, page), "utf8")).split("\n");
  let open: { line: number; language: string; text: string[] } | undefined;
  for (const [index, line] of lines.entries()) {
    const fence = /^\s*```\s*(\S*)/.exec(line);
    if (fence === null) open?.text.push(line);
    else if (open === undefined) open = { line: index + 1, language: fence[1] ?? "", text: [] };
    else {
      found.push({ page, ...open, text: `${open.text.join("\n")}\n` });
      open = undefined;
    }
  }
  assert.equal(open, undefined, `${page} has a block without an end`);
  return found;
}

interface CommandLine {
  readonly place: string;
  readonly args: readonly string[];
}

/** Every call of drop in a block of shell or of a service's configuration, wherever in the line it stands. */
function commandLines({ page, line, language, text }: Block): readonly CommandLine[] {
  if (!/^(sh|bash|shell|console|ya?ml)$/.test(language)) return [];
  return text
    .replaceAll("\\\n", " ")
    .split("\n")
    .flatMap((source, index) =>
      simpleCommands(source).flatMap((words) => {
        const at = words.indexOf("drop");
        const before = words
          .slice(0, Math.max(at, 0))
          .map((word) => `${word} `)
          .join("");
        // In YAML a command comes after a key or a dash; elsewhere after variables or npx.
        const starts = /^(- )?((run|script|entry): )?((\w+=\S* )*|npx |\$ )$/.test(before);
        if (at < 0 || !starts || words[at + 1] === undefined) return [];
        return [{ place: `${page}:${line + index + 1}`, args: words.slice(at + 1) }];
      }),
    );
}

/** The words of each command of a line; quotes are undone, redirections and comments left out. */
function simpleCommands(line: string): readonly (readonly string[])[] {
  const commands: string[][] = [[]];
  let isTarget = false;
  for (const [token] of line.matchAll(/'[^']*'|"[^"]*"|#.*|[|&;]+|\d?>+&?|<+|[^\s'"|&;<>]+/g)) {
    if (token.startsWith("#")) break;
    if (/^[|&;]/.test(token)) commands.push([]);
    else if (/^\d?[<>]/.test(token)) isTarget = true;
    else if (isTarget) isTarget = false;
    else commands.at(-1)?.push(token.replace(/^(['"])(.*)\1$/, "$2"));
  }
  return commands;
}

/** Why commander refuses the arguments, without anything being run. */
function usageMistake(args: readonly string[]): string | undefined {
  const said: string[] = [];
  const output = {
    isTerminal: false,
    columns: 80,
    paint: (_: unknown, text: string) => text,
    write: async (text: string) => void said.push(text),
  };
  const terminal = {
    stdin: new PassThrough(),
    stdout: output,
    stderr: output,
    env: {},
    folder: "/",
  };
  const { signal } = new AbortController();
  const program = createProgram({ version: "1.0.0", signal, terminal }, () => undefined);
  for (const command of program.commands) command.action(() => undefined);
  try {
    program.parse(args, { from: "user" });
    return undefined;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return undefined;
    return said.join("") || String(error);
  }
}
