import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { after, before, describe, test } from "node:test";
import { parseAllDocuments } from "yaml";
import { decode } from "../../src/api/decode.ts";
import type { Kind } from "../../src/api/types.gen.ts";
import { PLURALS } from "../../src/api/types.gen.ts";
import { review } from "../../src/webhook/review.ts";
import { changed, fullest, smallest } from "../api/valid-objects.ts";
import { type Child, type Finished, run } from "../support/child.ts";
import { drop, projectFolder } from "../support/drop.ts";
import { makeFolder } from "../support/folder.ts";
import type { Kubernetes } from "../support/kubernetes.ts";
import { tool, unavailable } from "../support/tools.ts";
import { until } from "../support/until.ts";
import { reviewOf } from "../webhook/reviews.ts";
import { startWebhookCluster, type WebhookCluster } from "./webhook-cluster.ts";

interface Row {
  readonly rule: string;
  readonly kind: Kind;
  readonly field: string;
  readonly value: unknown;
  /** What the API server itself stops before any webhook is called. */
  readonly not?: "server-side" | "update";
}

const IMAGES = [{ image: "docker.io/library/nginx", tag: "1", digest: "sha256:1" }];
const SOURCE = { type: "prometheus", prometheus: { endpoint: "https://a.example", query: "up" } };

/** One way to break each rule that reaches a webhook. Unknown fields (1001) and nulls (1026) are gone before. */
const ROWS: readonly Row[] = [
  { rule: "DROP1002", kind: "CachedImage", field: "spec.tag", value: 1.27, not: "server-side" },
  {
    rule: "DROP1003",
    kind: "CachedImage",
    field: "spec.image",
    value: undefined,
    not: "server-side",
  },
  {
    rule: "DROP1003",
    kind: "DiscoveryPolicy",
    field: "spec.sources.1.registry.url",
    value: undefined,
  },
  { rule: "DROP1004", kind: "CachedImageSet", field: "spec.imagePullPolicy", value: "Alway" },
  { rule: "DROP1005", kind: "DiscoveryPolicy", field: "spec.maxImages", value: 100_000 },
  { rule: "DROP1006", kind: "CachedImage", field: "spec.image", value: "nginx:1.27" },
  { rule: "DROP1007", kind: "CachedImageSet", field: "spec.images", value: IMAGES },
  { rule: "DROP1008", kind: "CachedImage", field: "spec.tag", value: "a b" },
  { rule: "DROP1009", kind: "CachedImageSet", field: "spec.images.1.digest", value: "sha256:12" },
  { rule: "DROP1010", kind: "CachedImage", field: "spec.image", value: "docker.io/Team/App" },
  { rule: "DROP1011", kind: "DiscoveryPolicy", field: "spec.sources.0.type", value: "registry" },
  {
    rule: "DROP1012",
    kind: "DiscoveryPolicy",
    field: "spec.sources.1.registry.url",
    value: "https://u:p@a",
  },
  {
    rule: "DROP1013",
    kind: "DiscoveryPolicy",
    field: "spec.sources",
    value: [1, 2].map(() => ({ ...SOURCE, name: "a" })),
  },
  { rule: "DROP1014", kind: "DiscoveryPolicy", field: "spec.interval", value: "2h" },
  { rule: "DROP1015", kind: "DiscoveryPolicy", field: "spec.imageFilter", value: "a(" },
  { rule: "DROP1016", kind: "PullPolicy", field: "spec.repullInterval", value: "often" },
  { rule: "DROP1017", kind: "PullPolicy", field: "spec.failureBackoff.initial", value: "9h" },
  { rule: "DROP1018", kind: "PullPolicy", field: "spec.pullTimeout", value: "0s" },
  {
    rule: "DROP1019",
    kind: "DiscoveryPolicy",
    field: "spec.sources.1.registry.imageTemplate",
    value: "{{ .Nope }}",
  },
  { rule: "DROP1020", kind: "PullPolicy", field: "spec.nodeSelector", value: { "a b": "c" } },
  {
    rule: "DROP1021",
    kind: "CachedImage",
    field: "spec.tolerations",
    value: [{ key: "a", operator: "Exists", value: "b" }],
  },
  {
    rule: "DROP1022",
    kind: "DiscoveryPolicy",
    field: "spec.sources.0.prometheus.step",
    value: "1s",
  },
  { rule: "DROP1023", kind: "CachedImageSet", field: "metadata.name", value: "a.b", not: "update" },
  {
    rule: "DROP1024",
    kind: "CachedImage",
    field: "spec.imagePullSecrets",
    value: [{ name: "a" }, { name: "a" }],
    not: "server-side",
  },
  { rule: "DROP1025", kind: "DiscoveryPolicy", field: "spec.excludeFilter", value: "^(?!a)b|c" },
];

const skip = await unavailable("kube-apiserver", "etcd", "kubectl");

describe("at a real kubectl", { skip }, () => {
  let cluster: WebhookCluster;
  let webhook: Child;
  let kubectl: Kubernetes["kubectl"];

  before(async () => {
    cluster = await startWebhookCluster();
    kubectl = cluster.kubernetes.kubectl;
    webhook = await cluster.startWebhook();
  });

  after(async () => {
    await webhook?.stop();
    await cluster?.kubernetes.stop();
  });

  async function done(args: readonly string[], input: unknown = ""): Promise<string> {
    const text = typeof input === "string" ? input : JSON.stringify(input);
    const { code, stdout, stderr } = await kubectl(args, text);
    assert.equal(code, 0, `${args.join(" ")}: ${stderr}`);
    return stdout + stderr;
  }

  async function refused(args: readonly string[], input: unknown): Promise<string> {
    const text = typeof input === "string" ? input : JSON.stringify(input);
    const { code, stdout, stderr } = await kubectl(args, text);
    assert.equal(code, 1, `${args.join(" ")} was accepted: ${stdout}`);
    return stderr;
  }

  const APPLY_ON_SERVER = ["apply", "--server-side", "--force-conflicts", "-f", "-"];

  async function refusedOnCreate(wrong: unknown, not: Row["not"]): Promise<readonly string[]> {
    const ways = [
      ["create", "-f", "-"],
      ["create", "--dry-run=server", "-f", "-"],
      ["apply", "-f", "-"],
    ];
    if (not !== "server-side") ways.push(APPLY_ON_SERVER);
    const texts: string[] = [];
    for (const args of ways) texts.push(await refused(args, wrong));
    return texts;
  }

  async function refusedOnUpdate(
    base: unknown,
    wrong: unknown,
    not: Row["not"],
  ): Promise<readonly string[]> {
    if (not === "update") return [];
    await done(["apply", "-f", "-"], base);
    const ways = [
      ["apply", "-f", "-"],
      ["replace", "--dry-run=server", "-f", "-"],
    ];
    if (not !== "server-side") ways.push(APPLY_ON_SERVER);
    const texts: string[] = [];
    for (const args of ways) texts.push(await refused(args, wrong));
    return texts;
  }

  describe("each rule", { concurrency: 4 }, () => {
    for (const { rule, kind, field, value, not } of ROWS) {
      test(`${rule} in ${field} of a ${kind} is refused on create and update, however it is sent`, async () => {
        const name = `${rule.toLowerCase()}-${kind.toLowerCase()}`;
        const base = changed(fullest(kind), "metadata.name", name);
        const wrong = changed(base, field, value);
        assert.ok(decode(kind, wrong).problems.some((problem) => problem.rule === rule));
        const texts = [
          ...(await refusedOnCreate(wrong, not)),
          ...(await refusedOnUpdate(base, wrong, not)),
        ];
        for (const text of texts) {
          assert.match(text, new RegExp(`The ${kind} ".+" is invalid: [^]*\\[${rule}\\]`));
          assert.doesNotMatch(text, /<nil>|validation rules were not checked/);
        }
      });
    }
  });

  test("mistakes of the schema, of CEL and of a pattern are read together, a bullet each", async () => {
    const object = {
      ...{ apiVersion: "drop.corewire.io/v1alpha1", kind: "DiscoveryPolicy" },
      metadata: { name: "three" },
      spec: {
        imageFilter: "^(?!a)b|c",
        interval: "2h",
        maxImages: 100_000,
        sources: [SOURCE],
        syncInterval: "1h",
      },
    };
    const text = await refused(["create", "-f", "-"], object);
    const bullets = text.split("\n").filter((line) => !line.startsWith("Warning: "));
    assert.deepEqual(
      bullets.map((line) => line.replace(/"; .*(?= \[DROP)|(?<=: ).*;.*(?= \[DROP)/, "…")),
      [
        'The DiscoveryPolicy "three" is invalid: ',
        "* spec.imageFilter: … [DROP1025]",
        "* spec.interval: … [DROP1014]",
        "* spec.maxImages: … [DROP1005]",
        "",
      ],
    );
  });

  test("what a person reads of one mistake", async () => {
    const object = changed(smallest("CachedImage"), "spec", { image: "nginx:1.27" });
    assert.equal(
      await refused(["create", "-f", "-"], object),
      'The CachedImage "tiny" is invalid: spec.image: Invalid value: "nginx:1.27": the name carries a tag, which has a field of its own; move the tag out: image "docker.io/library/nginx", tag "1.27" [DROP1006]\n',
    );
  });

  test("of several objects in one file each tells its mistakes in its message", async () => {
    const wrong = ["first", "second"].map((name) => {
      const object = changed(smallest("CachedImage"), "metadata.name", name);
      return JSON.stringify(changed(object, "spec", { image: "nginx:1", tag: "a b" }));
    });
    const text = await refused(["create", "-f", "-"], wrong.join("\n---\n"));
    for (const name of ["first", "second"]) {
      assert.match(
        text,
        new RegExp(
          `^Error from server \\(Invalid\\): error when creating "STDIN": admission webhook "mutate.drop.corewire.io" denied the request: The CachedImage "${name}" is invalid:\n\\* spec.image: .* \\[DROP1006\\]\n\\* spec.tag: .* \\[DROP1008\\]$`,
          "m",
        ),
      );
    }
  });

  test("a warning is shown once, though two endpoints give it", async () => {
    const spec = { image: "nginx", imagePullPolicy: "Never", tag: "latest" };
    const object = { ...smallest("CachedImage"), metadata: { name: "warned" }, spec };
    const text = await done(["create", "-f", "-"], object);
    assert.deepEqual(
      text.split("\n").filter((line) => line.startsWith("Warning: ")),
      [
        'Warning: spec.image: a short name, read as Docker Hub\'s; write "docker.io/library/nginx" [DROP2003]',
        "Warning: spec.imagePullPolicy: nothing will be pulled: Never only reports where the image already is; write IfNotPresent to have it pulled once [DROP2002]",
        'Warning: spec.tag: the tag "latest" moves, and without a PullPolicy with repullInterval nodes keep the first image they pulled; name a version or digest, or a PullPolicy with repullInterval [DROP2001]',
      ],
    );
    const insecure = changed(
      fullest("DiscoveryPolicy"),
      "spec.sources.0.prometheus.endpoint",
      "http://a.example",
    );
    assert.match(
      await done(["create", "-f", "-"], insecure),
      /^Warning: .*unencrypted.*\[DROP2005\]$/m,
    );
  });

  test("rendered manifests, and what the API server made of them, get an empty patch", async () => {
    const examples = join(projectFolder, "examples");
    const { stdout } = await drop([
      "render",
      join(examples, "quickstart"),
      "--discovered",
      join(examples, "recorded.yaml"),
    ]);
    const documents = parseAllDocuments(stdout);
    const rendered = (Array.isArray(documents) ? documents : []).map((document) => document.toJS());
    assert.ok(rendered.length > 3);
    await done(["apply", "--server-side", "-f", "-"], stdout);
    for (const object of rendered) {
      const stored = JSON.parse(
        await done(["get", PLURALS.CachedImage, object.metadata.name, "-o", "json"]),
      );
      for (const candidate of [object, stored]) {
        const { response } = review(reviewOf("CachedImage", candidate));
        assert.deepEqual([response.allowed, response.patch], [true, undefined]);
      }
    }
  });

  describe("while the webhook is stopped", () => {
    const policy = (name: string) =>
      changed(fullest("DiscoveryPolicy"), "metadata", { name, finalizers: ["example.com/hold"] });
    // A mistake that only the webhook knows.
    const selector = { "a b": "c" };
    const wrong = changed(smallest("CachedImage"), "metadata.name", "old-mistake");

    before(async () => {
      await done(["create", "-f", "-"], policy("held"));
      await webhook.stop();
    });

    after(async () => {
      webhook = await cluster.startWebhook();
    });

    test("a DiscoveryPolicy can be deleted, finalized, labelled and given a status, but not created or changed", async () => {
      await done(["label", "dpol", "held", "team=web"]);
      const status = JSON.stringify({ status: { imageCount: 3 } });
      await done(["patch", "dpol", "held", "--subresource=status", "--type=merge", "-p", status]);
      for (const args of [
        ["create", "-f", "-"],
        ["create", "--dry-run=server", "-f", "-"],
      ]) {
        const text = await refused(args, policy("new"));
        assert.match(
          text,
          /failed calling webhook "validate-discoverypolicies\.drop\.corewire\.io"/,
        );
      }
      await refused(
        ["patch", "dpol", "held", "--type=merge", "-p", '{"spec":{"maxImages":7}}'],
        "",
      );
      await done(["delete", "dpol", "held", "--wait=false"]);
      await done([
        "patch",
        "dpol",
        "held",
        "--type=merge",
        "-p",
        '{"metadata":{"finalizers":null}}',
      ]);
      assert.equal(await done(["get", "dpol", "held", "--ignore-not-found"]), "");
    });

    test("the other kinds are created and changed, and the schema still refuses", async () => {
      await done(["create", "-f", "-"], changed(wrong, "spec.nodeSelector", selector));
      await done(["patch", "cimg", "old-mistake", "--type=merge", "-p", '{"spec":{"tag":"1.28"}}']);
      const tagged = changed(smallest("CachedImage"), "spec.image", "nginx:1");
      assert.match(
        await refused(["create", "-f", "-"], tagged),
        /spec\.image: Invalid value.*\[DROP1006\]/,
      );
    });
  });

  test("an old object with a mistake can be edited, told of it, and not be made worse", async () => {
    const patch = (body: unknown) => [
      "patch",
      "cimg",
      "old-mistake",
      "--type=merge",
      "-p",
      JSON.stringify(body),
    ];
    assert.doesNotMatch(await done(patch({ metadata: { labels: { a: "b" } } })), /Warning/);
    assert.match(
      await done(patch({ spec: { tag: "1.29" } })),
      /^Warning: spec\.nodeSelector\[a b\]: still wrong, as before: .*\[DROP1020\]$/m,
    );
    assert.match(
      await refused(patch({ spec: { nodeSelector: { "c d": "e" } } }), ""),
      /nodeSelector\[c d\]/,
    );
    assert.doesNotMatch(
      await refused(patch({ spec: { tag: "a b" } }), ""),
      /\* spec\.nodeSelector/,
    );
  });

  test("with the component fail-for-all no object of Drop is created while the webhook is stopped", async (t) => {
    const policies = await builtWith("fail-for-all");
    assert.deepEqual(
      [...policies.matchAll(/failurePolicy: (\w+)/g)].map(([, policy]) => policy),
      ["Fail", "Fail", "Fail"],
    );
    for (const [kind, count] of [
      ["mutatingwebhookconfiguration", 1],
      ["validatingwebhookconfiguration", 2],
    ] as const) {
      const operations = Array.from({ length: count }, (_, at) => ({
        op: "replace",
        path: `/webhooks/${at}/failurePolicy`,
        value: "Fail",
      }));
      await done(["patch", kind, "drop-webhook", "--type=json", "-p", JSON.stringify(operations)]);
    }
    await webhook.stop();
    t.after(async () => {
      webhook = await cluster.startWebhook();
    });
    const object = changed(smallest("PullPolicy"), "metadata.name", "strict");
    let answer: Finished | undefined;
    await until(
      async () => {
        answer = await kubectl(["create", "--dry-run=server", "-f", "-"], JSON.stringify(object));
        return answer.code === 1;
      },
      { what: "the API server to know of the new policy" },
    );
    assert.match(answer?.stderr ?? "", /failed calling webhook/);
    await done(["delete", "cimg", "old-mistake"]);
  });

  /** The webhook's base with a component, built from a folder of the test's own. */
  async function builtWith(component: string): Promise<string> {
    const folder = await makeFolder("kustomize");
    const to = (path: string) => relative(folder.path, join(projectFolder, "kustomize", path));
    const text = `resources: [${to("base/webhook")}]\ncomponents: [${to(`components/${component}`)}]\n`;
    await mkdir(folder.path, { recursive: true });
    await writeFile(join(folder.path, "kustomization.yaml"), text);
    const { code, stdout, stderr } = await run(await tool("kubectl"), ["kustomize", folder.path]);
    await folder.remove();
    assert.equal(code, 0, stderr);
    return stdout;
  }
});
