import { API_VERSION, type Kind } from "../../src/api/types.gen.ts";
import { MAX_BODY_BYTES } from "../../src/webhook/body.ts";
import { type ReviewOptions, reviewOf } from "./reviews.ts";

/** A body that is to cost as much as a body can. */
export interface HostileBody {
  readonly what: string;
  readonly body: () => Uint8Array;
}

type Spec = Readonly<Record<string, unknown>>;

function times<T>(count: number, make: (index: number) => T): readonly T[] {
  return Array.from({ length: count }, (_, index) => make(index));
}

function bytesOf(value: unknown): Uint8Array {
  return Buffer.from(JSON.stringify(value));
}

function objectOf(kind: Kind, spec: unknown, metadata: Spec = {}) {
  return { apiVersion: API_VERSION, kind, metadata: { name: "hostile", ...metadata }, spec };
}

function reviewed(
  what: string,
  [kind, spec, options]: readonly [Kind, () => unknown, ReviewOptions?],
): HostileBody {
  return { what, body: () => bytesOf(reviewOf(kind, objectOf(kind, spec()), options)) };
}

/** The same mistakes in the old object, so that each is looked for there. */
function updated(what: string, kind: Kind, spec: (seed: number) => unknown): HostileBody {
  const object = (seed: number) => objectOf(kind, spec(seed));
  const body = () =>
    bytesOf(reviewOf(kind, object(0), { operation: "UPDATE", oldObject: object(1) }));
  return { what, body };
}

function policy(source: (index: number) => Spec, rest: Spec = {}): Spec {
  return { sources: times(32, source), ...rest };
}

function registrySource(index: number, rest: Spec = {}): Spec {
  const url = "https://registry.example.com";
  const registry = { url, repositories: ["team/app"], ...rest };
  return { name: `source-${index}`, type: "registry", registry };
}

function prometheusSource(query: string): (index: number) => Spec {
  const endpoint = "https://prometheus.example.com";
  return (index) => ({ name: `s${index}`, type: "prometheus", prometheus: { endpoint, query } });
}

/** Up to 1,024 characters each, none like another. */
const PATTERNS: readonly (readonly [string, (index: number) => string])[] = [
  ["of starred characters", (index) => `${"x*".repeat(505)}${index}`],
  ["of literal text", (index) => `${"a".repeat(480)}${index}`],
  ["of 480 small classes", (index) => `[^a]{480}${index}`],
  ["with Unicode's widest sets", (index) => `\\pL\\pN\\pS\\pM\\pP\\pZ\\pC\\pL${index}`],
  ["that fold case over wide ranges", (index) => `(?i)[\\x{0}-\\x{1fff}]{40}${index}`],
  ["of alternatives", (index) => `${"ab|".repeat(150)}${index}`],
  ["of nested groups", (index) => `${"(".repeat(240)}a${")*".repeat(240)}${index}`],
  ["of nested repetitions", (index) => `((a{1,9}){1,9}){1,9}${index}`],
  ["with a look-ahead", (index) => `^(?!${"(a+)+".repeat(40)})${"b?".repeat(80)}${index}$`],
  ["that no RE2 reads", (index) => `${"(?:a".repeat(250)}${index}`],
];

const TEMPLATES: readonly (readonly [string, string])[] = [
  ["of braces", "{{.Tag}}".repeat(128)],
  ["that write much", `{{ printf "%900s%900s%900s%900s" .Tag .Tag .Tag .Tag }}{{.Tag}}`],
  ["of nested calls", `{{ ${"(lower ".repeat(120)}.Tag${")".repeat(120)} }}`],
  ["of nested ifs", `${"{{if .Tag}}".repeat(50)}a${"{{end}}".repeat(50)}`],
  ["of replacements", `{{ .Tag ${'| replace "1" "11" '.repeat(50)} }}`],
];

const QUERIES: readonly (readonly [string, string])[] = [
  ["nested aggregations", `${"sum(".repeat(19)}up${")".repeat(19)}`],
  ["long sums", `up${"+up".repeat(2_700)}`],
  ["many matchers", `up{${'a="b",'.repeat(1_300)}}`],
  ["open brackets", "(".repeat(8_000)],
  ["nested signs", `${"-".repeat(8_000)}up`],
  ["strings without end", `"${"\\".repeat(8_000)}`],
];

/** Objects of one's own making: every field at its worst. */
const OBJECTS: readonly HostileBody[] = [
  ...PATTERNS.map(([what, pattern]) =>
    reviewed(`34 patterns ${what}`, [
      "DiscoveryPolicy",
      () =>
        policy((index) => registrySource(index, { tagFilter: pattern(index) }), {
          imageFilter: pattern(98),
          excludeFilter: pattern(99),
        }),
    ]),
  ),
  updated("32 patterns before and after an update", "DiscoveryPolicy", (seed) =>
    policy((index) => registrySource(index, { tagFilter: `${"x*".repeat(505)}${seed}${index}` })),
  ),
  ...TEMPLATES.map(([what, imageTemplate]) =>
    reviewed(`32 templates ${what}`, [
      "DiscoveryPolicy",
      () => policy((index) => registrySource(index, { imageTemplate })),
    ]),
  ),
  ...QUERIES.map(([what, query]) =>
    reviewed(`32 queries of ${what}`, ["DiscoveryPolicy", () => policy(prometheusSource(query))]),
  ),
  reviewed("8,192 long repositories", [
    "DiscoveryPolicy",
    () =>
      policy((at) =>
        registrySource(at, { repositories: times(256, (i) => `${"a/".repeat(120)}${at}x${i}`) }),
      ),
  ]),
  reviewed("8,192 wrong repositories", [
    "DiscoveryPolicy",
    () => policy((at) => registrySource(at, { repositories: times(256, (i) => `A ${at} ${i}`) })),
  ]),
  reviewed("1,000 wrong images", [
    "CachedImageSet",
    () => ({
      images: times(1_000, (i) => ({
        image: `${"UPPER/".repeat(40)}${i}:tag`,
        tag: " ".repeat(128),
        digest: "sha256:1",
      })),
    }),
  ]),
  reviewed("1,000 images with a pattern for a name", [
    "CachedImageSet",
    () => ({ images: times(1_000, (i) => ({ image: `${"(a+)+".repeat(204)}${i}` })) }),
  ]),
  updated("1,000 wrong images before and after an update", "CachedImageSet", (seed) => ({
    images: times(1_000, (i) => ({ image: `Wrong ${seed} ${i}`, tag: "a b", digest: "x" })),
  })),
  reviewed("a set with every field too long", [
    "CachedImageSet",
    () => ({
      images: times(1_000, (i) => ({ image: `docker.io/library/image-${i}`, tag: "latest" })),
      nodeSelector: Object.fromEntries(times(65, (i) => [`bad key ${i}`, "bad value "])),
      tolerations: times(65, (i) => ({ key: `bad key ${i}`, operator: "Near", effect: "None" })),
      imagePullSecrets: times(33, () => ({ name: "Twice" })),
    }),
  ]),
  reviewed("10,000 unknown fields", [
    "CachedImage",
    () => Object.fromEntries(times(10_000, (i) => [`imagge${i}`, i])),
  ]),
];

function padded(before: string, piece: string, after: string): Uint8Array {
  const room = MAX_BODY_BYTES - Buffer.byteLength(before) - Buffer.byteLength(after);
  return Buffer.from(
    `${before}${piece.repeat(Math.floor(room / Buffer.byteLength(piece)))}${after}`,
  );
}

/** A review of a CachedImage whose annotations are given as JSON, up to the largest body. */
function annotated(piece: string, [open, close]: readonly [string, string]): () => Uint8Array {
  const marker = "<annotations>";
  const object = objectOf("CachedImage", { image: "a/b" }, { annotations: marker });
  const text = JSON.stringify(reviewOf("CachedImage", object));
  const [before = "", after = ""] = text.split(JSON.stringify(marker));
  return () => padded(`${before}${open}`, piece, `${close}${after}`);
}

/** A value nested so many levels deep. */
function deep(levels: number): string {
  return `${"[".repeat(levels)}${"]".repeat(levels)}`;
}

const DEEP_SPEC = JSON.stringify(
  reviewOf("CachedImage", objectOf("CachedImage", { image: "a/b", nodeSelector: "<deep>" })),
);

/** Bodies that are long or deep, JSON or not. */
const SHAPES: readonly HostileBody[] = [
  { what: "7 MiB of one letter", body: annotated("x", ['{"note":"', '"}']) },
  { what: "7 MiB of escapes", body: annotated("\\u0041", ['{"note":"', '"}']) },
  { what: "7 MiB of characters of four bytes", body: annotated("😀", ['{"note":"', '"}']) },
  { what: "7 MiB of one key", body: annotated("x", ['{"', '":""}']) },
  { what: "7 MiB in 19,900 annotations", body: manyAnnotations },
  { what: "7 MiB of white space", body: () => padded("", " ", "{}") },
  { what: "7 MiB of commas", body: () => padded("[0", ",0", "]") },
  { what: "7 MiB of brackets", body: () => padded("", "[", "") },
  { what: "7 MiB that are no UTF-8", body: () => new Uint8Array(MAX_BODY_BYTES).fill(0xff) },
  { what: "49,000 numbers", body: () => Buffer.from(`[${"0,".repeat(48_999)}0]`) },
  { what: "19,900 keys", body: () => bytesOf(keys(19_900)) },
  { what: "49,000 keys", body: () => bytesOf(keys(48_999)) },
  { what: "a value 49,000 levels deep", body: () => Buffer.from(deep(49_000)) },
  {
    what: "a field 49,000 levels deep",
    body: () => Buffer.from(DEEP_SPEC.replace('"<deep>"', deep(49_000))),
  },
  {
    what: "an update of a field 24,000 levels deep",
    body: () =>
      Buffer.from(
        DEEP_SPEC.replace('"<deep>"', deep(24_000))
          .replace('"CREATE"', '"UPDATE"')
          .replace('"oldObject":null', `"oldObject":{"spec":{"nodeSelector":${deep(24_000)}}}`),
      ),
  },
];

function manyAnnotations(): Uint8Array {
  const annotations = Object.fromEntries(times(19_900, (i) => [`a.example/${i}`, "x".repeat(330)]));
  const object = objectOf("CachedImage", { image: "a/b" }, { annotations });
  return bytesOf(reviewOf("CachedImage", object));
}

function keys(count: number): unknown {
  return Object.fromEntries(times(count, (i) => [`key${i}`, 0]));
}

/** Bodies that API servers let through, or that anybody may send, at their most expensive. */
export const HOSTILE_BODIES: readonly HostileBody[] = [...OBJECTS, ...SHAPES];
