import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { stringify } from "yaml";
import { bundleInto, type DropOptions, drop, dropAt, projectFolder } from "./support/drop.ts";
import { type Folder, makeFolder } from "./support/folder.ts";
import { startProxy } from "./support/quirks/proxy.ts";
import { makeAuthority, startTls } from "./support/quirks/tls.ts";

let folder: Folder;
let program: string;

before(async () => {
  folder = await makeFolder("bundle");
  // Far from any node_modules: it has to need nothing beside itself.
  program = await bundleInto(join(folder.path, "dist"));
});

after(() => folder?.remove());

async function bothSay(args: readonly string[], options?: DropOptions) {
  const [bundled, source] = await Promise.all([
    dropAt(program, args, options),
    drop(args, options),
  ]);
  assert.deepEqual(bundled, source);
  return bundled;
}

const EXAMPLES = join(projectFolder, "examples", "quickstart");

const WRONG = `
apiVersion: drop.corewire.io/v1alpha1
kind: DiscoveryPolicy
metadata: {name: wrong}
spec:
  imageFilter: "("
  maxImages: many
  sources: [{type: prometheus, prometheus: {endpoint: "http://metrics:9090", query: "sum("}}]
`;

test("the bundle needs nothing beside it and says what the source says", async () => {
  for (const args of [["help"], ["webhook", "--help"], ["reconciler", "--help"], ["why", "-h"]]) {
    assert.equal((await bothSay(args)).code, 0);
  }
  assert.equal((await bothSay(["validate", EXAMPLES])).code, 0);
  assert.match((await bothSay(["render", EXAMPLES, "--offline"])).stdout, /kind: CachedImage/);
  // A mistake for each package that is loaded only once it is used.
  const { stderr, stdout } = await bothSay(["validate", "-"], { stdin: WRONG });
  for (const word of ["imageFilter", "query", "maxImages"])
    assert.match(stdout + stderr, new RegExp(word));
  assert.match((await bothSay(["completion", "bash"])).stdout, /reconciler/);
  const output = join(folder.path, "output");
  const diff = await bothSay(["render", EXAMPLES, "--offline", "--output-dir", output, "--diff"]);
  assert.match(diff.stdout, /^\+kind: CachedImage$/m);
  assert.equal((await dropAt(program, ["--version"])).stdout.trim().split(".").length, 3);
});

test("the bundle asks sources over TLS, and through a proxy", async () => {
  const authority = await makeAuthority();
  const ca = join(folder.path, "ca.pem");
  await writeFile(ca, authority.ca);
  await using server = await startTls(authority);
  await using proxy = await startProxy();
  const args = ["discover", "-", "--secret", `creds/ca.crt=file:${ca}`];
  const policyOf = (url: string) =>
    stringify({
      apiVersion: "drop.corewire.io/v1alpha1",
      kind: "DiscoveryPolicy",
      metadata: { name: "policy" },
      spec: {
        sources: [
          {
            type: "registry",
            registry: { url, repositories: ["team/app"] },
            secretRef: { name: "creds" },
          },
        ],
      },
    });
  const direct = await dropAt(program, args, { stdin: policyOf(server.url) });
  assert.match(direct.stdout, /team\/app:1\.0/, direct.stderr);
  const named = server.url.replace("127.0.0.1", "registry.example.com");
  const env = { HTTPS_PROXY: proxy.url };
  const proxied = await dropAt(program, args, { stdin: policyOf(named), env });
  assert.match(proxied.stdout, /team\/app:1\.0/, proxied.stderr);
  assert.equal(proxy.seen.length, 1);
});
