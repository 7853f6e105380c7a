import assert from "node:assert/strict";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { Ajv } from "ajv";
import { Ajv2020 } from "ajv/dist/2020.js";
import fc from "fast-check";
import { element, xmlText } from "../../src/cli/validate/reports/xml.ts";
import { run } from "../support/child.ts";
import { drop, projectFolder } from "../support/drop.ts";
import { type Folder, makeFolder } from "../support/folder.ts";
import { tool, unavailable } from "../support/tools.ts";

/** What hostile text brings: markup, escapes of every format, controls, halves of characters, other directions. */
const HOSTILE = "]]>&<a>\"'::error::,%0A{0}[x](http://a)\u202e\u0085日本 😀";

const WRONG = `apiVersion: drop.corewire.io/v1alpha1
kind: CachedImage
metadata:
  name: web
spec:
  image: nginx
  tag: "x y"
  imagePullPolicy: Sometimes
---
apiVersion: drop.corewire.io/v1alpha1
kind: CachedImage
metadata:
  name: ${JSON.stringify(HOSTILE)}
spec:
  image: ${JSON.stringify(HOSTILE)}
  tag: ${JSON.stringify(`\u0000\u0001\u001b[31m${HOSTILE}`)}
  ${JSON.stringify(HOSTILE)}: true
`;

const RIGHT = `apiVersion: drop.corewire.io/v1alpha1
kind: CachedImage
metadata: { name: fine }
spec: { image: docker.io/library/nginx, tag: "1.29" }
`;

interface Problem {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly severity: string;
  readonly rule: string;
  readonly message: string;
}

const noXmllint = await unavailable("xmllint");

interface Report {
  readonly mistakes: number;
  readonly warnings: number;
  readonly problems: readonly Problem[];
}

describe("drop validate", () => {
  let folder: Folder;

  before(async () => {
    folder = await makeFolder("reports");
    const sets = join(folder.path, "sets", "a b:c#d");
    await mkdir(sets, { recursive: true });
    await writeFile(join(folder.path, "sets", "wrong.yaml"), WRONG);
    await writeFile(join(folder.path, "sets", "right.yaml"), RIGHT);
    await writeFile(join(sets, "torn,50%.yaml"), "# drop.corewire.io\na: [1\n---\nb: {\n");
  });

  after(() => folder.remove());

  function validate(...args: readonly string[]) {
    return drop(["validate", ...args], { cwd: folder.path });
  }

  async function problems(...args: readonly string[]): Promise<readonly Problem[]> {
    const { stdout } = await validate("-o", "json", ...args);
    return JSON.parse(stdout).problems;
  }

  test("gives every format the same exit code and bytes, and no control character", async () => {
    for (const format of ["text", "json", "sarif", "junit", "github", "gitlab"]) {
      const [wrong, again, right] = await Promise.all([
        validate("-o", format, "sets"),
        validate("-o", format, "sets"),
        validate("-o", format, "sets/right.yaml"),
      ]);
      assert.equal(wrong.code, 2, `${format}: ${wrong.stderr}`);
      assert.match(wrong.stderr, /^\d+ mistakes and 1 warning in 3 objects from 3 files\n$/);
      assert.equal(right.code, 0, right.stderr);
      assert.equal(again.stdout, wrong.stdout, format);
      // Nor a mark that turns the direction of text around.
      assert.doesNotMatch(wrong.stdout, /[^\P{Cc}\n]|\p{Cf}/u, format);
    }
  });

  test("writes json as the published schema says, field for field", async () => {
    const path = join(projectFolder, "schemas", "validate.schema.json");
    const schema = JSON.parse(await readFile(path, "utf8"));
    const published = new Ajv2020({ allErrors: true }).compile(schema);
    // The published schema lets later versions add fields; this one has none that it does not describe.
    schema.additionalProperties = false;
    schema.$defs.problem.additionalProperties = false;
    const complete = new Ajv2020({ allErrors: true }).compile(schema);
    for (const path of ["sets", "sets/right.yaml", join(projectFolder, "examples")]) {
      const report: Report = JSON.parse((await validate("-o", "json", path)).stdout);
      assert.equal(published(report), true, JSON.stringify(published.errors));
      assert.equal(complete(report), true, JSON.stringify(complete.errors));
      const { mistakes, warnings } = report;
      const severities = report.problems.map(({ severity }) => severity);
      assert.equal(mistakes, severities.filter((one) => one === "error").length);
      assert.equal(mistakes + warnings, severities.length);
    }
    assert.equal(published({ files: 1 }), false);
  });

  test("writes sarif that GitHub takes: every result with its rule, place and fingerprint", async () => {
    const sarif = await compiled("sarif.schema.json");
    const { stdout } = await validate("-o", "sarif", "sets");
    const log = JSON.parse(stdout);
    const [{ tool: made, results }] = log.runs;
    assert.ok(sarif(log), JSON.stringify(sarif.errors, null, 1));
    const found = await problems("sets");
    assert.equal(results.length, found.length);
    for (const [at, result] of results.entries()) {
      const { rule, severity, line, column, file } = found[at] ?? {};
      assert.equal(made.driver.rules[result.ruleIndex].id, result.ruleId);
      assert.deepEqual([result.ruleId, result.level], [rule, severity]);
      const { artifactLocation, region } = result.locations[0].physicalLocation;
      assert.deepEqual(region, { startLine: line, startColumn: column });
      assert.equal(decodeURIComponent(artifactLocation.uri), file);
    }
    const uris = new Set(results.map((one: Result) => uriOf(one)));
    assert.deepEqual([...uris].sort(), ["sets/a%20b%3Ac%23d/torn%2C50%25.yaml", "sets/wrong.yaml"]);
  });

  test("names a file outside of the working directory by a file URI", async () => {
    const args = ["validate", "-o", "sarif", "../wrong.yaml"];
    const { stdout } = await drop(args, { cwd: join(folder.path, "sets", "a b:c#d") });
    const [{ results }] = JSON.parse(stdout).runs;
    assert.equal(uriOf(results[0]), `file://${join(folder.path, "sets", "wrong.yaml")}`);
  });

  test("names a file by its whole path, however long", async () => {
    const way = join("deep", ...Array.from({ length: 12 }, (_, at) => `${at}`.padEnd(30, "x")));
    await mkdir(join(folder.path, way), { recursive: true });
    for (const name of ["a.yaml", "b.yaml"]) {
      await writeFile(join(folder.path, way, name), RIGHT.replace("docker.io/library/", ""));
    }
    const found = await problems("deep");
    const files = new Set(found.map(({ file }) => file));
    assert.deepEqual(files, new Set([join(way, "a.yaml"), join(way, "b.yaml")]));
  });

  test("describes every rule in sarif, the same on every run", async () => {
    const { stdout } = await validate("-o", "sarif", "sets/right.yaml");
    const [{ tool: made, results }] = JSON.parse(stdout).runs;
    assert.deepEqual(results, []);
    const ids: readonly string[] = made.driver.rules.map(({ id }: { id: string }) => id);
    assert.ok(ids.includes("DROP1008") && ids.includes("DROP2001"));
    assert.deepEqual(ids, [...new Set(ids)].sort());
  });

  test("keeps the fingerprint of a problem when lines come above it, and gives no two the same", async () => {
    const sarif = await compiled("sarif.schema.json");
    const { stdout: before } = await validate("-o", "sarif", "sets/wrong.yaml");
    await writeFile(join(folder.path, "sets", "wrong.yaml"), `# one\n# two\n${WRONG}`);
    const { stdout: later } = await validate("-o", "sarif", "sets/wrong.yaml");
    await writeFile(join(folder.path, "sets", "wrong.yaml"), WRONG);
    assert.ok(sarif(JSON.parse(later)));
    const [one, two] = [before, later].map((text) => printsOf(JSON.parse(text)));
    assert.deepEqual(one, two);
    assert.equal(new Set(one).size, one?.length);
    assert.notEqual(before, later);
  });

  test("writes GitLab's code quality: relative paths, lines, and fingerprints of which no two are alike", async () => {
    const gitlab = await compiled("gitlab.schema.json");
    const { stdout } = await validate("-o", "gitlab", join(folder.path, "sets"));
    const findings: readonly Finding[] = JSON.parse(stdout);
    assert.ok(gitlab(findings), JSON.stringify(gitlab.errors));
    const found = await problems("sets");
    assert.deepEqual(
      findings.map(({ check_name, location }) => [check_name, location.path, location.lines.begin]),
      found.map(({ rule, file, line }) => [rule, file, line]),
    );
    assert.deepEqual(
      findings.map(({ severity }) => (severity === "major" ? "error" : "warning")),
      found.map(({ severity }) => severity),
    );
    assert.equal(new Set(findings.map((one) => one.fingerprint)).size, findings.length);
    assert.deepEqual(JSON.parse((await validate("-o", "gitlab", "sets/right.yaml")).stdout), []);
  });

  test("writes workflow commands from which GitHub's runner reads the very same problems", async () => {
    const { stdout } = await validate("-o", "github", "sets");
    const found = await problems("sets");
    const commands = stdout.trimEnd().split("\n").map(readCommand);
    assert.deepEqual(
      commands.map(({ command, properties: { file, line, col } }) => [command, file, line, col]),
      found.map(({ severity, file, line, column }) => [severity, file, `${line}`, `${column}`]),
    );
    for (const [at, { properties, message }] of commands.entries()) {
      const { rule, message: wanted } = found[at] ?? { rule: "", message: "" };
      assert.match(properties["title"] ?? "", new RegExp(`^[A-Z].* \\(${rule}\\)$`));
      assert.ok(message.endsWith(wanted.slice(0, -` [${rule}]`.length)), message);
    }
  });

  test("names no file in a workflow command about standard input", async () => {
    const { stdout } = await drop(["validate", "-o", "github", "-"], { stdin: WRONG });
    const [first] = stdout.split("\n").map(readCommand);
    assert.equal(first?.properties["file"], undefined);
    assert.match(first?.message ?? "", /^line 6: CachedImage web: /);
  });

  test("fails a junit case, and the run, for a warning only where --fail-on warning asks for it", async () => {
    const short = RIGHT.replace("docker.io/library/nginx", "nginx");
    await writeFile(join(folder.path, "short.yaml"), short);
    const lenient = await validate("-o", "junit", "short.yaml");
    assert.equal(lenient.code, 0);
    assert.match(lenient.stdout, /<system-out>short.yaml:.*DROP2003/);
    assert.doesNotMatch(lenient.stdout, /<failure/);
    const strict = await validate("-o", "junit", "--fail-on", "warning", "short.yaml");
    assert.equal(strict.code, 2);
    assert.match(strict.stdout, /<failure .*DROP2003/);
  });

  describe("with xmllint", { skip: noXmllint }, () => {
    test("writes junit that the readers' schema takes, a case for each object and one for each file", async () => {
      const { stdout } = await validate("-o", "junit", "sets");
      await lint(stdout, "--schema", join(import.meta.dirname, "reports", "junit.xsd"));
      const counts = await Promise.all(
        ["//testsuite", "//testcase", "//failure", "//testcase[@name='text']/failure"].map((path) =>
          lint(stdout, "--xpath", `count(${path})`),
        ),
      );
      assert.deepEqual(counts, ["3", "6", "3", "1"]);
      const totals = await lint(stdout, "--xpath", "concat(/*/@tests, ' ', /*/@failures)");
      assert.equal(totals, "6 3");
      const [failure] = await problems("sets/wrong.yaml").then((all) =>
        all.filter(({ rule }) => rule === "DROP1008"),
      );
      const web = "string(//testcase[@name='CachedImage web']/failure)";
      assert.ok((await lint(stdout, "--xpath", web)).includes(failure?.message ?? "?"));
    });

    test("writes XML from which a parser reads back any text", async () => {
      const texts = fc.sample(fc.string({ unit: "binary", maxLength: 40 }), 200);
      texts.push(HOSTILE, "\u0000\ud800\ufffe\r\n\t", "--><!--]]>");
      const items = texts.map((text) => element("i", { a: text }, [xmlText(text)]));
      const xml = `<?xml version="1.0" encoding="UTF-8"?>${element("r", {}, items)}`;
      await lint(xml, "--noout");
      const canonical = await lint(xml, "--c14n");
      assert.equal(canonical.match(/<i /g)?.length, texts.length);
      const kept = "tab\tline\nreturn\r<&>\"'";
      const one = element("i", { a: kept }, [xmlText(kept)]);
      // xmllint ends what it prints with a line feed of its own.
      assert.equal(await lint(one, "--xpath", "string(/i/@a)"), kept);
      assert.equal(await lint(one, "--xpath", "string(/i)"), kept);
    });

    async function lint(xml: string, ...args: readonly string[]): Promise<string> {
      const { code, stdout, stderr } = await run(await tool("xmllint"), [...args, "-"], {
        stdin: xml,
      });
      assert.equal(code, 0, stderr);
      return stdout.replace(/\n$/, "");
    }
  });

  async function compiled(name: string) {
    const text = await readFile(join(import.meta.dirname, "reports", name), "utf8");
    return new Ajv({ allErrors: true, validateFormats: false }).compile(JSON.parse(text));
  }
});

interface Result {
  readonly partialFingerprints: Readonly<Record<string, string>>;
  readonly locations: readonly [
    { readonly physicalLocation: { readonly artifactLocation: { readonly uri: string } } },
  ];
}

function uriOf({ locations }: Result): string {
  return locations[0].physicalLocation.artifactLocation.uri;
}

function printsOf(log: { readonly runs: readonly { readonly results: readonly Result[] }[] }) {
  return log.runs.flatMap(({ results }) =>
    results.map(({ partialFingerprints }) => partialFingerprints["dropProblem/v1"]),
  );
}

interface Finding {
  readonly check_name: string;
  readonly fingerprint: string;
  readonly severity: string;
  readonly location: { readonly path: string; readonly lines: { readonly begin: number } };
}

/** Reads a workflow command as the runner does: split at the first `::`, at commas, then unescaped. */
function readCommand(line: string) {
  const [, command = "", list = "", text = ""] = /^::(\w+) (.*?)::(.*)$/.exec(line) ?? [];
  const entries = list.split(",").map((part) => {
    const at = part.indexOf("=");
    const value = part.slice(at + 1).replaceAll("%2C", ",");
    return [part.slice(0, at), unescaped(value.replaceAll("%3A", ":"))];
  });
  const properties: Readonly<Record<string, string>> = Object.fromEntries(entries);
  return { command, properties, message: unescaped(text) };
}

function unescaped(text: string): string {
  return text.replaceAll("%0A", "\n").replaceAll("%0D", "\r").replaceAll("%25", "%");
}
