import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync, rmSync, statSync, watch } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Readable, Writable } from "node:stream";
import { test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { build } from "esbuild";
import { runProgram } from "../../src/cli/program.ts";
import { outputTo } from "../../src/cli/terminal/terminal.ts";
import { atExit } from "../support/at-exit.ts";
import { run } from "../support/child.ts";
import { projectFolder } from "../support/drop.ts";
import { makeFastFolder } from "../support/folder.ts";
import { randomOf } from "../support/random.ts";

const KILLS = 200;
const AT_ONCE = 2;
const BATCH = 20;
/** The sequence of delays is the same in every run; where they hit depends on the machine. */
const SEED = 20_261_122;

type Files = ReadonlyMap<string, string>;

function setText(name: string, images: readonly string[], more = ""): string {
  const entries = images.map((image) => `    - {image: quay.io/x/${image}, tag: "1"}\n`);
  return `---
apiVersion: drop.corewire.io/v1alpha1
kind: CachedImageSet
metadata: {name: ${name}}
spec:
${more}  images:${entries.length > 0 ? `\n${entries.join("")}` : " []\n"}`;
}

function named(prefix: string, from: number, to: number): readonly string[] {
  return Array.from({ length: to - from }, (_, index) => `${prefix}-${from + index}`);
}

const POLICY = `---
apiVersion: drop.corewire.io/v1alpha1
kind: DiscoveryPolicy
metadata: {name: popular}
spec:
  sources:
    - {name: usage, type: prometheus, prometheus: {endpoint: "https://metrics.example.com", query: up}}
`;

function recordedText(images: readonly string[]): string {
  const lines = images.map(
    (image, index) =>
      `    - {image: "quay.io/x/${image}:1", score: ${1000 - index}, source: usage}\n`,
  );
  return `${POLICY}status:\n  discoveredImages:\n${lines.join("")}  sources: [{name: usage, healthy: true, imageCount: 1}]\n`;
}

const FOUND = "  discoveryPolicyRef: {name: popular}\n";

/** Every kind of change at once: settings, images that come, go and stay, a set that is new and one that is gone. */
const BEFORE = {
  sets:
    setText("changed", named("a", 0, 100), "  imagePullPolicy: Always\n") +
    setText("found", [], FOUND) +
    setText("gone", named("c", 0, 40)) +
    setText("moved", named("d", 0, 80)) +
    POLICY,
  recorded: recordedText(named("f", 0, 40)),
};
const AFTER = {
  sets:
    setText("changed", named("a", 0, 100), "  imagePullPolicy: IfNotPresent\n") +
    setText("found", [], FOUND) +
    setText("fresh", named("e", 0, 40)) +
    setText("moved", named("d", 40, 120)) +
    POLICY,
  recorded: recordedText(named("f", 10, 50)),
};

test(`killed at ${KILLS} points of a render, the next one ends where an undisturbed one does`, {
  timeout: 280_000,
}, async (t) => {
  const folder = await makeFastFolder("kill");
  t.after(() => folder.remove());
  const bench = await makeBench(folder.path);
  const expected = readFiles(bench.finished);
  const prepared = readFiles(bench.prepared);
  assert.ok(expected.size > 250, `${expected.size} files`);

  const hits = { before: 0, during: 0, after: 0 };
  const timing = await timed(bench);
  const points = pointsOver(timing);
  const enough = KILLS / 10;
  const most = 2 * KILLS;
  // A fast machine writes everything between two looks at the clock: then it is killed more often.
  for (let begin = 0; begin < KILLS || (hits.during < enough && begin < most); begin += BATCH) {
    // Recovering takes this process's own time, so that it must not run while others wait for their kill.
    const outs = await killAll(bench, Array.from({ length: BATCH }, points));
    for (const out of outs) {
      hits[phaseOf(readFiles(out), prepared, expected)] += 1;
      await renderedHere(bench, out);
      assert.deepEqual(readFiles(out), expected, out);
      rmSync(out, { recursive: true });
    }
  }
  const { first, last, end } = timing;
  t.diagnostic(
    `a render changes files from ${Math.round(first)} to ${Math.round(last)} of ${end} ms`,
  );
  t.diagnostic(
    `killed ${hits.before} times before the first write, ${hits.during} between, ${hits.after} after the last`,
  );
  assert.ok(hits.during >= enough, "too few kills hit a folder half written");
});

interface Bench {
  readonly root: string;
  /** An output folder as it was rendered from the inputs before. */
  readonly prepared: string;
  /** The same after an undisturbed render of the inputs that follow. */
  readonly finished: string;
  /** The command that renders the inputs that follow. */
  readonly command: (out: string) => readonly string[];
}

async function makeBench(root: string): Promise<Bench> {
  const program = join(root, "program");
  await build({
    absWorkingDir: projectFolder,
    entryPoints: { drop: "src/cli/main.ts" },
    outdir: program,
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    target: "node22.19",
    outExtension: { ".js": ".mjs" },
    logLevel: "error",
    banner: {
      js: 'import{createRequire as dropRequire}from"node:module";const require=dropRequire(import.meta.url);',
    },
  });
  for (const [name, { sets, recorded }] of Object.entries({ before: BEFORE, after: AFTER })) {
    await mkdir(join(root, name));
    await writeFile(join(root, name, "sets.yaml"), sets);
    await writeFile(join(root, `${name}-recorded.yaml`), recorded);
  }
  const commandFor = (inputs: string) => (out: string) => [
    join(program, "drop.mjs"),
    ...["render", join(root, inputs), "--output-dir", out, "--prune-sets"],
    ...["--discovered", join(root, `${inputs}-recorded.yaml`)],
  ];
  const prepared = join(root, "prepared");
  await rendered(commandFor("before")(prepared));
  const finished = join(root, "finished");
  await copied(prepared, finished);
  await rendered(commandFor("after")(finished));
  return { root, prepared, finished, command: commandFor("after") };
}

/** A copy made of links, which is fast: Drop replaces files and writes into none. */
async function copied(from: string, to: string): Promise<void> {
  const { code, stderr } = await run("cp", ["-rl", from, to]);
  assert.equal(code, 0, stderr);
}

/** As `readFiles` of the goldens, and many times faster for many small files. */
function readFiles(folder: string): Files {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name));
  return new Map(
    paths.sort().map((path) => [path.slice(folder.length + 1), readFileSync(path, "utf8")]),
  );
}

const ENVIRONMENT = { PATH: process.env["PATH"] ?? "", HOME: "/nonexistent" };

async function rendered(command: readonly string[]): Promise<void> {
  const { code, stderr } = await run(process.execPath, command, { env: ENVIRONMENT });
  assert.equal(code, 0, stderr);
}

/** The next run, by the same code as the command but in this process, which is faster to start. */
async function renderedHere({ root, command }: Bench, out: string): Promise<void> {
  const said: string[] = [];
  const output = outputTo(
    new Writable({
      write(chunk, _encoding, done) {
        said.push(String(chunk));
        done();
      },
    }),
    {},
  );
  const terminal = { stdin: Readable.from([]), stdout: output, stderr: output, env: {} };
  const [, ...args] = command(out);
  const signal = new AbortController().signal;
  const invocation = { args, version: "0", signal, terminal: { ...terminal, folder: root } };
  assert.equal(await runProgram(invocation), 0, said.join(""));
}

/** Kills a render in a folder of its own at each of these points, a few at once. */
async function killAll(bench: Bench, points: readonly Point[]): Promise<readonly string[]> {
  const outs = points.map((_, index) => join(bench.root, `out-${index}`));
  for (const out of outs) await copied(bench.prepared, out);
  const queue = points.entries();
  async function killNext(): Promise<void> {
    for (const [index, point] of queue) await killed(bench, outs[index] ?? "", point);
  }
  await Promise.all(Array.from({ length: AT_ONCE }, killNext));
  return outs;
}

/** When to kill a render: so many milliseconds after its process starts, or after it first changes a file. */
interface Point {
  readonly after: "start" | "firstChange";
  readonly ms: number;
}

/** Starts a render and kills it at a point, unless it has ended by then. */
async function killed({ command }: Bench, out: string, { after, ms }: Point): Promise<void> {
  const done = new AbortController();
  const { signal } = done;
  // The first file that is changed is the lock of the first set.
  const changed = once(watch(join(out, "changed"), { signal }), "change", { signal });
  const child = spawn(process.execPath, command(out), { env: ENVIRONMENT, stdio: "ignore" });
  const forget = atExit(() => child.kill("SIGKILL"));
  const ended = once(child, "exit");
  const begun = after === "start" ? Promise.resolve() : changed;
  const due = begun.then(() => wait(ms, undefined, { signal }));
  const outcome = Promise.race([ended, due]);
  for (const promise of [changed, due]) promise.catch(() => undefined);
  await outcome;
  child.kill("SIGKILL");
  await ended;
  done.abort();
  forget();
}

interface Timing {
  /** In milliseconds after the start: the first change of a file, the last, and the end of the process. */
  readonly first: number;
  readonly last: number;
  readonly end: number;
}

/** What a render takes while as many run as will. */
async function timed(bench: Bench): Promise<Timing> {
  const timings = await Promise.all(
    Array.from({ length: AT_ONCE }, async (_, index) => {
      const out = join(bench.root, `timed-${index}`);
      await copied(bench.prepared, out);
      const start = Date.now();
      await rendered(bench.command(out));
      const end = Date.now() - start;
      const times = changeTimes(out, start);
      return { first: Math.min(...times), last: Math.max(...times), end };
    }),
  );
  return {
    first: Math.min(...timings.map(({ first }) => first)),
    last: Math.max(...timings.map(({ last }) => last)),
    end: Math.max(...timings.map(({ end }) => end)),
  };
}

function changeTimes(out: string, start: number): readonly number[] {
  const times = [...readFiles(out).keys()].map((path) => statSync(join(out, path)).mtimeMs - start);
  return times.filter((time) => time > 0);
}

/** Gives points: every other one lies anywhere in the run, the rest where it changes files, and more so after `KILLS`. */
function pointsOver({ first, last, end }: Timing): () => Point {
  const chance = randomOf(SEED);
  let given = 0;
  return () => {
    given += 1;
    if (given % 2 === 0 && given <= KILLS) return { after: "start", ms: chance() * end };
    const span = given <= KILLS ? last - first : (last - first) / 2;
    return { after: "firstChange", ms: chance() * span };
  };
}

function phaseOf(files: Files, prepared: Files, expected: Files): "before" | "during" | "after" {
  if (isEqual(files, prepared)) return "before";
  return isEqual(files, expected) ? "after" : "during";
}

function isEqual(one: Files, other: Files): boolean {
  return one.size === other.size && [...one].every(([path, text]) => other.get(path) === text);
}
