import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { DiscoveryPolicySpec } from "../../src/api/types.gen.ts";
import type { RememberedImage, SourceOutcome } from "../../src/discovery/outcome.ts";
import { rank } from "../../src/discovery/rank.ts";
import { complete, incomplete, offers, outcome, policy, prometheusSource } from "./policies.ts";

interface Case {
  readonly name: string;
  readonly spec?: Partial<DiscoveryPolicySpec>;
  readonly outcomes: readonly SourceOutcome[];
  readonly remembered?: readonly RememberedImage[];
  readonly churnMargin?: number;
  readonly images: readonly string[];
  readonly usedMemory?: boolean;
  readonly missing?: boolean;
  readonly answered?: boolean;
}

function memory(source: string, ...images: readonly string[]): readonly RememberedImage[] {
  return offers(...images).map((candidate) => ({ ...candidate, source, part: "" }));
}

const cases: readonly Case[] = [
  {
    name: "images are ordered by score, equal scores by name",
    outcomes: [outcome("a", complete(offers("x.io/c:1=5", "x.io/b:1=7", "x.io/a:1=5")))],
    images: ["x.io/b:1", "x.io/a:1", "x.io/c:1"],
  },
  {
    name: "scores that round to the same number are still told apart",
    outcomes: [outcome("a", complete(offers("x.io/a:1=1.1", "x.io/b:1=1.2")))],
    images: ["x.io/b:1", "x.io/a:1"],
  },
  {
    name: "across sources the highest score wins",
    outcomes: [
      outcome("a", complete(offers("x.io/a:1=1", "x.io/b:1=2"))),
      outcome("b", complete(offers("x.io/a:1=3"))),
    ],
    images: ["x.io/a:1", "x.io/b:1"],
  },
  {
    name: "NaN and infinite scores never rank",
    outcomes: [outcome("a", complete(offers("x.io/a:1=NaN", "x.io/b:1=Infinity", "x.io/c:1=1")))],
    images: ["x.io/c:1"],
  },
  {
    name: "the cut is at maxImages",
    spec: { maxImages: 1 },
    outcomes: [outcome("a", complete(offers("x.io/a:1=1", "x.io/b:1=2")))],
    images: ["x.io/b:1"],
  },
  {
    name: "the alias topX is in force while it is set",
    spec: { maxImages: 1, topX: 2 },
    outcomes: [outcome("a", complete(offers("x.io/a:1=1", "x.io/b:1=2", "x.io/c:1=3")))],
    images: ["x.io/c:1", "x.io/b:1"],
  },
  {
    name: "the look-ahead of the specification removes ECR images",
    spec: { imageFilter: "^(?!.*ecr\\..*amazonaws\\.com).*$" },
    outcomes: [
      outcome(
        "a",
        complete(
          offers("1.dkr.ecr.eu-central-1.amazonaws.com/app:1=9", "docker.io/library/nginx:1=1"),
        ),
      ),
    ],
    images: ["docker.io/library/nginx:1"],
  },
  {
    name: "a filter does not let filtered images take places",
    spec: { maxImages: 1, imageFilter: "nginx", excludeFilter: ":debug$" },
    outcomes: [
      outcome("a", complete(offers("x.io/nginx:debug=9", "x.io/redis:1=8", "x.io/nginx:1=1"))),
    ],
    images: ["x.io/nginx:1"],
  },
  {
    name: "a remembered image is not displaced by one that is used a tenth more",
    spec: { maxImages: 2 },
    outcomes: [
      outcome("a", complete(offers("x.io/old:1=100", "x.io/new:1=110", "x.io/old:2=105"))),
    ],
    remembered: memory("a", "x.io/old:1=0", "x.io/old:2=0"),
    images: ["x.io/old:2", "x.io/old:1"],
  },
  {
    name: "a remembered image is displaced by one of the better half that is used more than a tenth more",
    spec: { maxImages: 2 },
    outcomes: [
      outcome("a", complete(offers("x.io/old:1=100", "x.io/new:1=111", "x.io/old:2=105"))),
    ],
    remembered: memory("a", "x.io/old:1=0", "x.io/old:2=0"),
    images: ["x.io/new:1", "x.io/old:2"],
  },
  {
    name: "outside the better half an image must be used more than three times as much",
    spec: { maxImages: 2 },
    outcomes: [
      outcome("a", complete(offers("x.io/old:1=100", "x.io/new:1=300", "x.io/top:1=500"))),
    ],
    remembered: memory("a", "x.io/old:1=0", "x.io/top:1=0"),
    images: ["x.io/top:1", "x.io/old:1"],
  },
  {
    name: "outside the better half an image used more than three times as much is in",
    spec: { maxImages: 2 },
    outcomes: [
      outcome("a", complete(offers("x.io/old:1=100", "x.io/new:1=301", "x.io/top:1=500"))),
    ],
    remembered: memory("a", "x.io/old:1=0", "x.io/top:1=0"),
    images: ["x.io/top:1", "x.io/new:1"],
  },
  {
    name: "free places are filled by score, from outside the better half too",
    spec: { maxImages: 3 },
    outcomes: [
      outcome("a", complete(offers("x.io/old:1=100", "x.io/new:1=101", "x.io/top:1=500"))),
    ],
    remembered: memory("a", "x.io/top:1=0", "x.io/old:1=0"),
    images: ["x.io/top:1", "x.io/new:1", "x.io/old:1"],
  },
  {
    name: "a better half of an odd number of places is rounded up",
    spec: { maxImages: 3 },
    outcomes: [
      outcome(
        "a",
        complete(offers("x.io/top:1=500", "x.io/new:1=200", "x.io/old:1=150", "x.io/old:2=100")),
      ),
    ],
    remembered: memory("a", "x.io/top:1=0", "x.io/old:1=0", "x.io/old:2=0"),
    images: ["x.io/top:1", "x.io/new:1", "x.io/old:1"],
  },
  {
    name: "the margin may be another, and with 0 the scores alone decide",
    spec: { maxImages: 1 },
    outcomes: [outcome("a", complete(offers("x.io/old:1=100", "x.io/new:1=100.1")))],
    remembered: memory("a", "x.io/old:1=0"),
    churnMargin: 0,
    images: ["x.io/new:1"],
  },
  {
    name: "the margin lies above negative scores too",
    spec: { maxImages: 1 },
    outcomes: [outcome("a", complete(offers("x.io/old:1=-100", "x.io/new:1=-95")))],
    remembered: memory("a", "x.io/old:1=0"),
    images: ["x.io/old:1"],
  },
  {
    name: "a new release takes its place at once",
    spec: { maxImages: 1 },
    outcomes: [outcome("r", complete(offers("x.io/app:2=1000", "x.io/app:1=999"), "app"))],
    remembered: [{ image: "x.io/app:1", source: "r", part: "app", score: 0 }],
    images: ["x.io/app:2"],
  },
  {
    name: "a new release takes the place of an image scored by usage at once, too",
    spec: { maxImages: 1 },
    outcomes: [
      outcome("a", complete(offers("x.io/old:1=999"))),
      outcome("r", complete(offers("x.io/app:2=1000"), "app")),
    ],
    remembered: memory("a", "x.io/old:1=0"),
    images: ["x.io/app:2"],
  },
  {
    name: "what a complete answer lacks is gone",
    outcomes: [outcome("a", complete(offers("x.io/new:1=1")))],
    remembered: memory("a", "x.io/old:1=9"),
    images: ["x.io/new:1"],
  },
  {
    name: "what a failed source had stays",
    outcomes: [outcome("a", incomplete("failed")), outcome("b", complete(offers("x.io/b:1=99")))],
    remembered: [...memory("a", "x.io/old:1=1", "x.io/older:1=2"), ...memory("b", "x.io/gone:1=5")],
    images: ["x.io/old:1", "x.io/older:1", "x.io/b:1"],
    usedMemory: true,
  },
  {
    name: "new images only fill the places that remembered ones leave",
    spec: { maxImages: 3 },
    outcomes: [outcome("a", incomplete("partial", offers("x.io/new:1=99", "x.io/newer:1=100")))],
    remembered: memory("a", "x.io/old:1=1", "x.io/older:1=2"),
    images: ["x.io/old:1", "x.io/older:1", "x.io/newer:1"],
    usedMemory: true,
  },
  {
    name: "remembered images pass the filters too",
    spec: { excludeFilter: "older" },
    outcomes: [outcome("a", incomplete("failed"))],
    remembered: memory("a", "x.io/old:1=1", "x.io/older:1=2"),
    images: ["x.io/old:1"],
    usedMemory: true,
    answered: false,
  },
  {
    name: "remembered images are cut as well, in their old order",
    spec: { maxImages: 1 },
    outcomes: [outcome("a", incomplete("failed"))],
    remembered: memory("a", "x.io/old:1=1", "x.io/older:1=2"),
    images: ["x.io/old:1"],
    usedMemory: true,
    answered: false,
  },
  {
    name: "a failure without any memory is missing",
    outcomes: [outcome("a", incomplete("failed")), outcome("b", complete(offers("x.io/b:1=1")))],
    remembered: memory("b", "x.io/b:1=1"),
    images: ["x.io/b:1"],
    missing: true,
  },
  {
    name: "one failed repository does not hold another's images",
    outcomes: [
      outcome(
        "r",
        complete(offers("x.io/one:2=1000"), "one"),
        incomplete("failed", [], { name: "two" }),
      ),
    ],
    remembered: [
      { image: "x.io/one:1", source: "r", part: "one", score: 1000 },
      { image: "x.io/two:1", source: "r", part: "two", score: 1000 },
    ],
    images: ["x.io/two:1", "x.io/one:2"],
    usedMemory: true,
  },
  {
    name: "an image of an unknown repository stays while any repository fails",
    outcomes: [outcome("r", complete([], "one"), incomplete("failed", [], { name: "two" }))],
    remembered: [{ image: "x.io/some:1", source: "r", part: "", score: 1000 }],
    images: ["x.io/some:1"],
    usedMemory: true,
  },
  {
    name: "images of a repository or source that the policy lost are gone",
    outcomes: [outcome("r", complete([], "one"), incomplete("failed", [], { name: "two" }))],
    remembered: [
      { image: "x.io/three:1", source: "r", part: "three", score: 1000 },
      { image: "x.io/a:1", source: "gone", part: "", score: 1000 },
      { image: "x.io/two:1", source: "r", part: "two", score: 1 },
    ],
    images: ["x.io/two:1"],
    usedMemory: true,
  },
  {
    name: "an image that two sources had stays until both have answered without it",
    outcomes: [outcome("a", complete([])), outcome("b", incomplete("failed"))],
    remembered: [
      {
        image: "x.io/both:1",
        source: "a",
        part: "",
        score: 9,
        alsoFrom: [{ source: "b", part: "" }],
      },
    ],
    images: ["x.io/both:1"],
    usedMemory: true,
  },
  {
    name: "candidates of failed parts are memory",
    outcomes: [outcome("a", incomplete("failed", offers("x.io/a:1=1")))],
    images: ["x.io/a:1"],
    usedMemory: true,
    answered: false,
  },
  {
    name: "a suspended policy keeps what it has and misses nothing",
    outcomes: [outcome("a", incomplete("failed", [], { reason: "Suspended" }))],
    images: [],
    answered: true,
  },
];

for (const { name, spec, outcomes, remembered = [], churnMargin, images, ...expected } of cases) {
  test(name, () => {
    const ranking = rank({
      ...(churnMargin !== undefined && { churnMargin }),
      policy: policy({ sources: [prometheusSource()], ...spec }),
      outcomes,
      remembered,
    });
    assert.deepEqual(
      ranking.images.map(({ image }) => image),
      images,
    );
    assert.deepEqual(
      ranking.images.map((image) => image.rank),
      images.map((_, index) => index + 1),
    );
    assert.equal(ranking.usedMemory, expected.usedMemory ?? false, "usedMemory");
    assert.equal(ranking.missing, expected.missing ?? false, "missing");
    assert.equal(ranking.answered, expected.answered ?? true, "answered");
  });
}

test("what each step leaves out is counted", () => {
  const { dropped } = rank({
    policy: policy({
      sources: [prometheusSource()],
      imageFilter: "x",
      excludeFilter: ":no$",
      maxImages: 1,
    }),
    outcomes: [
      outcome("a", complete(offers("y.io/a:1=1", "x.io/a:no=1", "x.io/a:1=1", "x.io/b:1=1"))),
    ],
    remembered: [],
  });
  assert.deepEqual(dropped, { imageFilter: 1, excludeFilter: 1, beyondMaxImages: 1 });
});

test("equal scores of two sources go to the first by name, and the other is kept in mind", () => {
  const { images } = rank({
    policy: policy({ sources: [prometheusSource()] }),
    outcomes: [
      outcome("b", complete(offers("x.io/a:1=1"))),
      outcome("a", complete(offers("x.io/a:1=1"))),
    ],
    remembered: [],
  });
  assert.deepEqual(images, [
    {
      image: "x.io/a:1",
      score: 1,
      source: "a",
      part: "",
      alsoFrom: [{ source: "b", part: "" }],
      rank: 1,
      remembered: false,
    },
  ]);
});

test("an image held for a failed source is still held when it fails again, whoever else offers it", () => {
  const sources = { policy: policy({ sources: [prometheusSource()] }) };
  const first = rank({
    ...sources,
    outcomes: [outcome("a", incomplete("failed")), outcome("b", complete(offers("x.io/a:1=50")))],
    remembered: memory("a", "x.io/a:1=9"),
  });
  assert.equal(first.usedMemory, false);
  const second = rank({
    ...sources,
    outcomes: [outcome("a", incomplete("failed")), outcome("b", complete([]))],
    remembered: first.images,
  });
  assert.deepEqual(
    second.images.map(({ image }) => image),
    ["x.io/a:1"],
  );
});

const candidates = fc.array(
  fc.record({
    image: fc.integer({ min: 0, max: 20 }).map((number) => `x.io/app:${number}`),
    score: fc.double(),
  }),
  { maxLength: 30 },
);
const outcomesOf = fc
  .array(fc.tuple(fc.constantFrom("complete", "partial", "failed"), candidates), { maxLength: 5 })
  .map((parts) =>
    parts.map(([state, list], index) =>
      outcome(
        `s${index}`,
        state === "complete"
          ? complete(list)
          : incomplete(state === "partial" ? "partial" : "failed", list),
      ),
    ),
  );

test("the order of sources and candidates does not matter", () => {
  fc.assert(
    fc.property(outcomesOf, (outcomes) => {
      const one = { policy: policy({ sources: [], maxImages: 10 }), remembered: [] };
      const reversed = outcomes.toReversed().map((each) => ({
        ...each,
        parts: each.parts.map((part) => ({ ...part, candidates: part.candidates.toReversed() })),
      }));
      assert.deepEqual(
        rank({ ...one, outcomes: reversed }).images,
        rank({ ...one, outcomes }).images,
      );
    }),
    { numRuns: 200 },
  );
});

test("only complete answers remove anything", () => {
  fc.assert(
    fc.property(outcomesOf, fc.integer({ min: 1, max: 30 }), (outcomes, maxImages) => {
      const one = policy({ sources: [], maxImages });
      const before = rank({ policy: one, outcomes, remembered: [] }).images;
      const broken = outcomes.map(({ name }) => outcome(name, incomplete("failed")));
      const after = rank({ policy: one, outcomes: broken, remembered: before }).images;
      assert.deepEqual(
        after.map(({ image }) => image),
        before.map(({ image }) => image),
      );
    }),
    { numRuns: 200 },
  );
});
