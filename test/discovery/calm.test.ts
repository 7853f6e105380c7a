import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { DiscoveryPolicy } from "../../src/api/types.gen.ts";
import type { Candidate, RememberedImage, SourceOutcome } from "../../src/discovery/outcome.ts";
import { type RankInput, rank } from "../../src/discovery/rank.ts";
import { complete, incomplete, outcome, policy } from "./policies.ts";

const candidate = fc.record({
  image: fc.integer({ min: 0, max: 30 }).map((number) => `x.io/app:${number}`),
  // Near each other, so that the margin matters, and at times anything at all.
  score: fc.oneof({ weight: 5, arbitrary: fc.integer({ min: -20, max: 120 }) }, fc.double()),
});
const candidates = fc.array(candidate, { maxLength: 40 });

interface World {
  readonly input: RankInput;
  readonly isComplete: boolean;
}

const world: fc.Arbitrary<World> = fc
  .record({
    usage: candidates,
    more: candidates,
    releases: candidates,
    before: fc.uniqueArray(candidate, { selector: ({ image }) => image, maxLength: 20 }),
    maxImages: fc.integer({ min: 1, max: 12 }),
    churnMargin: fc.constantFrom(0, 0.01, 0.1, 0.5, 3),
    isComplete: fc.boolean(),
  })
  .map(({ usage, more, releases, before, maxImages, churnMargin, isComplete }) => ({
    isComplete,
    input: {
      policy: policy({ sources: [], maxImages }),
      outcomes: [
        outcome("usage", complete(usage)),
        outcome("more", isComplete ? complete(more) : incomplete("partial", more)),
        outcome("releases", complete(releases, "team/app")),
      ],
      remembered: before.map(({ image }, index) => ({
        image,
        score: 0,
        source: index % 3 === 0 ? "more" : "usage",
        part: "",
      })),
      churnMargin,
    },
  }));

function names(input: RankInput): readonly string[] {
  return rank(input).images.map(({ image }) => image);
}

function again(input: RankInput): RankInput {
  const remembered: readonly RememberedImage[] = rank(input).images.map((image) => ({
    ...image,
    score: 0,
  }));
  return { ...input, remembered };
}

test("asked again with the same answers nothing changes", () => {
  fc.assert(
    fc.property(world, ({ input }) => {
      const after = again(input);
      assert.deepEqual([...names(after)].sort(), [...names(input)].sort());
      assert.deepEqual(names(again(after)), names(after));
    }),
    { numRuns: 500 },
  );
});

test("there are never more images than maxImages, and as many as there are good for it", () => {
  fc.assert(
    fc.property(world, ({ input }) => {
      const images = names(input);
      const limit = input.policy.spec.maxImages;
      const dropped = rank(input).dropped.beyondMaxImages;
      assert.ok(images.length <= limit);
      assert.ok(dropped === 0 || images.length === limit);
      assert.equal(new Set(images).size, images.length);
    }),
    { numRuns: 500 },
  );
});

test("an image of the better half used more than the margin above the weakest one kept is always in", () => {
  fc.assert(
    fc.property(world, ({ input, isComplete }) => {
      fc.pre(isComplete);
      const { left } = rank(input);
      const best = bestScores(input);
      const half = plainOrder(input).slice(0, Math.ceil(input.policy.spec.maxImages / 2));
      const absent = half.filter((image) => left.has(image));
      for (const image of absent) {
        assert.ok((best.get(image) ?? 0) <= barAbove(input, input.churnMargin ?? 0), image);
      }
    }),
    { numRuns: 500 },
  );
});

test("any image used more than twenty margins above the weakest one kept is always in", () => {
  fc.assert(
    fc.property(world, ({ input, isComplete }) => {
      fc.pre(isComplete);
      const best = bestScores(input);
      const bar = barAbove(input, 20 * (input.churnMargin ?? 0));
      for (const [image] of rank(input).left) assert.ok((best.get(image) ?? 0) <= bar, image);
    }),
    { numRuns: 500 },
  );
});

test("an image scored by usage goes only for one that is used more by the margin, or a release", () => {
  fc.assert(
    fc.property(world, ({ input, isComplete }) => {
      fc.pre(isComplete);
      const { images, left } = rank(input);
      const before = new Set(input.remembered.map(({ image }) => image));
      const best = bestScores(input);
      const newcomers = images.filter(({ image, source }) => {
        return !before.has(image) && source !== "releases";
      });
      const gone = [...left.keys()].filter((image) => before.has(image));
      for (const image of gone) {
        if (sourceOf(input, image) === "releases") continue;
        const score = best.get(image) ?? 0;
        const bar = raised(score, input.churnMargin ?? 0);
        for (const newcomer of newcomers) assert.ok(newcomer.score > bar || score === bar, image);
      }
    }),
    { numRuns: 500 },
  );
});

test("without a margin or a memory it is the plain order of scores", () => {
  fc.assert(
    fc.property(world, ({ input, isComplete }) => {
      fc.pre(isComplete);
      const plain = plainOrder(input).slice(0, input.policy.spec.maxImages);
      assert.deepEqual(names({ ...input, churnMargin: 0 }), plain);
      assert.deepEqual(names({ ...input, remembered: [] }), plain);
    }),
    { numRuns: 300 },
  );
});

test("the order in which sources, candidates and memories come does not matter", () => {
  const shuffled = world.chain(({ input }) =>
    fc.record({
      input: fc.constant(input),
      outcomes: fc.shuffledSubarray([...input.outcomes], { minLength: input.outcomes.length }),
      turn: fc.boolean(),
    }),
  );
  fc.assert(
    fc.property(shuffled, ({ input, outcomes, turn }) => {
      // What an incomplete source is remembered for keeps its old order, so that one counts.
      fc.pre(input.outcomes.every(({ parts }) => parts.every(({ state }) => state === "complete")));
      const remembered = turn ? input.remembered.toReversed() : input.remembered;
      const turned = { ...input, remembered, outcomes: outcomes.map(reversed) };
      assert.deepEqual(rank(turned).images, rank(input).images);
    }),
    { numRuns: 300 },
  );
});

function reversed(one: SourceOutcome): SourceOutcome {
  return {
    ...one,
    parts: one.parts.map((part) => ({ ...part, candidates: part.candidates.toReversed() })),
  };
}

/** All images that are offered, by score alone. */
function plainOrder(input: RankInput): readonly string[] {
  return [...bestScores(input)]
    .sort(([a, one], [b, other]) => other - one || (a < b ? -1 : 1))
    .map(([image]) => image);
}

/** What lies by a margin above the least score among the images kept. */
function barAbove(input: RankInput, margin: number): number {
  return raised(Math.min(...rank(input).images.map(({ score }) => score)), margin);
}

/** A score with a margin above it, on the same side of 0. */
function raised(score: number, margin: number): number {
  return score < 0 ? score / (1 + margin) : score * (1 + margin);
}

function bestScores({ outcomes }: { readonly outcomes: RankInput["outcomes"] }) {
  const best = new Map<string, number>();
  for (const { image, score } of outcomes.flatMap(allCandidates)) {
    if (Number.isFinite(score)) best.set(image, Math.max(score, best.get(image) ?? score));
  }
  return best;
}

function allCandidates({ parts }: SourceOutcome): readonly Candidate[] {
  return parts.flatMap((part) => part.candidates);
}

/** The source that a plain ranking of everything credits an image to. */
function sourceOf(input: RankInput, image: string): string | undefined {
  const roomy: DiscoveryPolicy = {
    ...input.policy,
    spec: { ...input.policy.spec, maxImages: 1_000 },
  };
  return rank({ ...input, policy: roomy }).images.find((one) => one.image === image)?.source;
}
