import assert from "node:assert/strict";
import { cp, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { stringify } from "yaml";
import type { Outside } from "../../src/cli/context.ts";
import { resolveHost } from "../../src/runtime/endpoint-guard.ts";
import { systemClock } from "../../src/runtime/http-clock.ts";
import { type FaultServer, faultServer } from "../runtime/fault-server.ts";
import { type Folder, makeFolder } from "../support/folder.ts";
import {
  type Fault,
  faults,
  healthy,
  type Outcome,
  type SourceKind,
  TAGS,
} from "../support/quirks/faults.ts";
import { type Ran, runDrop } from "../support/quirks/run-drop.ts";
import { makeAuthority } from "../support/quirks/tls.ts";

const RUNS = ["first run", "later run"] as const;
const SINKS = ["stdout", "folder"] as const;
const KINDS = ["registry", "prometheus"] as const;

/** Only the password is secret. */
const PASSWORD = "hunter2-of-the-matrix";
const SECRET_TEXTS = [PASSWORD, Buffer.from(`robot:${PASSWORD}`).toString("base64")];
const ENV = { MATRIX_PASSWORD: PASSWORD, MATRIX_USER: "robot" };

let folder: Folder;
let steady: FaultServer;
const well = new Map<SourceKind, FaultServer>();
const matrix: string[][] = [];
let cells = 0;

before(async () => {
  folder = await makeFolder("fault-matrix");
  steady = await faultServer((_, response) => healthy("registry", response));
  for (const kind of KINDS) {
    const server = await faultServer((_, response) => healthy(kind, response));
    well.set(kind, server);
    await rememberedRun(kind, server);
  }
});

after(async () => {
  for (const server of [steady, ...well.values()]) await server?.[Symbol.asyncDispose]();
  await folder?.remove();
});

/** Waits take no time, and a deadline passes `hurry` times as fast. */
function outsideWith(hurry: number, resolve = resolveHost): Outside {
  let skippedMs = 0;
  return {
    resolve,
    clock: {
      now: () => systemClock.now() + skippedMs,
      random: () => 0.5,
      deadline: (milliseconds) => systemClock.deadline(milliseconds / hurry),
      async sleep(milliseconds, signal) {
        signal.throwIfAborted();
        skippedMs += milliseconds;
      },
    },
  };
}

interface Sources {
  readonly kind: SourceKind;
  /** Of the source in question, and of the other one. */
  readonly url: string;
  readonly otherUrl: string;
  readonly isAnonymous: boolean;
}

/** A set of one image of its own and what two sources find, the one in question and another. */
function inputsFor({ kind, url, otherUrl, isAnonymous }: Sources): string {
  const apiVersion = "drop.corewire.io/v1alpha1";
  const topX = { topX: 2 };
  const repositories = { repositories: ["team/app"], ...topX };
  const imageTemplate = "found.example.com/{{ .Repository }}:{{ .Tag }}";
  const question =
    kind === "registry"
      ? { type: "registry", registry: { url, ...repositories, imageTemplate } }
      : { type: "prometheus", prometheus: { endpoint: url, query: "count(up) by (image)" } };
  const secretRef = isAnonymous ? {} : { secretRef: { name: "creds" } };
  const other = {
    url: otherUrl,
    ...repositories,
    imageTemplate: "steady.example.com/app:{{ .Tag }}",
  };
  const objects = [
    {
      apiVersion,
      kind: "CachedImageSet",
      metadata: { name: "images" },
      spec: {
        images: [{ image: "static.example.com/base", tag: "1" }],
        discoveryPolicyRef: { name: "policy" },
      },
    },
    {
      apiVersion,
      kind: "DiscoveryPolicy",
      metadata: { name: "policy" },
      spec: {
        sources: [
          { name: "in-question", ...question, ...secretRef },
          { name: "steady", type: "registry", registry: other },
        ],
      },
    },
  ];
  return objects.map((object) => `---\n${stringify(object)}`).join("");
}

/** The texts that name the images: as the CachedImages of the healthy run have them. */
function imagesOf(kind: SourceKind): readonly string[] {
  const from = kind === "registry" ? "found.example.com/team/app" : "used.example.com/team/app";
  return TAGS.map((tag) => `${from}:${tag}`);
}
const ALWAYS = ["static.example.com/base:1", ...TAGS.map((tag) => `steady.example.com/app:${tag}`)];

async function newFolder(): Promise<string> {
  const path = join(folder.path, String(cells++));
  await mkdir(path);
  return path;
}

const LOGIN = [
  ...["--secret", "creds/username=env:MATRIX_USER"],
  ...["--secret", "creds/password=env:MATRIX_PASSWORD"],
];

/** What a folder holds after a run in which everything answered. */
async function rememberedRun(kind: SourceKind, server: FaultServer): Promise<void> {
  const path = join(folder.path, `well-${kind}`);
  await mkdir(path);
  const sources = { kind, url: server.url, otherUrl: steady.url, isAnonymous: false };
  await writeFile(join(path, "in.yaml"), inputsFor(sources));
  const args = ["render", join(path, "in.yaml"), "--output-dir", join(path, "out"), ...LOGIN];
  const ran = await runDrop(args, { folder: path, env: ENV, outside: outsideWith(1) });
  assert.equal(ran.code, 0, ran.stderr);
}

interface Cell {
  readonly fault: Fault;
  readonly kind: SourceKind;
  readonly run: (typeof RUNS)[number];
  readonly sink: (typeof SINKS)[number];
  /** Whether the other source is in the same trouble, so that none answers. */
  readonly isEverySource: boolean;
  readonly flags?: readonly string[];
}

/** A run, what it left in the folder, and the images in what it made. */
interface CellRan extends Ran {
  readonly before: ReadonlyMap<string, string>;
  readonly files: ReadonlyMap<string, string>;
  readonly images: ReadonlySet<string>;
}

async function runCell(cell: Cell): Promise<CellRan> {
  const { fault, kind, run, sink, isEverySource, flags = [] } = cell;
  await using trouble = await fault.start(kind);
  const path = await newFolder();
  const out = join(path, "out");
  const remembered = join(folder.path, `well-${kind}`, "out");
  if (run === "later run") await cp(remembered, out, { recursive: true });
  const before = await filesIn(out);
  const isAnonymous = fault.isAnonymous === true;
  const otherUrl = isEverySource ? trouble.url : steady.url;
  const sources = { kind, url: trouble.url, otherUrl, isAnonymous };
  await writeFile(join(path, "in.yaml"), inputsFor(sources));
  const memory = run === "later run" ? ["--output-dir", out, "--dry-run"] : [];
  const where = sink === "stdout" ? ["-o", "yaml", ...memory] : ["--output-dir", out];
  const args = ["render", join(path, "in.yaml"), "-v", ...LOGIN, ...where, ...flags];
  const outside = outsideWith(fault.hurry ?? 1, trouble.resolve);
  const ran = await runDrop(args, { folder: path, env: ENV, outside });
  const files = await filesIn(out);
  const text = sink === "stdout" ? ran.stdout : [...files.values()].join("---\n");
  return { ...ran, files, before, images: imagesIn(text) };
}

async function filesIn(path: string): Promise<ReadonlyMap<string, string>> {
  const files = new Map<string, string>();
  const entries = await readdir(path, { recursive: true, withFileTypes: true }).catch(() => []);
  for (const entry of entries.filter((one) => one.isFile())) {
    const file = join(entry.parentPath, entry.name);
    files.set(file, await readFile(file, "utf8"));
  }
  return files;
}

function imagesIn(text: string): Set<string> {
  const found = text.matchAll(/^ {2}image: "?([^"\n]+)"?\n(?: {2}.*\n)*? {2}tag: "?([^"\n]+)"?$/gm);
  return new Set(Array.from(found, ([, image, tag]) => `${image}:${tag}`));
}

/** All but the lock, which remembers the address of a source too. */
function manifests(files: ReadonlyMap<string, string>): readonly (readonly [string, string])[] {
  return [...files].filter(([path]) => !path.endsWith(".drop.lock"));
}

/** With something remembered, or at least a part of the answer, nothing is amiss. */
function expectedCode(outcome: Outcome, run: Cell["run"]): number {
  return outcome === "failed" && run === "first run" ? 3 : 0;
}

/** Where no source answered and nothing is remembered not even the static image: the set is left as it is. */
function expectedImages({ fault, kind, run, isEverySource }: Cell): readonly string[] {
  if (fault.outcome !== "failed" || run === "later run") return [...ALWAYS, ...imagesOf(kind)];
  return isEverySource ? [] : ALWAYS;
}

function assertCell(cell: Cell, ran: CellRan): void {
  const { fault, run, sink } = cell;
  const everything = `${ran.stdout}${ran.stderr}${[...ran.files.values()].join("")}`;
  assert.equal(ran.code, expectedCode(fault.outcome, run), ran.stderr);
  for (const secret of SECRET_TEXTS) assert.ok(!everything.includes(secret), `${secret} is out`);

  assert.deepEqual([...ran.images].sort(), [...expectedImages(cell)].sort());
  if (run === "later run" && (sink === "stdout" || fault.outcome !== "complete")) {
    assert.deepEqual(manifests(ran.files), manifests(ran.before), "the folder changed");
  }
  if (cell.isEverySource && run === "first run") {
    assert.equal(sink === "stdout" ? ran.stdout : "", "", "nothing is written");
    assert.deepEqual([...ran.files], [], "nothing is written");
  }

  const label = fault.outcome === "complete" ? "note" : ran.code === 3 ? "error" : "warning";
  const line = ran.stderr.split("\n").find((text) => text.startsWith(`${label}: `));
  if (fault.cause === undefined) assert.equal(line, undefined);
  else {
    assert.match(line ?? ran.stderr, fault.cause);
    assert.match(line ?? "", /CachedImageSet\/images: in-question: /);
  }
  if (fault.fix !== undefined) assert.match(line ?? "", fault.fix);
}

const authority = await makeAuthority();

async function assertRow(cell: Pick<Cell, "fault" | "kind" | "isEverySource">): Promise<void> {
  const row = [`${cell.fault.name} (${cell.isEverySource ? "every source" : cell.kind})`];
  for (const run of RUNS) {
    for (const sink of SINKS) {
      const ran = await runCell({ ...cell, run, sink });
      row.push(`${ran.code}, ${ran.images.size} images`);
      assertCell({ ...cell, run, sink }, ran);
    }
  }
  matrix.push(row);
}

for (const fault of faults(authority)) {
  for (const kind of fault.kinds) {
    test(`${fault.name} of a ${kind} source: exit code, cause and fix are right, and no image is lost`, async () => {
      await assertRow({ fault, kind, isEverySource: false });
    });
  }
  if (fault.outcome === "failed") {
    test(`${fault.name} of every source: nothing is written at first, and later all images stay`, async () => {
      await assertRow({ fault, kind: "registry", isEverySource: true });
    });
  }
}

test("with --strict remembered images stay where no source answers, and it is an error", async () => {
  const [fault] = faults(authority);
  assert.ok(fault);
  const base = { fault, kind: "registry", run: "later run", isEverySource: true } as const;
  for (const sink of SINKS) {
    const cell = { ...base, sink, flags: ["--strict"] };
    const ran = await runCell(cell);
    assert.equal(ran.code, 3, ran.stderr);
    assert.deepEqual([...ran.images].sort(), [...expectedImages(cell)].sort());
    assert.deepEqual(manifests(ran.files), manifests(ran.before));
    assert.match(ran.stderr, /^error: CachedImageSet\/images: steady: /m);
  }
});

test("the matrix", (t) => {
  const head = ["fault", ...RUNS.flatMap((run) => SINKS.map((sink) => `${run}, ${sink}`))];
  const widths = head.map((_, column) =>
    Math.max(...[head, ...matrix].map((row) => (row[column] ?? "").length)),
  );
  for (const row of [head, ...matrix]) {
    t.diagnostic(row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  "));
  }
});
