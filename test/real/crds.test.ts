import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { type Kind as CrdKind, readKinds, walk } from "../../scripts/generate/crd.ts";
import { own } from "../../src/api/record.ts";
import { KINDS, type Kind } from "../../src/api/types.gen.ts";
import { readYaml11 } from "../../src/renderer/load/yaml11.ts";
import { changed, smallest } from "../api/valid-objects.ts";
import { type Kubernetes, startKubernetes } from "../support/kubernetes.ts";
import { unavailable } from "../support/tools.ts";
import { until } from "../support/until.ts";

const skip = await unavailable("kube-apiserver", "etcd", "kubectl");
const CRDS = readKinds(fileURLToPath(new URL("../../crds", import.meta.url)));

let kubernetes: Kubernetes;

before(async () => {
  if (!skip) kubernetes = await startKubernetes({ crds: true });
});

after(async () => {
  if (!skip) await kubernetes.stop();
});

async function kubectl(args: readonly string[], stdin = ""): Promise<string> {
  const { code, stdout, stderr } = await kubernetes.kubectl(args, stdin);
  assert.equal(code, 0, `${args.join(" ")}: ${stderr}`);
  return stdout;
}

function crdOf(kind: Kind): CrdKind {
  const crd = CRDS.find((candidate) => candidate.kind === kind);
  assert.ok(crd);
  return crd;
}

function words(text: string): string {
  return text.replace(/\s+/g, " ").trim();
}

for (const kind of KINDS) {
  test(`kubectl explain says of ${kind} what its CRD says, field by field`, { skip }, async () => {
    const { plural, schema } = crdOf(kind);
    const fields: [path: string, description: string][] = [];
    walk(schema, ({ description = "" }, path) => {
      // The API server has words of its own for apiVersion, kind and metadata.
      if (["spec", "status", undefined].includes(path[0]) && !path.includes("*"))
        fields.push([path.join("."), description]);
    });
    const chosen = fields.filter(([path], at) => path.split(".").length < 3 || at % 4 === 0);
    assert.ok(chosen.length > 8);
    for (const [path, description] of chosen) {
      // kubectl needs the server's OpenAPI, which it publishes some moments after the CRD.
      const shown = await explained([plural, path].filter(Boolean).join("."));
      assert.ok(words(shown).includes(words(description)), `${path}: ${shown}`);
    }
  });
}

async function explained(field: string): Promise<string> {
  let shown = "";
  await until(
    async () => {
      const { code, stdout } = await kubernetes.kubectl(["explain", field]);
      shown = stdout;
      return code === 0;
    },
    { what: `kubectl explain ${field}`, withinMs: 30_000 },
  );
  return shown;
}

/** The columns of `kubectl get`, plain and wide, as people read of them; the table is written by hand on purpose. */
const COLUMNS: readonly (readonly [Kind, short: string, plain: string, wide: string])[] = [
  ["CachedImage", "cimg", "NAME IMAGE TAG READY PHASE AGE", "DIGEST POLICY MESSAGE"],
  ["CachedImageSet", "cimgset", "NAME MANAGED READY SOURCE AGE", ""],
  ["DiscoveryPolicy", "dpol", "NAME IMAGES SOURCES LAST SYNC READY", ""],
  ["PullPolicy", "ppol", "NAME NODES DELAY REPULL", ""],
];

for (const [kind, short, plain, wide] of COLUMNS) {
  test(`kubectl get ${short} shows ${plain}, and with -o wide ${wide || "no more"}`, {
    skip,
  }, async () => {
    const object = changed(smallest(kind), "metadata.name", `${short}-columns`);
    await kubectl(["create", "-f", "-"], JSON.stringify(object));
    const [header = "", row = ""] = (await kubectl(["get", short])).split("\n");
    assert.equal(words(header), plain);
    assert.match(row, new RegExp(`^${short}-columns`));
    const [wideHeader = ""] = (await kubectl(["get", short, "-o", "wide"])).split("\n");
    assert.equal(words(wideHeader), `${plain} ${wide}`.trim());
  });
}

test("kubectl get drop lists objects of every kind", { skip }, async () => {
  for (const kind of KINDS) {
    const object = changed(smallest(kind), "metadata.name", "category");
    await kubectl(["create", "-f", "-"], JSON.stringify(object));
  }
  const names = await kubectl(["get", "drop", "-o", "name"]);
  for (const kind of KINDS) {
    assert.match(names, new RegExp(`^${kind.toLowerCase()}.drop.corewire.io/category$`, "m"));
  }
});

test("a new CachedImage and CachedImageSet is never taken for a finished one", {
  skip,
}, async () => {
  for (const kind of ["CachedImage", "CachedImageSet"] as const) {
    const object = {
      ...changed(smallest(kind), "metadata.name", "fresh"),
      status: { observedGeneration: 5 },
    };
    await kubectl(["create", "-f", "-"], JSON.stringify(object));
    const stored = JSON.parse(await kubectl(["get", kind, "fresh", "-o", "json"]));
    assert.deepEqual(stored.status, { observedGeneration: -1 });
    assert.equal(stored.metadata.generation, 1);
  }
});

test("the CRDs are kept when the folder that they came from is pruned", { skip }, async () => {
  const { items } = JSON.parse(await kubectl(["get", "crd", "-o", "json"]));
  assert.equal(items.length, KINDS.length);
  for (const { metadata } of items) {
    assert.equal(metadata.annotations["kustomize.toolkit.fluxcd.io/prune"], "disabled");
    assert.match(metadata.annotations["argocd.argoproj.io/sync-options"], /Prune=false/);
  }
});

test("a null label becomes an empty one, and a null in a selector goes away", {
  skip,
}, async () => {
  const labelled = changed(smallest("PullPolicy"), "metadata", {
    name: "nulls",
    labels: { a: null },
  });
  const object = changed(labelled, "spec", { nodeSelector: { pool: null } });
  const stored = JSON.parse(
    await kubectl(["create", "--dry-run=server", "-o", "json", "-f", "-"], JSON.stringify(object)),
  );
  assert.deepEqual(stored.metadata.labels, { a: "" });
  assert.deepEqual(stored.spec.nodeSelector, {});
});

const WORDS = ["y", "n", "yes", "no", "on", "off", "true", "false", "null", "nan", "inf"];
const NUMBERS = [
  ...[
    "0",
    "00",
    "-0",
    "+0",
    "1",
    "-1",
    "+1",
    "7",
    "08",
    "010",
    "-010",
    "+010",
    "0o10",
    "0O10",
    "-0o7",
  ],
  ...[
    "0b1",
    "0B1",
    "-0b11",
    "+0b1",
    "0b2",
    "0b",
    "0x1F",
    "0X1f",
    "-0x1f",
    "0x",
    "0xg",
    "1_0",
    "0_1",
  ],
  ...["_1", "1_", "1__0", "0x_1", "1_000.5", ".5", "-.5", "+.5", "5.", "1.", ".", "+", "1e3"],
  ...[
    "1E3",
    "1e",
    "e3",
    "1e+3",
    "1.5e-3",
    "1_0e3",
    ".inf",
    "-.inf",
    "+.inf",
    ".Inf",
    ".INF",
    ".iNF",
  ],
  ...[
    ".nan",
    ".NaN",
    ".NAN",
    ".Nan",
    "-.nan",
    "12:30",
    "190:20:30",
    "1:2",
    "2026-01-31",
    "2001-1-1",
  ],
  ...[
    "2001-12-14t21:59:43.10-05:00",
    "~",
    "-~",
    "=",
    "1,000",
    "0.0.1",
    "1.2.3",
    "v1",
    "1.27",
    "1.10",
  ],
  ...["9223372036854775807", "9223372036854775808", "18446744073709551616", "-9223372036854775809"],
  ...[
    "0777777777777777777777777",
    "0xffffffffffffffffff",
    "1e400",
    "0x1p4",
    "0e0",
    "-0.0",
    "123456",
  ],
  ...[
    "01234567",
    "0123456789",
    "1d",
    "1f",
    "1L",
    "0d1",
    "1a",
    "00x1",
    "--1",
    "+-1",
    "1e3e3",
    "1..2",
  ],
];
const SCALARS = [
  ...WORDS,
  ...WORDS.map((word) => word.toUpperCase()),
  ...WORDS.map((word) => word.charAt(0).toUpperCase() + word.slice(1)),
  ...["yEs", "oN", "nULL", "tRue", "None", "Null", "NULL", "TRUE", "Y", "N"],
  ...NUMBERS,
];
/** Values that JSON has no way to write, at which kubectl gives up. */
const UNPRINTABLE = /^[-+]?\.(inf|nan)$/i;

test("plain scalars are read as the real kubectl reads them, as values", { skip }, async () => {
  const scalars = [...new Set(SCALARS)].filter((scalar) => !isUnprintable(scalar));
  const rows = scalars.map((scalar) => `  - ${scalar}\n`).join("");
  const text = `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\nscalars:\n${rows}`;
  const read = JSON.parse(await kubectl(CREATE, text)).scalars;
  const differing = scalars.flatMap((scalar, at) => {
    const ours = readYaml11(scalar);
    const expected = ours === undefined ? scalar : ours;
    return expected === read[at] ? [] : [`${scalar}: ${read[at]}, not ${expected}`];
  });
  assert.deepEqual(differing, []);
});

const CREATE = ["create", "--dry-run=client", "--validate=false", "-o", "json", "-f", "-"];

function isUnprintable(scalar: string): boolean {
  const value = readYaml11(scalar);
  return UNPRINTABLE.test(scalar) || (typeof value === "number" && !Number.isFinite(value));
}

test("plain scalars are read as the real kubectl reads them, as keys", { skip }, async () => {
  for (const scalar of ["y", "on", "no", "010", "0b1", "1_0", "v1", "12:30"]) {
    const text = `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\nscalars: {${scalar}: 1}\n`;
    const keys = Object.keys(Object(own(JSON.parse(await kubectl(CREATE, text)), "scalars")));
    const ours = readYaml11(scalar);
    assert.deepEqual(keys, [ours === undefined ? scalar : String(ours)], scalar);
  }
});

test("kubectl does not read a List inside a List, an endless alias, nor a control character", {
  skip,
}, async () => {
  const item = JSON.stringify(smallest("PullPolicy"));
  const texts = [
    `apiVersion: v1\nkind: List\nitems:\n  - apiVersion: v1\n    kind: List\n    items: [${item}]\n`,
    `${item.slice(0, -1)}, "spec": &a {"b": *a}}`,
    `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: "a\u001b"}\n`,
  ];
  for (const text of texts) {
    const { code, stdout } = await kubernetes.kubectl(
      ["create", "--dry-run=server", "-f", "-"],
      text,
    );
    assert.equal(code, 1, stdout);
  }
});
