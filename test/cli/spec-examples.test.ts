import assert from "node:assert/strict";
import { cp, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { parseAllDocuments } from "yaml";
import { drop, projectFolder } from "../support/drop.ts";
import { makeFolder } from "../support/folder.ts";
import { type Prometheus, startPrometheus } from "../support/prometheus.ts";
import { pushTags } from "../support/push.ts";
import { type Registry, startDistribution, startDockerRegistry } from "../support/registry.ts";
import { unavailable } from "../support/tools.ts";
import { usageHistory } from "../support/usage-history.ts";

const HELPERS = "gitlab-org/gitlab-runner/gitlab-runner-helper";
const ECR = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/team/app:7";
const USED = ["docker.io/library/maven:3.9", "ghcr.io/team/builder:2", "docker.io/library/node:24"];

/** How many containers of `build-stuff` run each image now; the label `cluster` is what the query asks for. */
const RUNNING: Readonly<Record<string, number>> = {
  [USED[0] ?? ""]: 5,
  [USED[1] ?? ""]: 3,
  [USED[2] ?? ""]: 1,
  [ECR]: 9,
};

describe("the specification's examples", {
  skip: await unavailable("prometheus", "registry", "docker-registry"),
}, () => {
  let prometheus: Prometheus;
  let paging: Registry;
  let whole: Registry;

  before(async () => {
    const images = Object.entries(RUNNING).flatMap(([image, count]) =>
      Array.from({ length: count }, () => ({ image, namespace: "build-stuff", samples: () => 1 })),
    );
    prometheus = await startPrometheus({
      basicAuth: true,
      openMetrics: usageHistory({ now: Date.now(), days: 7, images }).replaceAll(
        'namespace="build-stuff"',
        'namespace="build-stuff",cluster="mycluster"',
      ),
    });
    [paging, whole] = await Promise.all([startDistribution(), startDockerRegistry()]);
    const tags = [
      "v9.9.0",
      "v10.0.1",
      "v10.0.0",
      "v10.1.0-rc1",
      "latest",
      "v8.0.0",
      "v9.10.0",
      "v7.0.0",
    ];
    for (const registry of [paging, whole]) await pushTags(registry, HELPERS, tags);
  });

  after(async () => {
    await Promise.all([prometheus?.stop(), paging?.stop(), whole?.stop()]);
  });

  /** The examples with these texts in place of the addresses on the internet. */
  async function localExamples(replacements: Readonly<Record<string, string>>) {
    const folder = await makeFolder("spec-examples");
    await cp(join(projectFolder, "examples", "spec"), folder.path, { recursive: true });
    for (const name of await readdir(folder.path)) {
      const path = join(folder.path, name);
      let text = await readFile(path, "utf8");
      for (const [from, to] of Object.entries(replacements)) text = text.replaceAll(from, to);
      await writeFile(path, text);
    }
    return folder;
  }

  test("validate as they are, with warnings for the old names only", async () => {
    const { code, stdout } = await drop(["validate", "examples/spec"]);
    assert.equal(code, 0, stdout);
    const rules = stdout.matchAll(/warning: .*\[(DROP\d+)\]$/gm);
    const counted = [...rules].map(([, rule]) => rule).sort();
    assert.deepEqual(counted, ["DROP2001", "DROP2004", "DROP2004", "DROP2004", "DROP2004"]);
    assert.equal(stdout.includes("error:"), false);
  });

  test("give the most used images, without those the look-ahead filter keeps out", async (t) => {
    const { credentials } = prometheus;
    const folder = await localExamples({
      "https://mimir.example.com": prometheus.url,
      "username: admin": `username: ${credentials?.username}`,
      "my-prometheus-password": credentials?.password ?? "",
    });
    t.after(() => folder.remove());
    const { code, stdout, stderr } = await drop([
      "render",
      join(folder.path, "popular-build-images.yaml"),
    ]);
    assert.equal(code, 0, stderr);
    const references = imagesIn(stdout);
    assert.deepEqual(references, [...USED].sort());
    assert.equal(stdout.includes("amazonaws"), false);
    assert.equal(stdout.includes(credentials?.password ?? "?"), false, "no secret is printed");
    assert.equal(stdout.includes("kind: Secret"), false);
  });

  for (const [name, registryOf] of [
    ["a registry that pages", () => paging],
    ["a registry that sends its whole list unsorted", () => whole],
  ] as const) {
    test(`give the newest runner helpers by version from ${name}`, async (t) => {
      const folder = await localExamples({ "https://registry.gitlab.com": registryOf().url });
      t.after(() => folder.remove());
      const { code, stdout, stderr } = await drop([
        ...["discover", join(folder.path, "gitlab-helpers.yaml"), "-o", "json"],
      ]);
      assert.equal(code, 0, stderr);
      const [policy] = JSON.parse(stdout);
      const found = policy.status.discoveredImages.map(({ image }: { image: string }) => image);
      const newest = ["v10.0.1", "v10.0.0", "v9.10.0", "v9.9.0", "v8.0.0"];
      assert.deepEqual(
        found,
        newest.map((tag) => `registry.gitlab.com/${HELPERS}:x86_64-${tag}`),
      );
    });
  }

  test("lose nothing of one repository when another is missing, and say so with exit code 3", async (t) => {
    const folder = await localExamples({
      "https://registry.gitlab.com": paging.url,
      [`- ${HELPERS}`]: `- no/such/repository\n          - ${HELPERS}`,
    });
    t.after(() => folder.remove());
    const { code, stdout, stderr } = await drop([
      "render",
      join(folder.path, "gitlab-helpers.yaml"),
    ]);
    assert.equal(code, 3, stderr);
    assert.equal(imagesIn(stdout).length, 5);
    assert.match(stderr, /error: .*no\/such\/repository.*; /);
  });

  test("write what one source found while another is down, and later lose nothing", async (t) => {
    const folder = await localExamples({ "https://registry.gitlab.com": paging.url });
    t.after(() => folder.remove());
    const out = join(folder.path, "out");
    const input = join(folder.path, "gitlab-helpers.yaml");
    const text = await readFile(input, "utf8");
    const second = await startDistribution();
    t.after(() => second.stop());
    await pushTags(second, "team/tool", ["v1.0.0"]);
    const more = `    - name: tools
      type: registry
      registry:
        url: ${second.url}
        repositories: [team/tool]
`;
    await writeFile(input, text.replace("---\n", `${more}---\n`));
    const first = await drop(["render", input, "--output-dir", out]);
    assert.equal(first.code, 0, first.stderr);
    const before = await treeOf(out);
    assert.equal(Object.keys(before).filter((path) => path.includes("tool-")).length, 1);

    await second.stop();
    const remembered = await drop(["render", input, "--output-dir", out]);
    assert.equal(remembered.code, 0, remembered.stderr);
    assert.match(remembered.stderr, /warning: .*tools/);
    assert.deepEqual(await treeOf(out), before);
    const strict = await drop(["render", input, "--output-dir", out, "--strict"]);
    assert.equal(strict.code, 3, strict.stderr);

    const fresh = join(folder.path, "fresh");
    const partly = await drop(["render", input, "--output-dir", fresh]);
    assert.equal(partly.code, 3, partly.stderr);
    const written = Object.keys(await treeOf(fresh));
    assert.equal(written.filter((path) => path.includes("gitlab-runner-helper")).length, 5);
    assert.equal(written.filter((path) => path.includes("tool-")).length, 0);
  });

  test("are up to date for --check after a render, not after any change, and no server is asked", async (t) => {
    const lonely = await startDistribution();
    t.after(() => lonely.stop());
    await pushTags(lonely, HELPERS, ["v1.0.0", "v2.0.0"]);
    const folder = await localExamples({ "https://registry.gitlab.com": lonely.url });
    t.after(() => folder.remove());
    const input = join(folder.path, "gitlab-helpers.yaml");
    const out = join(folder.path, "out");
    const check = () => drop(["render", input, "--output-dir", out, "--check"]);

    await mkdir(out);
    const before = await check();
    assert.equal(before.code, 1);
    assert.match(before.stderr, /not rendered yet/);
    assert.equal((await drop(["render", input, "--output-dir", out])).code, 0);
    await lonely.stop();
    const clean = await check();
    assert.equal(clean.code, 0, clean.stderr);

    const tree = await treeOf(out);
    assert.ok(Object.keys(tree).length >= 5);
    for (const [path, text] of Object.entries(tree)) {
      // The top kustomization.yaml may say more than Drop writes, as long as it lists the sets.
      const changed =
        path === "kustomization.yaml" ? "resources: []\n" : `${text}\nchanged: true\n`;
      await writeFile(join(out, path), changed);
      assert.equal((await check()).code, 1, `a change of ${path} goes unnoticed`);
      await writeFile(join(out, path), text);
    }
    assert.equal((await check()).code, 0);
    const manifest = await readFile(input, "utf8");
    await writeFile(input, manifest.replace("topX: 5", "topX: 4"));
    const changed = await check();
    assert.equal(changed.code, 1);
    assert.match(changed.stderr, /DiscoveryPolicy gitlab-helpers changed since/);
  });
});

/** Every image of a stream of CachedImages, sorted. */
function imagesIn(stream: string): readonly string[] {
  const documents = parseAllDocuments(stream);
  return (Array.isArray(documents) ? documents : [])
    .map((document) => document.toJS())
    .map(({ kind, spec }) => {
      assert.equal(kind, "CachedImage");
      return `${spec.image}:${spec.tag}`;
    })
    .sort();
}

/** The text of every file below a folder, by relative path. */
async function treeOf(folder: string): Promise<Readonly<Record<string, string>>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
  const texts = await Promise.all(
    files
      .sort()
      .map(async (path) => [path.slice(folder.length + 1), await readFile(path, "utf8")] as const),
  );
  return Object.fromEntries(texts);
}
