import assert from "node:assert/strict";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { drop, projectFolder } from "../support/drop.ts";
import { makeFolder } from "../support/folder.ts";

const quickstart = join(projectFolder, "examples", "quickstart");
const recorded = join(projectFolder, "examples", "recorded.yaml");

test("the same inputs give the same bytes in any order of files and documents, in any folder, time zone and locale", async (t) => {
  const folder = await makeFolder("same-bytes");
  t.after(() => folder.remove());
  const documents = await documentsOf(quickstart);
  const expected = await rendered(quickstart, folder.path);
  assert.match(expected.stdout, /kind: CachedImage/);
  const shuffles = fc.sample(fc.shuffledSubarray([...documents], { minLength: documents.length }), {
    numRuns: 6,
    seed: 20_260_101,
  });
  const places = [
    { TZ: "Asia/Kathmandu", LC_ALL: "tr_TR.UTF-8", LANG: "tr_TR.UTF-8" },
    { TZ: "Pacific/Apia", LC_ALL: "C" },
    { TZ: "America/St_Johns", LANG: "sv_SE.UTF-8" },
  ];
  for (const [index, shuffle] of shuffles.entries()) {
    const input = join(folder.path, `in-${index}`, "deep", "er");
    await mkdir(input, { recursive: true });
    // One file for all documents, or a file for each under names that sort the other way around.
    const files = index % 2 === 0 ? [shuffle.join("---\n")] : shuffle;
    for (const [at, text] of files.entries()) {
      await writeFile(join(input, `${files.length - at}.yaml`), text);
    }
    const env = places[index % places.length] ?? {};
    assert.deepEqual(
      await rendered(join(folder.path, `in-${index}`), join(folder.path, `${index}`), env),
      expected,
    );
  }
});

async function documentsOf(folder: string): Promise<readonly string[]> {
  const texts = await Promise.all(
    (await readdir(folder)).map((name) => readFile(join(folder, name), "utf8")),
  );
  return texts.flatMap((text) => text.split(/^---\n/m));
}

/** What a render prints and writes, the latter by relative path. */
async function rendered(input: string, work: string, env: Readonly<Record<string, string>> = {}) {
  await mkdir(work, { recursive: true });
  const answers = ["--discovered", recorded];
  const { stdout, code } = await drop(["render", input, ...answers], { env, cwd: work });
  assert.equal(code, 0);
  const out = join(work, "out");
  const written = await drop(["render", input, ...answers, "--output-dir", out], {
    env,
    cwd: work,
  });
  assert.equal(written.code, 0, written.stderr);
  const entries = await readdir(out, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  const files = paths.map(async (path) => [
    path.slice(out.length + 1),
    await readFile(path, "utf8"),
  ]);
  return { stdout, files: await Promise.all(files) };
}
