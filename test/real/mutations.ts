import fc from "fast-check";
import { KINDS, type Kind } from "../../src/api/types.gen.ts";
import { changed, DIGEST, fullest, type Loose, smallest } from "../api/valid-objects.ts";

/** A valid object after up to three changes, each of which may or may not break a rule. */
export interface Mutant {
  readonly kind: Kind;
  readonly object: Loose;
  /** What was changed, for people to read. */
  readonly changes: readonly string[];
}

interface Mutation {
  readonly field: string;
  readonly value: unknown;
}

/** Mutants in a fixed order for a seed. */
export function mutants(seed: number, count: number): readonly Mutant[] {
  return fc.sample(MUTANT, { seed, numRuns: count });
}

const MUTANT = fc
  .record({ kind: fc.constantFrom(...KINDS), isFull: fc.boolean() })
  .chain(({ kind, isFull }) =>
    fc
      .array(mutationOf(kind), { maxLength: 3 })
      .map((mutations) => mutant(kind, isFull ? fullest(kind) : smallest(kind), mutations)),
  );

function mutant(kind: Kind, object: Loose, mutations: readonly Mutation[]): Mutant {
  const mutated = mutations.reduce(
    (before, { field, value }) => changed(before, field, value),
    object,
  );
  const changes = mutations.map(
    ({ field, value }) => `${field}=${JSON.stringify(value)?.slice(0, 120)}`,
  );
  return { kind, object: mutated, changes };
}

function mutationOf(kind: Kind): fc.Arbitrary<Mutation> {
  const rows = [...COMMON, ...FIELDS[kind]];
  return fc.constantFrom(...rows).chain(({ field, values }) =>
    // Mostly what the field's own grammar makes interesting, at times anything at all.
    fc
      .oneof({ weight: 5, arbitrary: values }, { weight: 1, arbitrary: STRANGE })
      .map((value) => ({ field, value })),
  );
}

interface Row {
  readonly field: string;
  readonly values: fc.Arbitrary<unknown>;
}

const row = (field: string, values: fc.Arbitrary<unknown>): Row => ({ field, values });

/** Values that fit no field in particular. */
const STRANGE: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(undefined, null, "", 0, -1, 1.5, 1.0, true, false, [], {}, [null], [[]]),
  fc.constantFrom<unknown>({ a: null }, [{}], ["a"], { name: "a" }, [{ name: null }], "a\u0000b"),
  fc.string({ unit: "grapheme", maxLength: 8 }),
  fc.integer(),
);

const times = (text: string, count: number): string => text.repeat(count);
/** Texts one shorter than, as long as, and one longer than a limit, in one-, two- and four-byte characters. */
const around = (limit: number): fc.Arbitrary<string> =>
  fc
    .tuple(fc.constantFrom("a", "é", "😀", "漢"), fc.constantFrom(limit - 1, limit, limit + 1))
    .map(([text, count]) => times(text, count));

const number = (low: number, high: number): fc.Arbitrary<unknown> =>
  fc.constantFrom<unknown>(
    low - 1,
    low,
    low + 1,
    high - 1,
    high,
    high + 1,
    1.5,
    `${low}`,
    1e10,
    -1e19,
  );
const boolean = fc.constantFrom<unknown>(true, false, "true", 0);

const name = fc.oneof(
  fc.constantFrom("gentle", "a.b", "A", "-a", "a-", "a_b", "", "a..b", "x y"),
  around(253),
);

const image = fc.oneof(
  fc.constantFrom(
    ...["nginx", "nginx:1.27", `nginx@${DIGEST}`, "localhost:5000", "localhost:5000/a", "a/b:c/d"],
    ...["[::1]:5000/a", "[::1]", "a:", "a@", "@", ":", "Docker.io/A", "https://a/b", "a b", " a"],
    ...["a//b", "a/", "/a", "x:5000/y:z", "ünï/cödé", "😀", "a\nb:c", "a:b\n"],
  ),
  around(255),
);
const tag = fc.oneof(
  fc.constantFrom("1.27", "latest", "_a", "-a", ".a", "a b", "", "a:b", "ä", "v1\n", "A_.-", "1+2"),
  around(128),
);
const digest = fc.constantFrom(
  ...[DIGEST, DIGEST.slice(0, -1), `${DIGEST}0`, DIGEST.toUpperCase(), "", "sha256:", "sha256"],
  ...[`sha384:${times("a", 96)}`, `sha512:${times("b", 128)}`, `sha512:${times("b", 129)}`],
  ...[`sha512:${times("b", 64)}`, `md5:${times("c", 32)}`, `@${DIGEST}`, `${DIGEST}\n`],
);

const duration = fc.oneof(
  fc.constantFrom(
    ...["30s", "1h30m", "7d", "1.5h", "0", "0s", "0.0s", "00", "-1s", "+1s", "1", "1 s", "", "s"],
    ...["1µs", "1μs", "1us", "0.0000000001ns", "1y", "300y", "1h30", "1m1h", ".5s", "5.s", "1S"],
    ...[
      "99999h1ns",
      "99999h",
      "8d",
      "1w",
      "00000.1s",
      "100000s",
      "0.5ns",
      "1s1s1s1s",
      "1s1s1s1s1s",
    ],
    ...["0.1234567891s", "30m", "50", "5m\n", "0h0m0s", "0d", "1d0h", "1e3s", "１s"],
  ),
  fc
    .array(
      fc.tuple(
        fc.integer({ min: 0, max: 100_001 }),
        fc.option(fc.integer({ min: 0, max: 999_999_999 }), { nil: undefined }),
        fc.constantFrom("ns", "us", "µs", "ms", "s", "m", "h", "d", "w", "y"),
      ),
      { minLength: 1, maxLength: 5 },
    )
    .map((terms) =>
      terms.map(([whole, part, unit]) => `${whole}${part === undefined ? "" : `.${part}`}${unit}`),
    )
    .map((terms) => terms.join("")),
  around(64).map((text) => text.replaceAll("a", "1")),
);
const backoff = fc.record({ initial: duration, max: duration }, { requiredKeys: [] });

const url = fc.oneof(
  fc.constantFrom(
    ...[
      "https://a",
      "http://a:9090/b/",
      "https://a?b",
      "https://a#b",
      "https://u:p@a",
      "https:///a",
    ],
    ...["ftp://a", "a", "", "https://", "https://a b", "https://a\\b", "HTTPS://a", "https://a\n"],
    ...[
      "https://a\u00a0b",
      "https://a\u000bb",
      "https://a/\u2028",
      "https://[::1]:80/",
      "https://a:99999",
    ],
    ...[
      "https://ä.example",
      "https://a/%zz",
      "http:/a",
      "https://a/b c",
      "https://a//b",
      " https://a",
    ],
  ),
  around(2048 - "https://".length).map((text) => `https://${text}`),
);

const PIECES = [
  "a",
  "b*",
  "(",
  ")",
  "[",
  "]",
  "\\d",
  "\\",
  "(?i)",
  "(?=a)",
  "(?!b)",
  "^",
  "$",
  "|",
];
const MORE_PIECES = [
  "{2}",
  "{1001}",
  "{9}{9}",
  "(?P<n>a)",
  "(?<n>b)",
  "\\1",
  "\\Q",
  "\\p{Greek}",
  "é",
];
const SHAPES = [
  "^(?!",
  "(?U)^(?!a)",
  "\\A(?!x).*",
  "(?is)^(?!y)$",
  "**",
  "a++",
  "[a-",
  "[z-a]",
  "\\C",
];
const pattern = fc.oneof(
  fc
    .array(fc.constantFrom(...PIECES, ...MORE_PIECES, ...SHAPES), { maxLength: 5 })
    .map((pieces) => pieces.join("")),
  fc.constantFrom(
    times("(", 500) + times(")", 500),
    "x{1000}",
    "x{1001}",
    "(x{100}){11}",
    "\u0000",
  ),
  around(1024),
);

const list = (item: unknown, limit: number): fc.Arbitrary<unknown> =>
  fc
    .constantFrom(0, 1, 2, limit, limit + 1)
    .map((length) => Array.from({ length }, (_, at) => distinct(item, at)));

/** The item with its name, where it has one, made its own: lists that are maps want that. */
function distinct(item: unknown, at: number): unknown {
  if (typeof item !== "object" || item === null || !("name" in item)) return item;
  return { ...item, name: `${String(item.name)}${at}` };
}

const labels = fc.oneof(
  fc.dictionary(
    fc.constantFrom("pool", "a/b", "a b", "A.B/c", "a/b/c", "", "é", times("x", 64), "/a"),
    fc.constantFrom<unknown>("web", "", "a b", 5, null, true, times("x", 63), times("x", 64), "é"),
    { maxKeys: 2 },
  ),
  fc
    .constantFrom(64, 65)
    .map((count) => Object.fromEntries(Array.from({ length: count }, (_, at) => [`k${at}`, "v"]))),
);

const tolerations = fc.oneof(
  fc.array(
    fc.record(
      {
        key: fc.constantFrom<unknown>("a", "", "a b", times("x", 317), times("x", 318), 5),
        operator: fc.constantFrom<unknown>("Exists", "Equal", "", "Lt", "exists"),
        value: fc.constantFrom<unknown>("v", "", "a b", times("x", 64), true),
        effect: fc.constantFrom<unknown>("NoSchedule", "", "NoExecute", "Never"),
        tolerationSeconds: fc.constantFrom<unknown>(0, -1, 1.5, 2 ** 53, 2 ** 63, 1e30, "5"),
        extra: fc.constant(1),
      },
      { requiredKeys: [] },
    ),
    { maxLength: 2 },
  ),
  list({ operator: "Exists" }, 64),
);

const secrets = fc.oneof(
  list({ name: "login" }, 32),
  fc.array(fc.record({ name }, { requiredKeys: [] }), { maxLength: 2 }),
  fc.constantFrom<unknown>([{ name: "a" }, { name: "a" }], [{ name: 5 }, { name: 5 }], [{}, {}]),
);

const COMMON: readonly Row[] = [
  row("metadata.name", name),
  row("metadata.generateName", name),
  row("metadata.labels", labels),
  row("metadata.annotations", labels),
  row("metadata.annotations.note", around(65_536)),
  row("metadata.namespace", fc.constantFrom("", "default")),
  row("metadata.nmae", fc.constant("a")),
  row("spec", fc.constantFrom<unknown>(undefined, null, {}, [], "a")),
  row("spec.imagee", fc.constant("a")),
  row("spec.__proto__", fc.constantFrom<unknown>({}, "a")),
  row("spec.constructor", fc.constant("a")),
  row("extra", fc.constantFrom<unknown>(1, null)),
  row("apiVersion", fc.constantFrom("drop.corewire.io/v1alpha1", "drop.corewire.io/v1", "v1")),
];

const PLACEMENT: readonly Row[] = [
  row("spec.imagePullPolicy", fc.constantFrom("Always", "always", "Never", "", "IfNotPresent")),
  row("spec.imagePullSecrets", secrets),
  row("spec.nodeSelector", labels),
  row("spec.tolerations", tolerations),
  row("spec.policyRef", fc.constantFrom<unknown>({}, { name: "a" }, { name: "a", kind: "b" })),
  row("spec.policyRef.name", name),
  row("spec.suspend", boolean),
];

const entry = fc.record({ image, tag, digest }, { requiredKeys: [] });

const FIELDS: Readonly<Record<Kind, readonly Row[]>> = {
  CachedImage: [
    ...PLACEMENT,
    row("spec.image", image),
    row("spec.image", image),
    row("spec.tag", tag),
    row("spec.digest", digest),
    row("spec.priority", number(-2_147_483_648, 2_147_483_647)),
  ],
  CachedImageSet: [
    ...PLACEMENT,
    row("spec.images", fc.array(entry, { maxLength: 3 })),
    row("spec.images", list({ image: "a.example/b", tag: "1" }, 1000)),
    row("spec.images.0", entry),
    row("spec.images.0.priority", number(0, 5)),
    row("spec.discoveryPolicyRef.name", name),
  ],
  DiscoveryPolicy: [
    row("spec.sources", list({ name: "n", ...sourceOf() }, 32)),
    row("spec.sources.1", fc.constantFrom<unknown>(sourceOf(), { name: "metrics", ...sourceOf() })),
    row(
      "spec.sources.0.name",
      fc.oneof(fc.constantFrom("hub", "a b", "", "A.b-c_d", "-"), around(63)),
    ),
    row("spec.sources.0.type", fc.constantFrom("registry", "prometheus", "Prometheus")),
    row(
      "spec.sources.0.registry",
      fc.constantFrom<unknown>({}, { url: "https://a", repositories: ["b"] }),
    ),
    row("spec.sources.0.prometheus.endpoint", url),
    row(
      "spec.sources.0.prometheus.query",
      fc.oneof(around(8192), fc.constantFrom("", "sum(", "up")),
    ),
    row("spec.sources.0.prometheus.lookback", duration),
    row("spec.sources.0.prometheus.step", duration),
    row("spec.sources.1.type", fc.constantFrom("registry", "prometheus", "")),
    row("spec.sources.1.registry.url", url),
    row("spec.sources.1.registry.repositories", list("a/b", 256)),
    row(
      "spec.sources.1.registry.repositories.0",
      fc.oneof(around(255), fc.constantFrom("", "A", "a:b")),
    ),
    row("spec.sources.1.registry.tagFilter", pattern),
    row("spec.sources.1.registry.topX", number(1, 1000)),
    row(
      "spec.sources.1.registry.imageTemplate",
      fc.oneof(around(1024), fc.constantFrom("", "{{", "a")),
    ),
    row("spec.sources.0.secretRef.name", name),
    row("spec.imageFilter", pattern),
    row("spec.imageFilter", pattern),
    row("spec.excludeFilter", pattern),
    row("spec.syncInterval", duration),
    row("spec.interval", duration),
    row("spec.maxImages", number(1, 1000)),
    row("spec.topX", fc.oneof(number(1, 1000), fc.constantFrom(20, 50))),
    row("spec.suspend", boolean),
  ],
  PullPolicy: [
    row("spec.maxConcurrentNodes", number(1, 10_000)),
    row("spec.minDelayBetweenPulls", duration),
    row("spec.failureBackoff", backoff),
    row("spec.failureBackoff", backoff),
    row("spec.failureBackoff.initial", duration),
    row("spec.failureBackoff.max", duration),
    row("spec.repullInterval", duration),
    row("spec.pullTimeout", duration),
    row("spec.nodeSelector", labels),
    row("spec.tolerations", tolerations),
    row("spec.suspend", boolean),
  ],
};

function sourceOf(): Loose {
  return { type: "prometheus", prometheus: { endpoint: "https://a", query: "up" } };
}
