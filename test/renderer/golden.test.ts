import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { parseAllDocuments } from "yaml";
import { decode } from "../../src/api/decode.ts";
import type { CachedImageSet, DiscoveryPolicy } from "../../src/api/types.gen.ts";
import { applyActions } from "../../src/renderer/folder/directory-sink.ts";
import { readTree } from "../../src/renderer/folder/read-tree.ts";
import { yamlStream } from "../../src/renderer/folder/stdout-sink.ts";
import { planJson, planText } from "../../src/renderer/plan/text.ts";
import { replayedOutcomes } from "../../src/renderer/replay.ts";
import { renderTargets } from "../../src/renderer/run.ts";
import { run } from "../support/child.ts";
import { makeFolder } from "../support/folder.ts";
import { tool, unavailable } from "../support/tools.ts";
import { assertGolden, readFiles } from "./golden.ts";

const CASES = join(import.meta.dirname, "../golden/render");
const never = new AbortController().signal;
const cases = await readdir(CASES);

interface Inputs {
  readonly sets: readonly CachedImageSet[];
  readonly policies: readonly DiscoveryPolicy[];
}

async function readInputs(path: string): Promise<Inputs> {
  const text = await readFile(path, "utf8").catch(() => "");
  const sets: CachedImageSet[] = [];
  const policies: DiscoveryPolicy[] = [];
  for (const document of [parseAllDocuments(text)].flat()) {
    const value: unknown = document.toJS();
    if (text.length === 0) break;
    const isSet = document.get("kind") === "CachedImageSet";
    const { object, problems } = decode(isSet ? "CachedImageSet" : "DiscoveryPolicy", value);
    assert.ok(object, `${path}: ${problems.map(({ what }) => what).join("; ")}`);
    if (object.kind === "CachedImageSet") sets.push(object);
    else policies.push(object);
  }
  return { sets, policies };
}

/** Renders a case into an empty folder and gives its path, with what a terminal would show. */
async function renderCase(name: string, path: string) {
  const { sets, policies } = await readInputs(join(CASES, name, "inputs.yaml"));
  const recorded = await readInputs(join(CASES, name, "discovered.yaml"));
  const report = await renderTargets(
    {
      sets,
      policies,
      ports: {
        discover: async (policy) =>
          replayedOutcomes(
            policy,
            recorded.policies.find(({ metadata }) => metadata.name === policy.metadata.name),
          ),
        readTree: (wanted, signal) => readTree({ path, ...wanted }, signal),
      },
    },
    never,
  );
  assert.deepEqual([...report.mistakes, ...report.unanswered, ...report.refused], []);
  await applyActions({ path, actions: report.plan.actions, leftovers: [] }, never);
  return report;
}

for (const name of cases) {
  test(`the case ${name} is rendered byte for byte, and a second time without a change`, async (t) => {
    const folder = await makeFolder("golden");
    t.after(() => folder.remove());
    const path = join(folder.path, "out");
    const { plan, children } = await renderCase(name, path);
    const tree = await readFiles(path);
    await assertGolden(
      join(CASES, name, "expected"),
      new Map([
        ...[...tree].map(([file, text]) => [`tree/${file}`, text] as const),
        ["stream.yaml", yamlStream(children)],
        ["plan.txt", planText(plan, { verbose: true })],
        ["plan.json", planJson(plan)],
      ]),
    );
    const again = await renderCase(name, path);
    assert.deepEqual(again.plan.actions, []);
  });
}

const skip = await unavailable("kubectl");

for (const name of cases) {
  test(`kubectl kustomize builds the folder of ${name} into the objects of the stream`, {
    skip,
  }, async (t) => {
    const folder = await makeFolder("kustomize");
    t.after(() => folder.remove());
    const { children } = await renderCase(name, folder.path);
    const built = await run(await tool("kubectl"), ["kustomize", folder.path]);
    assert.equal(built.code, 0, built.stderr);
    assert.deepEqual(objects(built.stdout), objects(yamlStream(children)));
  });
}

function objects(stream: string): readonly unknown[] {
  const documents = [parseAllDocuments(stream)].flat().filter(({ contents }) => contents !== null);
  const values = documents.map((document) => JSON.stringify(document.toJS(), sortedKeys));
  return values.sort().map((text) => JSON.parse(text));
}

function sortedKeys(_: string, value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
